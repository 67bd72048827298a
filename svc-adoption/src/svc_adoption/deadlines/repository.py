"""Writes of deadlines."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_adoption.deadlines.models import Deadline

_OPEN = (col(Deadline.done_on).is_(None), col(Deadline.dropped_at).is_(None))


async def add(command: Command, deadline: Deadline) -> None:
    command.session.add(deadline)
    await command.session.flush()


async def hold(command: Command, deadline_id: UUID) -> Deadline:
    """Raises NotFound when not in the scope."""
    scope_from, scope_to = command.scope_range
    statement = select(Deadline).where(
        Deadline.id == deadline_id, col(Deadline.jurisdiction) >= scope_from, col(Deadline.jurisdiction) < scope_to
    )
    deadline = (await command.session.exec(statement.with_for_update())).first()
    if deadline is None:
        raise NotFound
    return deadline


async def open_of(
    command: Command, request_id: UUID, *, kind: str | None = None, about: str | None = None
) -> Sequence[Deadline]:
    """What is still to be done about a request, locked; of one kind, about one thing, where those are said."""
    statement = select(Deadline).where(Deadline.request_id == request_id, *_OPEN).order_by(col(Deadline.id))
    if kind is not None:
        statement = statement.where(Deadline.kind == kind)
    if about is not None:
        statement = statement.where(Deadline.about == about)
    return (await command.session.exec(statement.with_for_update())).all()


async def has(command: Command, request_id: UUID, kind: str) -> bool:
    found = await command.connection.fetchval(
        "SELECT EXISTS (SELECT FROM deadline WHERE request_id = $1 AND kind = $2)", request_id, kind
    )
    return bool(found)


async def take_passed(command: Command, *, on: date, limit: int) -> Sequence[Deadline]:
    """Whose day is over and was not told; what somebody works on is left for the next time."""
    statement = (
        select(Deadline)
        .where(*_OPEN, col(Deadline.told_at).is_(None), col(Deadline.due_on) < on)
        .order_by(col(Deadline.due_on))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await command.session.exec(statement)).all()


async def erase(command: Command, request_id: UUID) -> dict[str, int]:
    """How many rows are gone."""
    status = await command.connection.execute("DELETE FROM deadline WHERE request_id = $1", request_id)
    return {"deadline": int(status.rpartition(" ")[2])}
