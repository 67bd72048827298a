"""Writes of inquiries and of what is known of other bodies."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_licensing.inquiries.models import IS_IN_THE_CLEAR, IS_OPEN, Inquiry, NationalSystem, Stage, State


def add(command: Command, inquiry: Inquiry) -> None:
    command.session.add(inquiry)


async def hold(command: Command, inquiry_id: UUID) -> Inquiry:
    """Locked until the command ends, if it is inside the scope. Raises NotFound."""
    found = await command.session.get(Inquiry, inquiry_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found


async def application_of(command: Command, inquiry_id: UUID) -> UUID | None:
    """What it belongs to: that is locked first."""
    found: UUID | None = await command.connection.fetchval(
        "SELECT application_id FROM inquiry WHERE id = $1", inquiry_id
    )
    return found


async def system(command: Command, code: str) -> NationalSystem:
    """Raises NotFound."""
    found = await command.session.get(NationalSystem, code)
    if found is None:
        raise NotFound
    return found


async def hold_system(command: Command, code: str) -> NationalSystem:
    """Locked until the command ends. Raises NotFound."""
    found = await command.session.get(NationalSystem, code, with_for_update=True)
    if found is None:
        raise NotFound
    return found


async def running_over(command: Command, day: date) -> list[tuple[UUID, date, int]]:
    """Which ones a change of that day moves, counted from when, for how many working days."""
    rows = await command.connection.fetch(
        f"SELECT id, counted_from, days FROM inquiry WHERE {IS_OPEN} AND counted_from < $1 AND due_on >= $1 - 1"
        " ORDER BY id FOR UPDATE",
        day,
    )
    return [(row["id"], row["counted_from"], row["days"]) for row in rows]


async def move(command: Command, moved: Sequence[tuple[UUID, date]]) -> None:
    await command.connection.execute(
        "UPDATE inquiry AS i SET due_on = m.due_on FROM unnest($1::uuid[], $2::date[]) AS m (id, due_on)"
        " WHERE i.id = m.id",
        *zip(*moved, strict=True),
    )


async def take_queued(command: Command, *, limit: int) -> list[Inquiry]:
    """Those whose system answers again; what somebody else is working on is left for the next time."""
    statement = (
        select(Inquiry)
        .join(NationalSystem, col(NationalSystem.code) == col(Inquiry.system))
        .where(
            Inquiry.state == State.QUEUED,
            col(Inquiry.sealed).is_(None),
            col(Inquiry.replaced_by).is_(None),
            col(NationalSystem.connected).is_(True),
            col(NationalSystem.down_since).is_(None),
        )
        .order_by(col(Inquiry.id))
        .limit(limit)
        .with_for_update(of=Inquiry, skip_locked=True)
    )
    return [*(await command.session.exec(statement)).all()]


async def take_overdue(command: Command, *, on: date, limit: int) -> list[Inquiry]:
    """Open ones whose day is over and of which nobody was told."""
    statement = (
        select(Inquiry)
        .where(
            col(Inquiry.state).in_([State.QUEUED, State.ASKED, State.EVIDENCE_GIVEN]),
            col(Inquiry.settled_at).is_(None),
            col(Inquiry.replaced_by).is_(None),
            col(Inquiry.due_on) < on,
            col(Inquiry.overdue_at).is_(None),
        )
        .order_by(col(Inquiry.due_on), col(Inquiry.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [*(await command.session.exec(statement)).all()]


async def expired(command: Command, *, on: date, limit: int) -> list[tuple[UUID, UUID]]:
    """Inquiries whose answer has expired while the application is still to be decided, each with that application."""
    rows = await command.connection.fetch(
        "SELECT i.id, i.application_id FROM inquiry AS i JOIN application AS a ON a.id = i.application_id"
        " WHERE i.settled_at IS NOT NULL AND i.replaced_by IS NULL AND i.valid_until < $1"
        " AND a.status IN ('inquiring', 'sent-on', 'incomplete', 'vetting', 'reviewed', 'tabled', 'appealed')"
        " ORDER BY i.valid_until, i.id LIMIT $2",
        on,
        limit,
    )
    return [(row["id"], row["application_id"]) for row in rows]


async def any_open(command: Command, application_id: UUID, stage: Stage) -> bool:
    return bool(
        await command.connection.fetchval(
            f"SELECT EXISTS (SELECT FROM inquiry WHERE application_id = $1 AND stage = $2 AND {IS_OPEN})",
            application_id,
            stage,
        )
    )


async def in_the_clear(command: Command, *, limit: int | None) -> list[Inquiry]:
    """Answers that are not sealed and ought to be; what somebody else is working on is left for the next time."""
    statement = select(Inquiry).where(text(IS_IN_THE_CLEAR)).order_by(col(Inquiry.id)).limit(limit)
    return [*(await command.session.exec(statement.with_for_update(skip_locked=True))).all()]


async def sealed_otherwise(command: Command, key_id: str) -> list[Inquiry]:
    statement = select(Inquiry).where(col(Inquiry.key_id) != key_id).order_by(col(Inquiry.id))
    return [*(await command.session.exec(statement.with_for_update())).all()]
