"""Writes of deadlines."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from svc_licensing.deadlines.models import RUNS, Deadline

Running = tuple[UUID, date, int]
"""Which one, counted from when, for how many working days."""


def add(command: Command, deadline: Deadline) -> None:
    command.session.add(deadline)


async def open_ones(command: Command, application_id: UUID, code: str | None = None) -> list[Deadline]:
    """Those that run or are paused."""
    statement = select(Deadline).where(Deadline.application_id == application_id, col(Deadline.stopped_at).is_(None))
    if code is not None:
        statement = statement.where(Deadline.code == code)
    return [*(await command.session.exec(statement.with_for_update())).all()]


async def running_over(command: Command, day: date) -> list[Running]:
    """Those that a change of that day moves. Nobody who starts or stops one waits longer than this takes."""
    rows = await command.connection.fetch(
        f"SELECT id, counted_from, days FROM deadline WHERE {RUNS} AND counted_from < $1 AND due_on >= $1 - 1"
        " ORDER BY id FOR UPDATE",
        day,
    )
    return [(row["id"], row["counted_from"], row["days"]) for row in rows]


async def move(command: Command, moved: Sequence[tuple[UUID, date]]) -> None:
    await command.connection.execute(
        "UPDATE deadline AS d SET due_on = m.due_on FROM unnest($1::uuid[], $2::date[]) AS m (id, due_on)"
        " WHERE d.id = m.id",
        *zip(*moved, strict=True),
    )


async def due(command: Command, *, on: date, limit: int) -> list[tuple[UUID, UUID]]:
    """Those of which somebody is to be told, each with its application: whose turn it is on the day itself, the level
    above on the day after; the founder's file lapses then."""
    rows = await command.connection.fetch(
        f"SELECT id, application_id FROM deadline WHERE {RUNS} AND ((due_on <= $1 AND reminded_at IS NULL)"
        " OR (due_on < $1 AND escalated_to IS NULL)) ORDER BY due_on, id LIMIT $2",
        on,
        limit,
    )
    return [(row["id"], row["application_id"]) for row in rows]
