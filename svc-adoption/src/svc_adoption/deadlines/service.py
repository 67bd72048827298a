"""What is due by which day. The court's opinion by Article 11, trials by the court's order, certificates by their own
words, visits by agreement or by a rule that a person sets; where nobody said a day there is none."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import PreconditionFailed
from svc_adoption.days import months_later, that_was
from svc_adoption.deadlines import events, queries, repository
from svc_adoption.deadlines.errors import DeadlineStepNotAllowed
from svc_adoption.deadlines.models import Deadline
from svc_adoption.deadlines.schemas import DeadlineKind, DeadlineRead, Met
from svc_adoption.parameters.queries import rules_at

RULES: Mapping[DeadlineKind, str] = {
    DeadlineKind.COURT_OPINION: "adoption-opinion-months",
    DeadlineKind.FOLLOW_UP_VISIT: "adoption-follow-up-months",
}
"""Kind → the rule on how many months it may take. Of follow-up visits no official number is known: none is set until a
person sets it."""
BY_HAND = frozenset({DeadlineKind.COURT_OPINION, DeadlineKind.DOCUMENT})
"""The others are met by what is recorded of the placement."""
AT_ONCE = 100


async def expect(
    command: Command,
    *,
    request_id: UUID,
    jurisdiction: str,
    kind: DeadlineKind,
    since: date,
    due_on: date | None = None,
    about: str | None = None,
) -> None:
    """From now on this is due, by that day or by the rule in force; instead of what was due of the same thing."""
    for known in await repository.open_of(command, request_id, kind=kind, about=about):
        known.dropped_at = command.now
    rule = None
    if due_on is None and kind in RULES:
        rules = await rules_at(command.connection, jurisdiction, names=[RULES[kind]], on=since)
        if RULES[kind] in rules:
            rule, due_on = RULES[kind], months_later(since, rules[RULES[kind]])
    await repository.add(
        command,
        Deadline(
            id=new_id(),
            jurisdiction=jurisdiction,
            version=1,
            request_id=request_id,
            kind=kind,
            about=about,
            since=since,
            due_on=due_on,
            rule=rule,
        ),
    )


async def known(command: Command, request_id: UUID) -> bool:
    """Whether the court's opinion was due of a request at any time."""
    return await repository.has(command, request_id, DeadlineKind.COURT_OPINION)


async def settle(command: Command, request_id: UUID, *, kind: DeadlineKind, on: date, about: str | None = None) -> None:
    """It was done. Nothing to do when nothing of the kind is due."""
    for deadline in await repository.open_of(command, request_id, kind=kind, about=about):
        _meet(command, deadline, on)
    await command.session.flush()


async def drop(command: Command, request_id: UUID) -> None:
    """Nothing is to be done about a request any more."""
    for deadline in await repository.open_of(command, request_id):
        deadline.dropped_at = command.now
        deadline.version += 1
    await command.session.flush()


async def meet(command: Command, deadline_id: UUID, *, version: int, body: Met) -> DeadlineRead:
    """Raises NotFound, PreconditionFailed, DeadlineStepNotAllowed and DayImpossible."""
    deadline = await repository.hold(command, deadline_id)
    if deadline.version != version:
        raise PreconditionFailed
    if deadline.done_on is not None or deadline.dropped_at is not None:
        raise DeadlineStepNotAllowed(present="closed", allowed=[])
    if deadline.kind not in BY_HAND:
        raise DeadlineStepNotAllowed(present=deadline.kind, allowed=[])
    _meet(command, deadline, that_was("/done_on", body.done_on, since=deadline.since))
    deadline.reference = body.reference
    await command.session.flush()
    return await queries.deadline(command.connection, deadline_id, scope=command.scope_range)


async def tell(command: Command, *, on: date | None = None, limit: int = AT_ONCE) -> int:
    """Announce whose day is over, each once; how many it were."""
    passed = await repository.take_passed(command, on=on or today(), limit=limit)
    for deadline in passed:
        deadline.told_at = command.now
        command.publish(events.passed(deadline))
    await command.session.flush()
    return len(passed)


def _meet(command: Command, deadline: Deadline, on: date) -> None:
    deadline.done_on, deadline.done_by = on, command.actor.subject
    deadline.version += 1
