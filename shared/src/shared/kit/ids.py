"""Identifiers that sort by the time they were made."""

import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """A UUIDv7: neighbours in time are neighbours in the index."""
    return uuid_utils.compat.uuid7()
