"""Home visits: what is due, what was done, offline batches, and conflicts to resolve."""

from typing import Annotated
from uuid import UUID

from fastapi import Query as Parameters
from fastapi import Response
from pydantic_core import to_json

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.households.errors import CaseFileClosed, HalfAMapPoint
from svc_casefile.members.queries import BY_ID
from svc_casefile.visits import queries, service
from svc_casefile.visits.errors import (
    NotAmongTheChanges,
    NothingToResolve,
    NotOfTheHousehold,
    VersionUnknown,
    VisitIdTaken,
)
from svc_casefile.visits.schemas import (
    BatchResult,
    ConflictFilters,
    ConflictSummary,
    DueFilters,
    DueVisit,
    Resolution,
    VisitBatch,
    VisitCreate,
    VisitDue,
    VisitFilters,
    VisitPlan,
    VisitRead,
    VisitWithConflict,
)

router = Router(prefix="/v1", tags=["Home visits"])

LARGEST_BATCH = 8 * 1024 * 1024


@router.get(
    "/visits:due",
    permission=Permission.VISIT_READ,
    personal=True,
    summary="The work list: active files and when each is due a visit",
    description="Overdue first, then what is due soon, then the rest; within each, files near each other together.",
    problems=[ScopeForbidden],
    response_model=Page[DueVisit],
)
async def list_due_visits(query: Query, filters: Annotated[DueFilters, Parameters()]) -> Response:
    page = await queries.due(query, filters)
    body = '{"items":[' + ",".join(page.items) + '],"next":' + to_json(page.next).decode() + "}"
    return Response(body, media_type="application/json")


@router.post(
    "/visits:batch",
    permission=Permission.VISIT_WRITE,
    max_body_bytes=LARGEST_BATCH,
    summary="Record visits made without a connection",
    description="Sent twice, in parts or in another order, the result is the same: a visit is known by its id. One that"
    " is wrong is refused by itself. Changes of a field that somebody else has changed since are kept as a conflict.",
)
async def record_visits(body: VisitBatch, command: Command) -> BatchResult:
    return await service.record_batch(command, body)


@router.get(
    "/visits:conflicts",
    permission=Permission.VISIT_READ,
    summary="Visits whose changes to the file wait to be resolved, the oldest first",
    problems=[ScopeForbidden],
)
async def list_visit_conflicts(
    query: Query, filters: Annotated[ConflictFilters, Parameters()]
) -> Page[ConflictSummary]:
    return await queries.conflicts(query, filters)


@router.get(
    "/visits/{visit_id}",
    permission=Permission.VISIT_READ,
    personal=True,
    summary="One visit, and what stands against its changes",
    problems=[NotFound],
)
async def read_visit(visit_id: UUID, query: Query, response: Response) -> VisitWithConflict:
    return tagged(response, await queries.visit(query.connection, visit_id, scope=BY_ID))


@router.post(
    "/visits/{visit_id}:resolve",
    permission=Permission.VISIT_WRITE,
    summary="Decide which changes of a visit the file takes over",
    problems=[
        NotFound,
        PreconditionRequired,
        PreconditionFailed,
        NothingToResolve,
        NotAmongTheChanges,
        CaseFileClosed,
        HalfAMapPoint,
    ],
)
async def resolve_visit_conflict(
    visit_id: UUID, body: Resolution, version: IfMatch, command: Command, response: Response
) -> VisitWithConflict:
    return tagged(response, await service.resolve(command, visit_id, version=version, body=body))


@router.post(
    "/case-files/{case_file_id}/visits",
    permission=Permission.VISIT_WRITE,
    status_code=201,
    summary="Record a home visit",
    description="By the caller. Changes to the file are made in the same command, when it is still at `file_version`.",
    problems=[NotFound, CaseFileClosed, PreconditionFailed, VisitIdTaken, NotOfTheHousehold, VersionUnknown],
)
async def record_visit(
    case_file_id: UUID, body: VisitCreate, command: Command, response: Response
) -> VisitWithConflict:
    visit = await service.record(command, case_file_id, body)
    return created(response, visit, f"/v1/visits/{visit.id}")


@router.get(
    "/case-files/{case_file_id}/visits",
    permission=Permission.VISIT_READ,
    personal=True,
    summary="The visits to a household, the latest first",
    problems=[NotFound],
)
async def list_visits(
    case_file_id: UUID, query: Query, filters: Annotated[VisitFilters, Parameters()]
) -> Page[VisitRead]:
    return await queries.visits_of(query, case_file_id, filters)


@router.post(
    "/case-files/{case_file_id}:plan-visit",
    permission=Permission.VISIT_WRITE,
    summary="Plan the next visit, or give the plan up",
    description="A plan can be sooner than the rule asks for, never later: the rule's date stays due.",
    problems=[NotFound, CaseFileClosed],
)
async def plan_visit(case_file_id: UUID, body: VisitPlan, command: Command) -> VisitDue:
    return await service.plan(command, case_file_id, body)
