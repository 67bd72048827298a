"""Which family a child is proposed to: whose turn it is among those it fits; a committee decides, two people confirm.

Proposed → decided by the committee → confirmed by a second person (`matched`) → introduced → accepted, and from there
to the trial (`placements`). Refused, declined and cancelled give child and family free again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, PreconditionFailed, ScopeForbidden
from svc_adoption import fitness, sealed
from svc_adoption.children import queries as known_children
from svc_adoption.children import service as children
from svc_adoption.children.schemas import ChildState
from svc_adoption.committees.errors import SecondMemberNeeded
from svc_adoption.days import that_was
from svc_adoption.fitness import AT_MOST, CHILD_UNDER, TAKEN, Misfit, Wanted
from svc_adoption.matching import events, queries, repository
from svc_adoption.matching.errors import (
    ChildNotFree,
    DoesNotFit,
    MatchStepNotAllowed,
    OutOfTurn,
    ProposedAlready,
)
from svc_adoption.matching.models import Match
from svc_adoption.matching.schemas import (
    Answer,
    Cancellation,
    Candidate,
    Candidates,
    CommitteeDecision,
    CourtPermit,
    Decline,
    Introduction,
    Kept,
    MatchCreate,
    MatchRead,
    MatchState,
    MatchSummary,
    PassedOver,
    Search,
)
from svc_adoption.parameters.errors import RuleNotSet
from svc_adoption.parameters.queries import rules_at
from svc_adoption.priority import Group, months
from svc_adoption.queue import service as queue
from svc_adoption.queue.errors import NotInTheQueue
from svc_adoption.requests import service as requests

TABLE = sealed.sealing("match")
AT_ONCE = 200

STEPS: Mapping[str, frozenset[MatchState]] = {
    "decide": frozenset({MatchState.PROPOSED}),
    "confirm": frozenset({MatchState.DECIDED}),
    "introduce": frozenset({MatchState.MATCHED}),
    "accept": frozenset({MatchState.INTRODUCED}),
    "decline": frozenset({MatchState.MATCHED, MatchState.INTRODUCED}),
    "cancel": frozenset({MatchState.PROPOSED, MatchState.DECIDED, MatchState.MATCHED, MatchState.INTRODUCED}),
    "place": frozenset({MatchState.ACCEPTED}),
}
"""Operation → in which states it is possible; `place` is the court's trial order."""
_GIVES_BACK: Mapping[str, str] = {MatchState.MATCHED: "unmatch", MatchState.INTRODUCED: "decline"}
"""State of the proposal → by which step its request waits again."""


@dataclass(slots=True)
class _Search:
    """Children who stay together, and by which rules a family is looked for."""

    rows: Sequence[Mapping[str, Any]]
    fitting: Sequence[fitness.Child]
    queue: str
    at_most: int
    child_under: int
    permits: frozenset[fitness.Permit]
    on: date = field(default_factory=today)

    @property
    def ages(self) -> list[int]:
        return sorted(months(child.born, self.on) for child in self.fitting)

    def against(self, row: Mapping[str, Any], *, seals: Seals) -> list[Misfit]:
        return fitness.misfits(
            self.fitting,
            queue.opened(row, seals=seals),
            Wanted(**{name: row[name] for name in Wanted.model_fields}),
            on=self.on,
            at_most=self.at_most,
            child_under=self.child_under,
            permits=self.permits,
        )


async def candidates(query: Query, wanted: Search, *, seals: Seals) -> Candidates:
    """Whose turn it is. Raises NotFound, ScopeForbidden and RuleNotSet."""
    search = await _search(query, wanted.child_id, wanted.permits, seals=seals)
    found, passed = await _look(query, search, seals=seals, limit=wanted.limit)
    return Candidates(
        child_ids=[row["id"] for row in search.rows],
        candidates=[
            Candidate(
                request_id=row["id"],
                jurisdiction=row["jurisdiction"],
                group=Group(row["rank"]).word,
                senior=row["senior"],
                since=row["since"],
            )
            for row in found
        ],
        passed_over=passed,
    )


async def propose(command: Command, body: MatchCreate, *, seals: Seals) -> MatchSummary:
    """Raises NotFound, ScopeForbidden, ChildNotFree, NotInTheQueue, ProposedAlready, DoesNotFit, OutOfTurn and
    RuleNotSet."""
    search = await _search(command, body.child_id, body.permits, seals=seals)
    held = await children.hold(command, [row["id"] for row in search.rows])
    if any(child.state != ChildState.ELIGIBLE for child in held):
        raise ChildNotFree
    if not await queue.holds(command, body.request_id):
        raise NotInTheQueue
    ahead, passed = await _look(command, search, seals=seals, until=body.request_id)
    chosen = ahead.pop() if ahead and ahead[-1]["id"] == body.request_id else None
    if chosen is None:
        raise NotInTheQueue
    if chosen["proposed"]:
        raise ProposedAlready
    if against := search.against(chosen, seals=seals):
        raise DoesNotFit(
            errors=[FieldError("/request_id", each.code, {"fa": each.fa, "en": each.en}) for each in against]
        )
    if ahead and body.reason is None:
        raise OutOfTurn(ahead=len(ahead))
    match = Match(
        id=new_id(),
        jurisdiction=chosen["jurisdiction"],
        version=0,
        request_id=body.request_id,
        child_ids=[child.id for child in held],
        state=MatchState.PROPOSED,
        state_since=command.now,
        proposed_at=command.now,
        proposed_by=command.actor.subject,
        out_of_turn=bool(ahead),
        key_id="",
        sealed=b"",
    )
    kept = Kept(permits=body.permits, reason=body.reason, passed_over=passed)
    command.session.add(match)
    await children.move(command, held, ChildState.PROPOSED)
    return await _next(command, match, kept, MatchState.PROPOSED, seals=seals)


async def decide(
    command: Command, match_id: UUID, *, version: int, body: CommitteeDecision, seals: Seals
) -> MatchSummary:
    """Record what the committee decided. Raises NotFound, PreconditionFailed, MatchStepNotAllowed, DayImpossible."""
    match, kept = await _at_step(command, match_id, "decide", version=version, seals=seals)
    that_was("/decided_on", body.decided_on)
    kept.decision, match.decided_by = body, command.actor.subject
    if body.outcome == "refused":
        await _free(command, match)
        return await _next(command, match, kept, MatchState.REFUSED, seals=seals)
    return await _next(command, match, kept, MatchState.DECIDED, seals=seals)


async def confirm(command: Command, match_id: UUID, *, version: int, seals: Seals) -> MatchSummary:
    """The second pair of eyes. Raises SecondMemberNeeded as well."""
    match, kept = await _at_step(command, match_id, "confirm", version=version, seals=seals)
    if command.actor.subject in {match.proposed_by, match.decided_by}:
        raise SecondMemberNeeded
    match.confirmed_by = command.actor.subject
    await children.move(command, await children.hold(command, match.child_ids), ChildState.MATCHED)
    await queue.pause(command, match.request_id, reason="matched")
    await requests.move(command, match.request_id, "match")
    return await _next(command, match, kept, MatchState.MATCHED, seals=seals)


async def introduce(
    command: Command, match_id: UUID, *, version: int, body: Introduction, seals: Seals
) -> MatchSummary:
    """The family has met the child. Raises DayImpossible as well."""
    match, kept = await _at_step(command, match_id, "introduce", version=version, seals=seals)
    match.introduced_on = that_was("/introduced_on", body.introduced_on, since=_decided_on(kept))
    await requests.move(command, match.request_id, "introduce")
    return await _next(command, match, kept, MatchState.INTRODUCED, seals=seals)


async def accept(command: Command, match_id: UUID, *, version: int, body: Answer, seals: Seals) -> MatchSummary:
    """The family takes the child in. Raises DayImpossible as well."""
    match, kept = await _at_step(command, match_id, "accept", version=version, seals=seals)
    match.answered_on = that_was("/answered_on", body.answered_on, since=match.introduced_on)
    return await _next(command, match, kept, MatchState.ACCEPTED, seals=seals)


async def decline(command: Command, match_id: UUID, *, version: int, body: Decline, seals: Seals) -> MatchSummary:
    """The family does not take this child, and waits again where it waited. Raises DayImpossible as well."""
    match, kept = await _at_step(command, match_id, "decline", version=version, seals=seals)
    since = match.introduced_on or _decided_on(kept)
    match.answered_on = that_was("/answered_on", body.answered_on, since=since)
    kept.ended_because = body.reason
    await _give_back(command, match, reason="declined")
    return await _next(command, match, kept, MatchState.DECLINED, seals=seals)


async def cancel(command: Command, match_id: UUID, *, version: int, body: Cancellation, seals: Seals) -> MatchSummary:
    """The office takes the proposal back; the family waits on where it waited."""
    match, kept = await _at_step(command, match_id, "cancel", version=version, seals=seals)
    kept.ended_because = body.reason
    await _give_back(command, match, reason="cancelled")
    return await _next(command, match, kept, MatchState.CANCELLED, seals=seals)


async def place(command: Command, match_id: UUID, *, seals: Seals) -> Match:
    """The court has ordered the trial: children and family are with each other. Raises NotFound and
    MatchStepNotAllowed."""
    match, kept = await _at_step(command, match_id, "place", version=None, seals=seals)
    await children.move(command, await children.hold(command, match.child_ids), ChildState.TRIAL)
    await _next(command, match, kept, MatchState.PLACED, seals=seals)
    return match


async def read(query: Query, match_id: UUID, *, seals: Seals) -> MatchRead:
    """Raises NotFound."""
    row = await queries.sealed(query.connection, match_id, scope=query.scope_range)
    kept = sealed.opened(TABLE, row, Kept, seals=seals)
    plain = {name: value for name, value in row.items() if name not in {"key_id", "sealed"}}
    shown = await known_children.summaries(query.connection, row["child_ids"], scope=query.scope_range)
    return MatchRead(**plain, **kept.model_dump(), children=shown)


async def _search(asked: Command | Query, child_id: UUID, permits: Sequence[CourtPermit], *, seals: Seals) -> _Search:
    scope = asked.scope_range
    together = await known_children.together_with(asked.connection, child_id, scope=scope)
    rows = await known_children.all_sealed(asked.connection, together, scope=scope)
    province = rows[0]["queue"]
    if not asked.scope.covers(Jurisdiction(province)):
        raise ScopeForbidden
    rules = await rules_at(asked.connection, province, names=[AT_MOST, CHILD_UNDER], on=today())
    for name in (AT_MOST, CHILD_UNDER):
        if name not in rules:
            raise RuleNotSet(rule=name)
    return _Search(
        rows=rows,
        fitting=[children.fitting(row, seals=seals) for row in rows],
        queue=province,
        at_most=rules[AT_MOST],
        child_under=rules[CHILD_UNDER],
        permits=frozenset(each.of for each in permits),
    )


async def _look(
    asked: Command | Query, search: _Search, *, seals: Seals, limit: int | None = None, until: UUID | None = None
) -> tuple[list[Mapping[str, Any]], PassedOver]:
    """Go down the queue: whom the children suit, whose turn it is first, and whom they do not.

    Ends after so many, or at the one that is named, who is the last in the list whether or not they suit.
    """
    found: list[Mapping[str, Any]] = []
    by_wish, by_law = 0, Counter[str]()
    after = None
    while True:
        rows = await queries.waiting(
            asked.connection,
            search.queue,
            scope=asked.scope_range,
            sexes=sorted({child.sex for child in search.fitting}),
            months=(search.ages[0], search.ages[-1]),
            wishes=[wish for wish, taken in TAKEN.items() if all(child.health in taken for child in search.fitting)],
            together=len(search.fitting),
            after=after,
            limit=AT_ONCE,
        )
        for row in rows:
            if row["id"] == until:
                return [*found, row], PassedOver(by_wish=by_wish, by_law=dict(by_law))
            if row["proposed"]:
                continue
            if not row["suits"]:
                by_wish += 1
                continue
            if against := search.against(row, seals=seals):
                by_law.update({each.code for each in against})
                continue
            found.append(row)
            if len(found) == limit:
                break
        if len(rows) < AT_ONCE or len(found) == limit:
            return found, PassedOver(by_wish=by_wish, by_law=dict(by_law))
        after = rows[-1]


def _decided_on(kept: Kept) -> date:
    # not the day of the proposal here: what a committee did on paper is recorded afterwards
    assert kept.decision is not None
    return kept.decision.decided_on


async def _give_back(command: Command, match: Match, *, reason: str) -> None:
    await _free(command, match)
    step = _GIVES_BACK.get(match.state)
    if step is not None:
        await requests.move(command, match.request_id, step)
        await queue.resume(command, match.request_id, reason=reason)


async def _free(command: Command, match: Match) -> None:
    await children.move(command, await children.hold(command, match.child_ids), ChildState.ELIGIBLE)


async def _at_step(
    command: Command, match_id: UUID, step: str, *, version: int | None, seals: Seals
) -> tuple[Match, Kept]:
    match = await repository.hold(command, match_id)
    if version is not None and match.version != version:
        raise PreconditionFailed
    if match.state not in STEPS[step]:
        allowed = [name for name, states in STEPS.items() if match.state in states]
        raise MatchStepNotAllowed(present=match.state, allowed=allowed)
    return match, sealed.opened(TABLE, match.model_dump(), Kept, seals=seals)


async def _next(command: Command, match: Match, kept: Kept, state: MatchState, *, seals: Seals) -> MatchSummary:
    match.state, match.state_since = state, command.now
    match.version += 1
    match.key_id, match.sealed = sealed.seal(TABLE, match.id, kept, seals=seals)
    await command.session.flush()
    command.publish(events.changed(match))
    return MatchSummary.model_validate(match.model_dump(include={*MatchSummary.model_fields}))
