"""From the court's trial order to its final ruling, Articles 11 and 12, and what it decides anew, Article 20.

In the trial the family is visited.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.kit.ids import new_id
from shared.kit.problems import PreconditionFailed
from svc_adoption import sealed
from svc_adoption.children import service as children
from svc_adoption.children.schemas import ChildState
from svc_adoption.days import months_later, that_was
from svc_adoption.deadlines import service as deadlines
from svc_adoption.deadlines.schemas import DeadlineKind
from svc_adoption.matching import service as matching
from svc_adoption.parameters.service import required
from svc_adoption.placements import events, queries, repository
from svc_adoption.placements.errors import PlacementStepNotAllowed, TrialNotOver
from svc_adoption.placements.models import Placement
from svc_adoption.placements.schemas import (
    Kept,
    PlacementCreate,
    PlacementRead,
    PlacementState,
    PlacementSummary,
    Redecision,
    RedecisionOutcome,
    Revocation,
    Ruling,
    Visit,
    VisitCreate,
)
from svc_adoption.queue import service as queue
from svc_adoption.requests import service as requests

TABLE = sealed.sealing("placement")
TRIAL_MONTHS = "adoption-trial-months"
"""The rule on how long a trial is (Article 11: six months)."""

STEPS: Mapping[str, PlacementState] = {
    **dict.fromkeys(("visit", "finalise", "revoke"), PlacementState.TRIAL),
    "decide-anew": PlacementState.FINAL,
}
"""Operation → in which state it is possible."""


async def order_trial(command: Command, body: PlacementCreate, *, seals: Seals) -> PlacementSummary:
    """Raises NotFound, MatchStepNotAllowed, DayImpossible and RuleNotSet."""
    match = await matching.place(command, body.match_id, seals=seals)
    ordered_on = that_was("/order/issued_on", body.order.issued_on, since=match.answered_on)
    months = await required(command, TRIAL_MONTHS, place=match.jurisdiction, on=ordered_on)
    placement = Placement(
        id=new_id(),
        jurisdiction=match.jurisdiction,
        version=0,
        request_id=match.request_id,
        match_id=match.id,
        child_ids=match.child_ids,
        state=PlacementState.TRIAL,
        ordered_on=ordered_on,
        ends_on=months_later(ordered_on, months),
        visits=0,
        key_id="",
        sealed=b"",
    )
    command.session.add(placement)
    await requests.move(command, match.request_id, "order-trial")
    await _expect(command, placement, DeadlineKind.TRIAL_END, since=ordered_on, due_on=placement.ends_on)
    await _expect(command, placement, DeadlineKind.FOLLOW_UP_VISIT, since=ordered_on, due_on=body.first_visit_on)
    return await _next(
        command, placement, Kept(order=body.order, property_transfer=body.property_transfer), seals=seals
    )


async def visit(
    command: Command, placement_id: UUID, *, version: int, body: VisitCreate, seals: Seals
) -> PlacementSummary:
    """Raises NotFound, PreconditionFailed, PlacementStepNotAllowed and DayImpossible."""
    placement, kept = await _at_step(command, placement_id, "visit", version=version, seals=seals)
    day = that_was("/visited_on", body.visited_on, since=placement.ordered_on)
    kept.visited.append(Visit(visited_on=day, visited_by=command.actor.subject, report=body.report))
    placement.visits += 1
    await deadlines.settle(
        command, placement.request_id, kind=DeadlineKind.FOLLOW_UP_VISIT, on=day, about=str(placement.id)
    )
    await _expect(command, placement, DeadlineKind.FOLLOW_UP_VISIT, since=day, due_on=body.next_visit_on)
    return await _next(command, placement, kept, seals=seals)


async def finalise(
    command: Command, placement_id: UUID, *, version: int, body: Ruling, seals: Seals
) -> PlacementSummary:
    """The court rules after the trial. Raises TrialNotOver as well."""
    placement, kept = await _at_step(command, placement_id, "finalise", version=version, seals=seals)
    day = that_was("/ruling/issued_on", body.ruling.issued_on, since=placement.ordered_on)
    if day <= placement.ends_on:
        raise TrialNotOver(ends_on=placement.ends_on.isoformat())
    kept.ended_by = body.ruling
    await _end(command, placement, PlacementState.FINAL, ChildState.ADOPTED, step="finalise", on=day)
    return await _next(command, placement, kept, seals=seals)


async def revoke(
    command: Command, placement_id: UUID, *, version: int, body: Revocation, seals: Seals
) -> PlacementSummary:
    """The court takes the children back in the trial; a family is looked for again."""
    placement, kept = await _at_step(command, placement_id, "revoke", version=version, seals=seals)
    day = that_was("/order/issued_on", body.order.issued_on, since=placement.ordered_on)
    kept.ended_by, kept.revoked_because = body.order, body.reason
    await _end(command, placement, PlacementState.REVOKED, ChildState.ELIGIBLE, step="revoke", on=day)
    return await _next(command, placement, kept, seals=seals)


async def decide_anew(
    command: Command, placement_id: UUID, *, version: int, body: Redecision, seals: Seals
) -> PlacementSummary:
    """What the court has decided after a death, a separation or a divorce.

    A child who leaves is withdrawn: whether it can be placed once more, Article 8 says of it anew.
    """
    placement, kept = await _at_step(command, placement_id, "decide-anew", version=version, seals=seals)
    happened = that_was("/happened_on", body.happened_on, since=placement.ordered_on)
    day = that_was("/ruling/issued_on", body.ruling.issued_on, since=happened)
    kept.decided_anew.append(body)
    if body.outcome == RedecisionOutcome.LEAVES:
        placement.state, placement.ended_on = PlacementState.ENDED, day
        held = await children.hold(command, placement.child_ids)
        await children.move(command, held, ChildState.WITHDRAWN)
    return await _next(command, placement, kept, seals=seals)


async def read(query: Query, placement_id: UUID, *, seals: Seals) -> PlacementRead:
    """Raises NotFound."""
    row = await queries.sealed(query.connection, placement_id, scope=query.scope_range)
    kept = sealed.opened(TABLE, row, Kept, seals=seals)
    return PlacementRead(
        **{name: value for name, value in row.items() if name not in {"key_id", "sealed"}}, **kept.model_dump()
    )


async def _expect(
    command: Command, placement: Placement, kind: DeadlineKind, *, since: date, due_on: date | None
) -> None:
    await deadlines.expect(
        command,
        request_id=placement.request_id,
        jurisdiction=placement.jurisdiction,
        kind=kind,
        since=since,
        due_on=due_on,
        about=str(placement.id),
    )


async def _end(
    command: Command, placement: Placement, state: PlacementState, child_state: ChildState, *, step: str, on: date
) -> None:
    placement.state, placement.ended_on = state, on
    await children.move(command, await children.hold(command, placement.child_ids), child_state)
    await requests.move(command, placement.request_id, step)
    await queue.leave(command, placement.request_id, reason=state)
    await deadlines.settle(command, placement.request_id, kind=DeadlineKind.TRIAL_END, on=on, about=str(placement.id))
    await deadlines.drop(command, placement.request_id)


async def _at_step(
    command: Command, placement_id: UUID, step: str, *, version: int, seals: Seals
) -> tuple[Placement, Kept]:
    placement = await repository.hold(command, placement_id)
    if placement.version != version:
        raise PreconditionFailed
    if placement.state != STEPS[step]:
        raise PlacementStepNotAllowed(
            present=placement.state, allowed=[name for name, state in STEPS.items() if state == placement.state]
        )
    return placement, sealed.opened(TABLE, placement.model_dump(), Kept, seals=seals)


async def _next(command: Command, placement: Placement, kept: Kept, *, seals: Seals) -> PlacementSummary:
    placement.version += 1
    placement.key_id, placement.sealed = sealed.seal(TABLE, placement.id, kept, seals=seals)
    await command.session.flush()
    command.publish(events.changed(placement))
    return PlacementSummary.model_validate(placement.model_dump(include={*PlacementSummary.model_fields}))
