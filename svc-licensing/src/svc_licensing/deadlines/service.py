"""Clocks: started and stopped by what happens to an application, paused while it is somebody else's turn.

How long one may take is a requirement of kind `deadline`. While nobody vouches for that figure the clock runs all the
same, so that it can be told how long things take, and nothing falls due.
"""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from svc_licensing import calendar
from svc_licensing.deadlines import events, repository
from svc_licensing.deadlines.models import OFFICE, Code, Deadline, Office
from svc_licensing.rules import Kind, Rules
from svc_licensing.working_days import queries as working_days


async def start(command: Command, application_id: UUID, code: Code, *, place: str, rules: Rules) -> None:
    """From today on; the founder's by the rule on lapsing, everybody else's by that on their deadline."""
    if code == Code.COMPLETE_FILE:
        days = rules.figure(Kind.LAPSE, code, "days")
        reminders = rules.figure(Kind.LAPSE, code, "reminders") or 0
    else:
        days, reminders = rules.figure(Kind.DEADLINE, code, "days"), 0
    deadline = Deadline(
        id=new_id(),
        application_id=application_id,
        jurisdiction=place,
        code=code,
        office=OFFICE[code],
        started_at=command.now,
        counted_from=today(),
        days=days,
        reminders_left=reminders,
    )
    await _run(command, deadline)
    repository.add(command, deadline)
    await command.session.flush()


async def stop(command: Command, application_id: UUID, code: Code | None = None) -> None:
    """One, or all of an application that is over."""
    for deadline in await repository.open_ones(command, application_id, code):
        deadline.stopped_at = command.now
    await command.session.flush()


async def pause(command: Command, application_id: UUID, code: Code) -> None:
    """Keep the working days that are left for later."""
    for deadline in await repository.open_ones(command, application_id, code):
        if deadline.paused_at is None:
            if deadline.days is not None:
                known = await working_days.holidays(command.connection, since=deadline.counted_from)
                gone = calendar.between(deadline.counted_from, today(), known)
                deadline.days = max(0, deadline.days - gone)
            deadline.paused_at, deadline.due_on = command.now, None
    await command.session.flush()


async def resume(command: Command, application_id: UUID, code: Code) -> bool:
    """Let one that is paused go on; whether there is one at all."""
    found = await repository.open_ones(command, application_id, code)
    for deadline in found:
        if deadline.paused_at is not None:
            deadline.paused_at, deadline.counted_from = None, today()
            await _run(command, deadline)
    await command.session.flush()
    return bool(found)


async def remind(command: Command, deadline: Deadline) -> None:
    """Tell whose turn it is, on the day itself. A founder who is reminded has the same time once more."""
    command.publish(events.reminded(deadline))
    deadline.reminded_at = command.now
    if deadline.office == Office.FOUNDER and deadline.reminders_left:
        deadline.reminders_left -= 1
        deadline.reminded_at = None
        deadline.counted_from = today()
        await _run(command, deadline)


def escalate(command: Command, deadline: Deadline) -> None:
    """Tell the level above the office that let the day go by."""
    place = Jurisdiction.from_code(deadline.jurisdiction)
    office = place.province if deadline.office == Office.PROVINCE else place.county
    above = office.parent if office is not None else None
    assert above is not None
    deadline.escalated_to, deadline.escalated_at = above.code, command.now
    command.publish(events.overdue(deadline, to=above))


async def _run(command: Command, deadline: Deadline) -> None:
    if deadline.days is not None:
        known = await working_days.holidays(command.connection, since=deadline.counted_from)
        deadline.due_on = calendar.after(deadline.counted_from, deadline.days, known)
