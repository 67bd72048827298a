"""Who may plan a distribution, read it, and decide on it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query as Parameters
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.distributions import queries, service
from svc_casefile.distributions.errors import (
    DistributionDecided,
    DistributionOutdated,
    NoRuleInForce,
    NotACountyOrProvince,
)
from svc_casefile.distributions.schemas import (
    CenterFilters,
    CenterLoad,
    DistributionCreate,
    DistributionFilters,
    DistributionRead,
    Placement,
    PlacementFilters,
)

router = Router(prefix="/v1/distributions", tags=["Distributions"])


@router.post(
    "",
    permission=Permission.DISTRIBUTION_PLAN,
    timeout_seconds=120,
    status_code=201,
    summary="Plan which center each waiting file goes to",
    description="As many files as the centers' maxima allow, at least the minimum for each center where the files"
    " suffice, and then the least total distance, which is proven minimal. Nothing moves before `:apply`.",
    problems=[ScopeForbidden, NotACountyOrProvince, NoRuleInForce],
)
async def plan_distribution(body: DistributionCreate, command: Command, response: Response) -> DistributionRead:
    plan = await service.plan(command, body)
    return created(response, plan, f"/v1/distributions/{plan.id}")


@router.get("", permission=Permission.DISTRIBUTION_READ, summary="Distributions, the latest first")
async def list_distributions(
    query: Query, filters: Annotated[DistributionFilters, Parameters()]
) -> Page[DistributionRead]:
    return await queries.list_distributions(query, filters)


@router.get(
    "/{distribution_id}", permission=Permission.DISTRIBUTION_READ, summary="One distribution", problems=[NotFound]
)
async def read_distribution(distribution_id: UUID, query: Query, response: Response) -> DistributionRead:
    found = await queries.distribution(query.connection, distribution_id, scope=query.scope_range)
    return tagged(response, found)


@router.get(
    "/{distribution_id}/centers",
    permission=Permission.DISTRIBUTION_READ,
    summary="What the plan means for each open center",
    problems=[NotFound],
)
async def list_distribution_centers(
    distribution_id: UUID, query: Query, filters: Annotated[CenterFilters, Parameters()]
) -> Page[CenterLoad]:
    return await queries.centers(query, distribution_id, filters)


@router.get(
    "/{distribution_id}/placements",
    permission=Permission.DISTRIBUTION_READ,
    summary="What the plan means for each file, and why",
    problems=[NotFound],
)
async def list_distribution_placements(
    distribution_id: UUID, query: Query, filters: Annotated[PlacementFilters, Parameters()]
) -> Page[Placement]:
    return await queries.placements(query, distribution_id, filters)


@router.post(
    "/{distribution_id}:apply",
    permission=Permission.DISTRIBUTION_APPLY,
    timeout_seconds=300,
    summary="Give every placed file to its center",
    description="All at once, or not at all when a file, a center or a rule is no longer as the plan saw it.",
    problems=[NotFound, PreconditionRequired, PreconditionFailed, DistributionDecided, DistributionOutdated],
)
async def apply_distribution(
    distribution_id: UUID, version: IfMatch, command: Command, response: Response
) -> DistributionRead:
    return tagged(response, await service.apply(command, distribution_id, version=version))


@router.post(
    "/{distribution_id}:drop",
    permission=Permission.DISTRIBUTION_APPLY,
    summary="Give the plan up",
    problems=[NotFound, PreconditionRequired, PreconditionFailed, DistributionDecided],
)
async def drop_distribution(
    distribution_id: UUID, version: IfMatch, command: Command, response: Response
) -> DistributionRead:
    return tagged(response, await service.drop(command, distribution_id, version=version))
