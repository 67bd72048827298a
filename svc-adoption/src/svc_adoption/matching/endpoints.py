"""Proposing a child to a family: whose turn it is, the committee's decision, four eyes, and the family's answer."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_adoption.committees.errors import SecondMemberNeeded
from svc_adoption.days import DayImpossible
from svc_adoption.matching import queries, service
from svc_adoption.matching.errors import (
    ChildNotFree,
    DoesNotFit,
    MatchStepNotAllowed,
    OutOfTurn,
    ProposedAlready,
)
from svc_adoption.matching.schemas import (
    Answer,
    Cancellation,
    Candidates,
    CommitteeDecision,
    Decline,
    Introduction,
    MatchCreate,
    MatchFilters,
    MatchRead,
    MatchSummary,
    Search,
)
from svc_adoption.parameters.errors import RuleNotSet
from svc_adoption.queue.errors import NotInTheQueue

router = Router(prefix="/v1/adoption-matches", tags=["Adoption: matching"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, MatchStepNotAllowed]
_HELD = [*_STEP, ScopeForbidden]


@router.post(
    ":search",
    permission=Permission.ADOPTION_PLACE,
    personal=True,
    read_only=True,
    problems=[NotFound, ScopeForbidden, RuleNotSet],
)
async def search_families_for_child(body: Search, query: Query, seals: Sealing) -> Candidates:
    """Which families a child fits, whose turn it is first, and how many before them it does not fit and why.

    In the scope of the province, whose queue it is.
    """
    return await service.candidates(query, body, seals=seals)


@router.post(
    "",
    permission=Permission.ADOPTION_PLACE,
    status_code=201,
    problems=[
        NotFound,
        ScopeForbidden,
        ChildNotFree,
        NotInTheQueue,
        ProposedAlready,
        DoesNotFit,
        OutOfTurn,
        RuleNotSet,
    ],
)
async def propose_adoption_match(
    body: MatchCreate, command: Command, seals: Sealing, response: Response
) -> MatchSummary:
    """Propose a child, with those from whom it is not parted, to the family whose turn it is, or say why to another."""
    match = await service.propose(command, body, seals=seals)
    return created(response, match, f"/v1/adoption-matches/{match.id}")


@router.get("", permission=Permission.ADOPTION_FOLLOW)
async def list_adoption_matches(query: Query, filters: Annotated[MatchFilters, fastapi.Query()]) -> Page[MatchSummary]:
    """Ids and states, the latest first."""
    return await queries.list_matches(query, filters)


@router.get("/{match_id}", permission=Permission.ADOPTION_FOLLOW, personal=True, problems=[NotFound])
async def read_adoption_match(match_id: UUID, query: Query, seals: Sealing, response: Response) -> MatchRead:
    """With the committee's reasons."""
    return tagged(response, await service.read(query, match_id, seals=seals))


@router.post("/{match_id}:decide", permission=Permission.ADOPTION_DECIDE, problems=[*_HELD, DayImpossible])
async def decide_on_adoption_match(
    match_id: UUID, body: CommitteeDecision, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> MatchSummary:
    """What the committee decided, recorded by one of its members."""
    return tagged(response, await service.decide(command, match_id, version=version, body=body, seals=seals))


@router.post("/{match_id}:confirm", permission=Permission.ADOPTION_DECIDE, problems=[*_HELD, SecondMemberNeeded])
async def confirm_adoption_match(
    match_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> MatchSummary:
    """A second member confirms it; only then family and child are matched."""
    return tagged(response, await service.confirm(command, match_id, version=version, seals=seals))


@router.post("/{match_id}:introduce", permission=Permission.ADOPTION_PLACE, problems=[*_STEP, DayImpossible])
async def introduce_adoption_match(
    match_id: UUID, body: Introduction, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> MatchSummary:
    """Family and child have met."""
    return tagged(response, await service.introduce(command, match_id, version=version, body=body, seals=seals))


@router.post("/{match_id}:accept", permission=Permission.ADOPTION_PLACE, problems=[*_STEP, DayImpossible])
async def accept_adoption_match(
    match_id: UUID, body: Answer, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> MatchSummary:
    """The family takes the child in; what follows is the court's order."""
    return tagged(response, await service.accept(command, match_id, version=version, body=body, seals=seals))


@router.post("/{match_id}:decline", permission=Permission.ADOPTION_PLACE, problems=[*_HELD, DayImpossible])
async def decline_adoption_match(
    match_id: UUID, body: Decline, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> MatchSummary:
    """The family does not take this child and keeps its place."""
    return tagged(response, await service.decline(command, match_id, version=version, body=body, seals=seals))


@router.post("/{match_id}:cancel", permission=Permission.ADOPTION_PLACE, problems=_HELD)
async def cancel_adoption_match(
    match_id: UUID, body: Cancellation, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> MatchSummary:
    """The office takes it back; the family keeps its place."""
    return tagged(response, await service.cancel(command, match_id, version=version, body=body, seals=seals))
