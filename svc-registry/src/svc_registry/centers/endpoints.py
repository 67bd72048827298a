"""Centers: found by anybody, planned and moved through their life by who is responsible for the place."""

from typing import Annotated

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_registry.centers import queries, service
from svc_registry.centers.errors import (
    CenterClosed,
    CenterCodeTaken,
    CenterHasFiles,
    CenterLicenceEnded,
    CenterNotComplete,
    CentersNotReady,
    CenterStepNotAllowed,
    CentersUnknown,
    CountyFull,
    CountyUnknown,
    DateInFuture,
    MovedBeforeItCame,
)
from svc_registry.centers.schemas import (
    CenterAddressRead,
    CenterCode,
    CenterCreate,
    CenterFilters,
    CenterOpen,
    CenterRead,
    CenterReasoned,
    CentersLocated,
    CentersOpen,
    CentersPlan,
    CentersRead,
    CenterSummary,
    CenterTransitionRead,
    CenterUpdate,
    HistoryFilters,
    LocateQuery,
)

router = Router(prefix="/v1/centers", tags=["Centers"])

PLANNING = [ScopeForbidden, CountyUnknown, CenterCodeTaken, CountyFull, DateInFuture]
STEPPING = [ScopeForbidden, NotFound, CenterStepNotAllowed]


@router.post("", permission=Permission.CENTER_WRITE, status_code=201, problems=PLANNING)
async def plan_center(body: CenterCreate, command: Command, response: Response) -> CenterRead:
    center = await service.plan(command, body)
    return created(response, center, f"/v1/centers/{center.code}")


@router.post(":plan", permission=Permission.CENTER_WRITE, status_code=201, problems=PLANNING)
async def plan_centers(body: CentersPlan, command: Command) -> CentersRead:
    """Plan many centers at once: all, or none."""
    return await service.plan_many(command, body.centers)


@router.post(
    ":open",
    permission=Permission.CENTER_OPEN,
    problems=[ScopeForbidden, CentersUnknown, CentersNotReady, DateInFuture, CenterLicenceEnded],
)
async def open_centers(body: CentersOpen, command: Command) -> CentersRead:
    """Open many centers on one day: all, or none."""
    return await service.open_many(command, body)


@router.get("", permission=Permission.CENTER_READ, scoped=False)
async def list_centers(query: Query, filters: Annotated[CenterFilters, fastapi.Query()]) -> Page[CenterSummary]:
    return await queries.list_centers(query, filters)


@router.get(":locate", permission=Permission.CENTER_READ, scoped=False)
async def locate_centers(query: Query, place: Annotated[LocateQuery, fastapi.Query()]) -> CentersLocated:
    """Whose service area a point is in, or else the nearest open centers."""
    return await queries.locate(query, place)


@router.get("/{code}", permission=Permission.CENTER_READ, scoped=False, problems=[NotFound])
async def read_center(code: CenterCode, query: Query, response: Response) -> CenterRead:
    return tagged(response, await queries.read_center(query, code))


@router.patch(
    "/{code}",
    permission=Permission.CENTER_WRITE,
    problems=[
        ScopeForbidden,
        NotFound,
        PreconditionRequired,
        PreconditionFailed,
        CenterClosed,
        CenterNotComplete,
        DateInFuture,
        MovedBeforeItCame,
    ],
)
async def change_center(
    code: CenterCode, body: CenterUpdate, if_match: IfMatch, command: Command, response: Response
) -> CenterRead:
    """Change what is sent; a new address or map point becomes part of the address history."""
    return tagged(response, await service.change(command, code, body, if_match=if_match))


@router.get("/{code}/addresses", permission=Permission.CENTER_READ, scoped=False, problems=[NotFound])
async def list_center_addresses(
    code: CenterCode, query: Query, filters: Annotated[HistoryFilters, fastapi.Query()]
) -> Page[CenterAddressRead]:
    return await queries.list_addresses(query, code, filters)


@router.get("/{code}/transitions", permission=Permission.CENTER_READ, problems=[NotFound])
async def list_center_transitions(
    code: CenterCode, query: Query, filters: Annotated[HistoryFilters, fastapi.Query()]
) -> Page[CenterTransitionRead]:
    """The steps of a center's life and who took them; inside the scope only."""
    return await queries.list_transitions(query, code, filters)


@router.post("/{code}:ready", permission=Permission.CENTER_WRITE, problems=[*STEPPING, CenterNotComplete])
async def make_center_ready(code: CenterCode, command: Command, response: Response) -> CenterRead:
    return tagged(response, await service.make_ready(command, code))


@router.post("/{code}:open", permission=Permission.CENTER_OPEN, problems=[*STEPPING, DateInFuture, CenterLicenceEnded])
async def open_center(code: CenterCode, body: CenterOpen, command: Command, response: Response) -> CenterRead:
    return tagged(response, await service.open_one(command, code, body))


@router.post("/{code}:suspend", permission=Permission.CENTER_OPEN, problems=STEPPING)
async def suspend_center(code: CenterCode, body: CenterReasoned, command: Command, response: Response) -> CenterRead:
    return tagged(response, await service.suspend(command, code, reason=body.reason))


@router.post("/{code}:resume", permission=Permission.CENTER_OPEN, problems=[*STEPPING, CenterLicenceEnded])
async def resume_center(code: CenterCode, command: Command, response: Response) -> CenterRead:
    return tagged(response, await service.resume(command, code))


@router.post("/{code}:close", permission=Permission.CENTER_OPEN, problems=[*STEPPING, CenterHasFiles])
async def close_center(code: CenterCode, body: CenterReasoned, command: Command, response: Response) -> CenterRead:
    return tagged(response, await service.close(command, code, reason=body.reason))
