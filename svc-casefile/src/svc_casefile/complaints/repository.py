"""Writes of complaints. Who makes one sees nothing of it afterwards, so nothing is read back."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Command
from shared.kit.ids import new_id
from svc_casefile.complaints.models import Complaint, ComplaintEntry
from svc_casefile.complaints.schemas import EntryKind

_COLUMNS = [*Complaint.model_fields]
_ADD = (
    f"INSERT INTO complaint ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'${n}' for n in range(1, len(_COLUMNS) + 1))})"
)
_ADD_ENTRY = "INSERT INTO complaint_entry (id, complaint_id, jurisdiction, kind, at, actor, note) VALUES ($1, $2, $3, $4, $5, $6, $7)"  # fmt: skip  # noqa: E501
PARENT = "left(c.jurisdiction, CASE length(c.jurisdiction) WHEN 7 THEN 4 WHEN 4 THEN 2 ELSE 0 END)"
"""The place one level above the one that handles `c`; the nation is the empty prefix."""


def due(place: str, since: str) -> str:
    """The last day for an answer by the rule in force at a place, or null; both are SQL expressions."""
    return f"""
        (SELECT {since} + value FROM parameter
          WHERE name = 'complaint-answer-days' AND starts_with({place}, parameter.jurisdiction)
            AND valid_from <= {since} AND (valid_to IS NULL OR valid_to >= {since})
          ORDER BY length(parameter.jurisdiction) DESC, valid_from DESC LIMIT 1)
    """


async def add(command: Command, row: Complaint) -> None:
    said = row.model_dump()
    await command.connection.execute(_ADD, *(said[column] for column in _COLUMNS))


async def add_identity(command: Command, complaint_id: UUID, *, key_id: str, sealed: bytes) -> None:
    await command.connection.execute(
        "INSERT INTO complaint_identity (complaint_id, key_id, sealed) VALUES ($1, $2, $3)",
        complaint_id,
        key_id,
        sealed,
    )


async def add_entry(
    command: Command, complaint_id: UUID, handler: str, kind: EntryKind, *, note: str | None = None
) -> None:
    row = ComplaintEntry(
        id=new_id(), complaint_id=complaint_id, jurisdiction=handler, kind=kind, at=command.now,
        actor=command.actor.subject, note=note,
    )  # fmt: skip
    await command.connection.execute(
        _ADD_ENTRY, row.id, row.complaint_id, row.jurisdiction, row.kind, row.at, row.actor, row.note
    )


async def hold(command: Command, complaint_id: UUID) -> Complaint | None:
    """The complaint, if the caller may see it, locked until the command ends."""
    return await command.session.get(Complaint, complaint_id, with_for_update=True)


async def rate(command: Command, digest: bytes, satisfaction: str) -> None:
    await command.connection.execute("SELECT rate_complaint($1, $2, $3)", digest, satisfaction, new_id())


async def announce(command: Command, *, limit: int) -> Sequence[asyncpg.Record]:
    """Take those that nobody has been told of; several processes never take the same."""
    return await command.connection.fetch(  # type: ignore[no-any-return]
        """
        UPDATE complaint SET announced_at = $1
         WHERE id IN (SELECT id FROM complaint WHERE announced_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING id, jurisdiction, version, kind, status, due_on
        """,
        command.now,
        limit,
    )


async def set_due(command: Command, *, on: date) -> None:
    """Give those that came before any rule was in force the day that follows from the rule now in force."""
    await command.connection.execute(
        f"""
        UPDATE complaint AS c SET due_on = {due("c.jurisdiction", "$1::date")}, version = version + 1
         WHERE status <> 'answered' AND due_on IS NULL AND {due("c.jurisdiction", "$1::date")} IS NOT NULL
        """,
        on,
    )


async def raise_overdue(command: Command, *, on: date, limit: int) -> Sequence[asyncpg.Record]:
    """Let those whose day is over, and those that are referred up, go one level up, with a new day."""
    return await command.connection.fetch(  # type: ignore[no-any-return]
        f"""
        UPDATE complaint AS c
           SET jurisdiction = {PARENT}, due_on = {due(PARENT, "$2::date")}, status = 'received', handled_since = $1,
               taken_at = NULL, taken_by = NULL, refer_up = false, version = version + 1
         WHERE id IN (SELECT id FROM complaint
                       WHERE status <> 'answered' AND jurisdiction <> '' AND (refer_up OR due_on < $2)
                       ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING id, jurisdiction, version, kind, status, due_on
        """,
        command.now,
        on,
        limit,
    )


async def sealed_otherwise(command: Command, key_id: str) -> Sequence[asyncpg.Record]:
    """Identities that are sealed with another key, locked."""
    return await command.connection.fetch(  # type: ignore[no-any-return]
        "SELECT complaint_id, key_id, sealed FROM complaint_identity WHERE key_id <> $1 FOR UPDATE", key_id
    )


async def seal_anew(command: Command, rows: Sequence[tuple[UUID, str, bytes]]) -> None:
    await command.connection.executemany(
        "UPDATE complaint_identity SET key_id = $2, sealed = $3 WHERE complaint_id = $1", rows
    )
