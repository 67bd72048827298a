"""Assessments, help plans, and what came of them."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.help_plans import queries, service
from svc_casefile.help_plans.errors import (
    AssessmentUnknown,
    GoalsWithoutOutcome,
    GoalUnknown,
    PlanInForce,
    PlanStepNotAllowed,
    ReviewInThePast,
)
from svc_casefile.help_plans.schemas import (
    Agreement,
    AssessmentCreate,
    AssessmentRead,
    Completion,
    EntryFilters,
    FileFilters,
    HelpPlanCreate,
    HelpPlanEntryRead,
    HelpPlanRead,
    HelpPlanSummary,
    HelpPlanUpdate,
    OutcomeFilters,
    Outcomes,
    PlanFilters,
    ProgressCreate,
    Review,
    Stop,
)
from svc_casefile.households.errors import CaseFileClosed, NotAMember
from svc_casefile.members.queries import BY_ID

router = Router(prefix="/v1", tags=["Help plans"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, CaseFileClosed, PlanStepNotAllowed]
_ONE = "/help-plans/{help_plan_id}"


@router.post(
    "/case-files/{case_file_id}/assessments",
    permission=Permission.HELP_PLAN_WRITE,
    status_code=201,
    problems=[NotFound, CaseFileClosed, NotAMember],
)
async def record_assessment(
    case_file_id: UUID, body: AssessmentCreate, command: Command, response: Response
) -> AssessmentRead:
    """What the household needs, the most pressing first. An assessment is never changed; a later one follows it."""
    assessment = await service.assess(command, case_file_id, body)
    response.headers["Location"] = f"/v1/assessments/{assessment.id}"
    return assessment


@router.get(
    "/case-files/{case_file_id}/assessments",
    permission=Permission.HELP_PLAN_READ,
    personal=True,
    problems=[NotFound],
)
async def list_assessments(
    case_file_id: UUID, query: Query, filters: Annotated[FileFilters, fastapi.Query()]
) -> Page[AssessmentRead]:
    """What a household needed, the latest recorded first."""
    return await queries.assessments_of(query, case_file_id, filters)


@router.get("/assessments/{assessment_id}", permission=Permission.HELP_PLAN_READ, personal=True, problems=[NotFound])
async def read_assessment(assessment_id: UUID, query: Query) -> AssessmentRead:
    """One assessment."""
    return await queries.assessment(query.connection, assessment_id, scope=BY_ID)


@router.post(
    "/case-files/{case_file_id}/help-plans",
    permission=Permission.HELP_PLAN_WRITE,
    status_code=201,
    problems=[NotFound, CaseFileClosed, AssessmentUnknown, NotAMember, ReviewInThePast],
)
async def draw_up_help_plan(
    case_file_id: UUID, body: HelpPlanCreate, command: Command, response: Response
) -> HelpPlanRead:
    """A draft: goals that answer to an assessment, with measures, who sees to it, and when it is reviewed."""
    plan = await service.draw_up(command, case_file_id, body)
    return created(response, plan, f"/v1/help-plans/{plan.id}")


@router.get(
    "/case-files/{case_file_id}/help-plans",
    permission=Permission.HELP_PLAN_READ,
    personal=True,
    problems=[NotFound],
)
async def list_help_plans_of_case_file(
    case_file_id: UUID, query: Query, filters: Annotated[FileFilters, fastapi.Query()]
) -> Page[HelpPlanSummary]:
    """A household's plans, the latest first."""
    return await queries.plans_of(query, case_file_id, filters)


@router.get("/help-plans", permission=Permission.HELP_PLAN_READ, personal=True, problems=[ScopeForbidden])
async def list_help_plans(query: Query, filters: Annotated[PlanFilters, fastapi.Query()]) -> Page[HelpPlanSummary]:
    """Those in force of the files in the scope, unless another status is asked for, the soonest review first."""
    return await queries.list_plans(query, filters)


@router.get("/help-plans:outcomes", permission=Permission.HELP_PLAN_READ, problems=[ScopeForbidden])
async def count_outcomes(query: Query, filters: Annotated[OutcomeFilters, fastapi.Query()]) -> Outcomes:
    """What came of the goals of the plans that were agreed in a time, by need."""
    return await queries.outcomes(query, filters)


@router.get(_ONE, permission=Permission.HELP_PLAN_READ, personal=True, problems=[NotFound])
async def read_help_plan(help_plan_id: UUID, query: Query, response: Response) -> HelpPlanRead:
    """A plan with its goals."""
    return tagged(response, await queries.plan(query.connection, help_plan_id, scope=BY_ID))


@router.patch(
    _ONE,
    permission=Permission.HELP_PLAN_WRITE,
    problems=[*_STEP, NotAMember, ReviewInThePast],
)
async def change_help_plan(
    help_plan_id: UUID, body: HelpPlanUpdate, version: IfMatch, command: Command, response: Response
) -> HelpPlanRead:
    """Change what is sent; the goals of a draft only, for what was agreed stands."""
    return tagged(response, await service.change(command, help_plan_id, version=version, body=body))


@router.post(
    f"{_ONE}:agree",
    permission=Permission.HELP_PLAN_WRITE,
    problems=[*_STEP, NotAMember, PlanInForce, ReviewInThePast],
)
async def agree_help_plan(
    help_plan_id: UUID, body: Agreement, version: IfMatch, command: Command, response: Response
) -> HelpPlanRead:
    """The household agrees: the plan is in force."""
    return tagged(response, await service.agree(command, help_plan_id, version=version, body=body))


@router.post(
    f"{_ONE}/progress",
    permission=Permission.HELP_PLAN_WRITE,
    status_code=201,
    problems=[NotFound, CaseFileClosed, PlanStepNotAllowed, GoalUnknown],
)
async def record_progress(help_plan_id: UUID, body: ProgressCreate, command: Command) -> HelpPlanEntryRead:
    """How a goal goes, and what came of it once that is known. The plan's version counts up."""
    return await service.record_progress(command, help_plan_id, body)


@router.get(f"{_ONE}/progress", permission=Permission.HELP_PLAN_READ, personal=True, problems=[NotFound])
async def list_progress(
    help_plan_id: UUID, query: Query, filters: Annotated[EntryFilters, fastapi.Query()]
) -> Page[HelpPlanEntryRead]:
    """How a plan went: progress of its goals and reviews, the latest recorded first."""
    return await queries.entries(query, help_plan_id, filters)


@router.post(f"{_ONE}:review", permission=Permission.HELP_PLAN_WRITE, problems=[*_STEP, ReviewInThePast])
async def review_help_plan(
    help_plan_id: UUID, body: Review, version: IfMatch, command: Command, response: Response
) -> HelpPlanRead:
    """Household and center looked at it together, and say when again."""
    return tagged(response, await service.review(command, help_plan_id, version=version, body=body))


@router.post(f"{_ONE}:complete", permission=Permission.HELP_PLAN_WRITE, problems=[*_STEP, GoalsWithoutOutcome])
async def complete_help_plan(
    help_plan_id: UUID, body: Completion, version: IfMatch, command: Command, response: Response
) -> HelpPlanRead:
    """It is known what came of every goal."""
    return tagged(response, await service.complete(command, help_plan_id, version=version, body=body))


@router.post(f"{_ONE}:stop", permission=Permission.HELP_PLAN_WRITE, problems=_STEP)
async def stop_help_plan(
    help_plan_id: UUID, body: Stop, version: IfMatch, command: Command, response: Response
) -> HelpPlanRead:
    """Give it up, with a reason; possible after the file was closed as well."""
    return tagged(response, await service.stop(command, help_plan_id, version=version, body=body))
