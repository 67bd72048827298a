"""Writes of the queue."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.ids import new_id
from svc_adoption.queue.models import QueueChange, QueueEntry


async def hold(command: Command, request_id: UUID) -> QueueEntry | None:
    """The entry, locked until the command ends; none when the request never waited, or is not in the scope."""
    statement = select(QueueEntry).where(QueueEntry.id == request_id).with_for_update()
    return (await command.session.exec(statement)).first()


async def add(command: Command, entry: QueueEntry) -> None:
    command.session.add(entry)
    await command.session.flush()


async def changed(command: Command, entry: QueueEntry, *, reason: str) -> None:
    """Keep the entry and how it stands now."""
    command.session.add(
        QueueChange(
            id=new_id(),
            request_id=entry.id,
            jurisdiction=entry.jurisdiction,
            at=command.now,
            actor=command.actor.subject,
            reason=reason,
            state=entry.state,
            rank=entry.rank,
            senior=entry.senior,
            since=entry.since,
        )
    )
    await command.session.flush()


async def take_unlooked(command: Command, *, on: date, limit: int) -> Sequence[QueueEntry]:
    """Who waits among the younger and was not looked at on that day; what somebody works on is left for later."""
    statement = (
        select(QueueEntry)
        .where(QueueEntry.state == "waiting", col(QueueEntry.senior).is_(False), col(QueueEntry.looked_on) < on)
        .order_by(col(QueueEntry.looked_on), col(QueueEntry.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await command.session.exec(statement)).all()


async def erase(command: Command, request_id: UUID) -> dict[str, int]:
    """How many rows of each table are gone."""
    gone = {}
    for table, column in (("queue_change", "request_id"), ("queue_entry", "id")):
        status = await command.connection.execute(f"DELETE FROM {table} WHERE {column} = $1", request_id)
        gone[table] = int(status.rpartition(" ")[2])
    return gone
