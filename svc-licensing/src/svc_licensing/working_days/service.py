"""Official holidays: set for days to come, and every deadline that runs over such a day moves with it."""

from datetime import date

from shared.chassis.database import Command, Query
from shared.kit.calendar import jalali, today
from shared.kit.jurisdiction import Level
from shared.kit.problems import NotFound, ScopeForbidden
from svc_licensing import calendar
from svc_licensing.deadlines import repository as deadlines
from svc_licensing.inquiries import repository as inquiries
from svc_licensing.working_days import queries, repository
from svc_licensing.working_days.errors import HolidayKnown, HolidayOver
from svc_licensing.working_days.schemas import Counted, Counting, HolidayCreate, HolidayRead


async def add(command: Command, body: HolidayCreate) -> HolidayRead:
    """Raises ScopeForbidden, HolidayOver and HolidayKnown."""
    _require_nation(command)
    if body.day <= today():
        raise HolidayOver
    if not await repository.add(command, body.day, body.name_fa):
        raise HolidayKnown
    await _move_what_runs(command, body.day)
    added = await queries.read_holiday(command.connection, body.day)
    assert added is not None
    return added


async def remove(command: Command, day: date) -> None:
    """Raises ScopeForbidden, HolidayOver and NotFound."""
    _require_nation(command)
    if not await repository.remove(command, day):
        raise NotFound
    if day <= today():
        raise HolidayOver
    await _move_what_runs(command, day)


async def count(query: Query, asked: Counting) -> Counted:
    known = await queries.holidays(query.connection, since=asked.since)
    day = calendar.after(asked.since, asked.days, known)
    return Counted(day=day, day_jalali=jalali(day))


async def _move_what_runs(command: Command, day: date) -> None:
    for table in (deadlines, inquiries):
        running = await table.running_over(command, day)
        if running:
            since = min(counted_from for _, counted_from, _ in running)
            known = await queries.holidays(command.connection, since=since)
            moved = [(row_id, calendar.after(start, days, known)) for row_id, start, days in running]
            await table.move(command, moved)


def _require_nation(command: Command) -> None:
    if command.scope.level != Level.NATION:
        raise ScopeForbidden
