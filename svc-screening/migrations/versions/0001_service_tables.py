"""Outbox, inbox and idempotency keys."""

from alembic import op

from shared.chassis.migrations import create_service_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_service_tables(op)
