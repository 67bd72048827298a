"""Who gives files to workers, and who sees how many each has."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.assignments import queries, service
from svc_casefile.assignments.errors import (
    AssignmentPlanDecided,
    AssignmentPlanOutdated,
    CaseFilesChanged,
    CaseFilesUnknown,
    NotACenter,
)
from svc_casefile.assignments.schemas import (
    Assigned,
    Assignment,
    AssignmentPlanCreate,
    AssignmentPlanRead,
    AssignmentPlanSummary,
    HandOver,
    PlanFilters,
    PlannedFile,
    PlannedFileFilters,
    WorkerFilters,
    WorkerLoad,
)
from svc_casefile.households.errors import CaseFileClosed
from svc_casefile.staff.errors import WorkerFull, WorkerNotPosted

router = Router(prefix="/v1", tags=["Workers"])

_DECIDING = [NotFound, PreconditionRequired, PreconditionFailed, AssignmentPlanDecided]


@router.get("/workers", permission=Permission.POSTING_READ, problems=[ScopeForbidden])
async def list_workers(query: Query, filters: Annotated[WorkerFilters, fastapi.Query()]) -> Page[WorkerLoad]:
    """The social workers posted today, and who else still has files, each with how many and how many they may have."""
    return await queries.list_workers(query, filters)


@router.post(
    "/case-files:assign",
    permission=Permission.CASE_FILE_ASSIGN,
    problems=[CaseFilesUnknown, CaseFilesChanged, CaseFileClosed, WorkerNotPosted, WorkerFull],
)
async def assign_case_files(body: Assignment, command: Command) -> Assigned:
    """Give one file or many to a social worker of their center, all or none."""
    return await service.assign(command, body)


@router.post(
    "/case-files:hand-over",
    permission=Permission.CASE_FILE_ASSIGN,
    problems=[ScopeForbidden, NotACenter, WorkerNotPosted, WorkerFull],
)
async def hand_over_case_files(body: HandOver, command: Command) -> Assigned:
    """Give everything that one worker has at a center to another, as when somebody leaves."""
    return await service.hand_over(command, body)


@router.post(
    "/assignment-plans",
    permission=Permission.CASE_FILE_ASSIGN,
    timeout_seconds=60,
    status_code=201,
    summary="Propose a worker for each file of a center that needs one",
    description="Files that nobody has who is posted at the center and stays. Loads are levelled first, as far as the"
    " rule in force lets them; then each worker gets what is near their files. Nothing changes before `:apply`.",
    problems=[ScopeForbidden, NotACenter],
)
async def plan_assignments(body: AssignmentPlanCreate, command: Command, response: Response) -> AssignmentPlanRead:
    plan = await service.plan(command, body)
    return created(response, plan, f"/v1/assignment-plans/{plan.id}")


@router.get("/assignment-plans", permission=Permission.CASE_FILE_ASSIGN)
async def list_assignment_plans(
    query: Query, filters: Annotated[PlanFilters, fastapi.Query()]
) -> Page[AssignmentPlanSummary]:
    """The latest first."""
    return await queries.list_plans(query, filters)


@router.get("/assignment-plans/{plan_id}", permission=Permission.CASE_FILE_ASSIGN, problems=[NotFound])
async def read_assignment_plan(plan_id: UUID, query: Query, response: Response) -> AssignmentPlanRead:
    """A plan with what it means for each worker."""
    return tagged(response, await queries.plan(query.connection, plan_id, scope=query.scope_range))


@router.get(
    "/assignment-plans/{plan_id}/files", permission=Permission.CASE_FILE_ASSIGN, personal=True, problems=[NotFound]
)
async def list_planned_files(
    plan_id: UUID, query: Query, filters: Annotated[PlannedFileFilters, fastapi.Query()]
) -> Page[PlannedFile]:
    """What the plan means for each file, and why."""
    return await queries.planned_files(query, plan_id, filters)


@router.post(
    "/assignment-plans/{plan_id}:apply",
    permission=Permission.CASE_FILE_ASSIGN,
    timeout_seconds=60,
    problems=[*_DECIDING, AssignmentPlanOutdated, WorkerNotPosted, WorkerFull],
)
async def apply_assignment_plan(
    plan_id: UUID, version: IfMatch, command: Command, response: Response
) -> AssignmentPlanRead:
    """All at once, or not at all when a file or a worker is no longer as the plan saw it."""
    return tagged(response, await service.apply(command, plan_id, version=version))


@router.post("/assignment-plans/{plan_id}:drop", permission=Permission.CASE_FILE_ASSIGN, problems=_DECIDING)
async def drop_assignment_plan(
    plan_id: UUID, version: IfMatch, command: Command, response: Response
) -> AssignmentPlanRead:
    """Give the plan up."""
    return tagged(response, await service.drop(command, plan_id, version=version))
