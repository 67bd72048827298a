"""The court's trial order, the visits in the trial, the final ruling, and what the court decides anew."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_adoption.days import DayImpossible
from svc_adoption.matching.errors import MatchStepNotAllowed
from svc_adoption.parameters.errors import RuleNotSet
from svc_adoption.placements import queries, service
from svc_adoption.placements.errors import PlacementStepNotAllowed, TrialNotOver
from svc_adoption.placements.schemas import (
    PlacementCreate,
    PlacementFilters,
    PlacementRead,
    PlacementSummary,
    Redecision,
    Revocation,
    Ruling,
    VisitCreate,
)

router = Router(prefix="/v1/adoption-placements", tags=["Adoption: placements"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, PlacementStepNotAllowed, DayImpossible]
_HELD = [*_STEP, ScopeForbidden]


@router.post(
    "",
    permission=Permission.ADOPTION_PLACE,
    status_code=201,
    problems=[NotFound, ScopeForbidden, MatchStepNotAllowed, DayImpossible, RuleNotSet],
)
async def order_adoption_trial(
    body: PlacementCreate, command: Command, seals: Sealing, response: Response
) -> PlacementSummary:
    """The court has ordered the trial for a family that accepted."""
    placement = await service.order_trial(command, body, seals=seals)
    return created(response, placement, f"/v1/adoption-placements/{placement.id}")


@router.get("", permission=Permission.ADOPTION_FOLLOW)
async def list_adoption_placements(
    query: Query, filters: Annotated[PlacementFilters, fastapi.Query()]
) -> Page[PlacementSummary]:
    """Ids, states and days, the latest first."""
    return await queries.list_placements(query, filters)


@router.get(
    "/{placement_id}", permission=Permission.ADOPTION_PLACE, personal=True, purposeful=True, problems=[NotFound]
)
async def read_adoption_placement(
    placement_id: UUID, query: Query, seals: Sealing, response: Response
) -> PlacementRead:
    """With the court's orders and the reports of the visits."""
    return tagged(response, await service.read(query, placement_id, seals=seals))


@router.post("/{placement_id}/visits", permission=Permission.ADOPTION_PLACE, problems=_STEP)
async def record_adoption_follow_up_visit(
    placement_id: UUID, body: VisitCreate, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> PlacementSummary:
    """Somebody visited the family in the trial."""
    return tagged(response, await service.visit(command, placement_id, version=version, body=body, seals=seals))


@router.post("/{placement_id}:finalise", permission=Permission.ADOPTION_PLACE, problems=[*_HELD, TrialNotOver])
async def finalise_adoption_placement(
    placement_id: UUID, body: Ruling, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> PlacementSummary:
    """The court's final ruling, once the trial is over."""
    return tagged(response, await service.finalise(command, placement_id, version=version, body=body, seals=seals))


@router.post("/{placement_id}:revoke", permission=Permission.ADOPTION_PLACE, problems=_HELD)
async def revoke_adoption_placement(
    placement_id: UUID, body: Revocation, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> PlacementSummary:
    """The court ended the trial; a family is looked for anew."""
    return tagged(response, await service.revoke(command, placement_id, version=version, body=body, seals=seals))


@router.post("/{placement_id}:decide-anew", permission=Permission.ADOPTION_PLACE, problems=_HELD)
async def record_adoption_redecision(
    placement_id: UUID, body: Redecision, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> PlacementSummary:
    """The court has decided anew after a death, a separation or a divorce in the family: Article 20."""
    return tagged(response, await service.decide_anew(command, placement_id, version=version, body=body, seals=seals))
