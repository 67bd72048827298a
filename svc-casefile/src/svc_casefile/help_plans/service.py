"""The rules of assessments and help plans.

An assessment is never changed, since it says what was seen on a day. A plan answers to one: draft → agreed with a
member of the household → completed, when it is known what came of every goal, or stopped.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, PreconditionFailed, Problem
from svc_casefile.help_plans import events, queries, repository
from svc_casefile.help_plans.errors import (
    AssessmentUnknown,
    GoalsWithoutOutcome,
    GoalUnknown,
    PlanInForce,
    PlanStepNotAllowed,
    ReviewInThePast,
)
from svc_casefile.help_plans.models import Assessment, HelpPlan, HelpPlanEntry, HelpPlanGoal
from svc_casefile.help_plans.schemas import (
    Agreement,
    AssessmentCreate,
    AssessmentRead,
    Completion,
    GoalCreate,
    HelpPlanCreate,
    HelpPlanEntryRead,
    HelpPlanRead,
    HelpPlanUpdate,
    PlanStatus,
    ProgressCreate,
    Review,
    Stop,
)
from svc_casefile.households import repository as households
from svc_casefile.households.errors import CaseFileClosed, NotAMember
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import CaseFileStatus
from svc_casefile.households.service import editable
from svc_casefile.timeline.repository import happened

STEPS: Mapping[str, tuple[frozenset[PlanStatus], PlanStatus]] = {
    "agree": (frozenset({PlanStatus.DRAFT}), PlanStatus.AGREED),
    "record-progress": (frozenset({PlanStatus.AGREED}), PlanStatus.AGREED),
    "review": (frozenset({PlanStatus.AGREED}), PlanStatus.AGREED),
    "complete": (frozenset({PlanStatus.AGREED}), PlanStatus.COMPLETED),
    "stop": (frozenset({PlanStatus.DRAFT, PlanStatus.AGREED}), PlanStatus.STOPPED),
    "change": (frozenset({PlanStatus.DRAFT, PlanStatus.AGREED}), PlanStatus.AGREED),
    "change-goals": (frozenset({PlanStatus.DRAFT}), PlanStatus.DRAFT),
}
"""Operation → from where it leads where."""


async def assess(command: Command, case_file_id: UUID, body: AssessmentCreate) -> AssessmentRead:
    """Raises NotFound, CaseFileClosed and NotAMember."""
    file = await editable(command, case_file_id, version=None)
    await _require_members(command, file, [(f"/needs/{at}", need.member_id) for at, need in enumerate(body.needs)])
    assessed_on = body.assessed_on or today()
    assessment = Assessment(
        id=new_id(),
        case_file_id=file.id,
        jurisdiction=file.jurisdiction,
        assessed_on=assessed_on,
        summary=body.summary,
        needs=[need.model_dump(mode="json") for need in body.needs],
        recorded_at=command.now,
        recorded_by=command.actor.subject,
    )
    command.session.add(assessment)
    about = {"needs": [need.kind for need in body.needs], "assessed_on": assessed_on}
    happened(command, file, kind="needs-assessed", ref=assessment.id, about=about)
    await command.session.flush()
    return await queries.assessment(command.connection, assessment.id, scope=command.scope_range)


async def draw_up(command: Command, case_file_id: UUID, body: HelpPlanCreate) -> HelpPlanRead:
    """A draft, which binds nobody. Raises NotFound, CaseFileClosed, AssessmentUnknown, NotAMember, ReviewInThePast."""
    file = await editable(command, case_file_id, version=None)
    if not await queries.assessed(command.connection, file.id, body.assessment_id):
        raise _at("/assessment_id", AssessmentUnknown)
    _require_future("/review_on", body.review_on)
    plan = HelpPlan(
        id=new_id(),
        case_file_id=file.id,
        jurisdiction=file.jurisdiction,
        version=1,
        assessment_id=body.assessment_id,
        status=PlanStatus.DRAFT,
        responsible=body.responsible,
        review_on=body.review_on,
        created_at=command.now,
        created_by=command.actor.subject,
    )
    command.session.add(plan)
    await command.session.flush()
    await _set_goals(command, file, plan, body.goals)
    return await _read(command, plan)


async def change(command: Command, plan_id: UUID, *, version: int, body: HelpPlanUpdate) -> HelpPlanRead:
    """Change what is sent; goals of a draft only. Raises as `draw_up`, PreconditionFailed and PlanStepNotAllowed."""
    goals_too = "goals" in body.model_fields_set
    file, plan = await _at_step(command, plan_id, "change-goals" if goals_too else "change", version=version)
    if "review_on" in body.model_fields_set:
        _require_future("/review_on", body.review_on)
        plan.review_on = body.review_on
    if "responsible" in body.model_fields_set:
        plan.responsible = body.responsible
    if goals_too:
        await repository.drop_goals(command, plan.id)
        await _set_goals(command, file, plan, body.goals)
    plan.version += 1
    return await _read(command, plan)


async def agree(command: Command, plan_id: UUID, *, version: int, body: Agreement) -> HelpPlanRead:
    """The household agrees: the plan is in force. Raises as any step, NotAMember, PlanInForce and ReviewInThePast."""
    file, plan = await _at_step(command, plan_id, "agree", version=version)
    await _require_members(command, file, [("", body.agreed_with)], pointer="/agreed_with")
    other = await queries.in_force(command.connection, file.id)
    if other is not None:
        raise PlanInForce(help_plan_id=str(other))
    _require_future("/review_on", plan.review_on)  # a draft may have waited until its review was over
    plan.agreed_with, plan.agreed_on = body.agreed_with, body.agreed_on or today()
    return await _move(command, file, plan, "agree", kind="help-plan-agreed", about={"review_on": plan.review_on})


async def record_progress(command: Command, plan_id: UUID, body: ProgressCreate) -> HelpPlanEntryRead:
    """How a goal goes, and what came of it once that is known. Raises as any step, and GoalUnknown."""
    file, plan = await _at_step(command, plan_id, "record-progress", version=None)
    goals = {goal.id: goal for goal in await repository.goals_of(command, plan_id)}
    goal = goals.get(body.goal_id)
    if goal is None:
        raise _at("/goal_id", GoalUnknown)
    seen_on = body.seen_on or today()
    if body.outcome is not None:
        goal.outcome, goal.outcome_on = body.outcome, seen_on
    entry = _entry(command, file, plan, seen_on=seen_on, note=body.note)
    entry.goal_id, entry.direction, entry.outcome = goal.id, body.direction, body.outcome
    command.session.add(entry)
    plan.version += 1
    about = {"need": goal.need, "direction": body.direction}
    if body.outcome is None:
        happened(command, file, kind="goal-progressed", ref=plan.id, about=about)
    else:
        happened(command, file, kind="goal-outcome-recorded", ref=plan.id, about=about | {"outcome": body.outcome})
    return HelpPlanEntryRead.model_validate(entry, from_attributes=True)


async def review(command: Command, plan_id: UUID, *, version: int, body: Review) -> HelpPlanRead:
    """Household and center looked at it together, and say when again. Raises as any step, and ReviewInThePast."""
    file, plan = await _at_step(command, plan_id, "review", version=version)
    _require_future("/next_review_on", body.next_review_on)
    entry = _entry(command, file, plan, seen_on=body.reviewed_on or today(), note=body.note)
    entry.next_review_on = plan.review_on = body.next_review_on
    command.session.add(entry)
    return await _move(command, file, plan, "review", kind="help-plan-reviewed", about={"next": plan.review_on})


async def complete(command: Command, plan_id: UUID, *, version: int, body: Completion) -> HelpPlanRead:
    """It is known what came of every goal. Raises as any step, and GoalsWithoutOutcome."""
    file, plan = await _at_step(command, plan_id, "complete", version=version)
    lacking = [str(goal.id) for goal in await repository.goals_of(command, plan_id) if goal.outcome is None]
    if lacking:
        raise GoalsWithoutOutcome(goals=lacking)
    plan.closed_at, plan.note = command.now, body.note
    return await _move(command, file, plan, "complete", kind="help-plan-completed")


async def stop(command: Command, plan_id: UUID, *, version: int, body: Stop) -> HelpPlanRead:
    """Give it up, with a reason. The only step that is left when the file is closed."""
    file, plan = await _at_step(command, plan_id, "stop", version=version)
    plan.closed_at, plan.stop_reason, plan.note = command.now, body.reason, body.note
    return await _move(command, file, plan, "stop", kind="help-plan-stopped", about={"reason": body.reason})


async def _at_step(command: Command, plan_id: UUID, step: str, *, version: int | None) -> tuple[CaseFile, HelpPlan]:
    """File and plan, locked. Raises NotFound, PreconditionFailed, PlanStepNotAllowed and CaseFileClosed."""
    case_file_id = await queries.file_of(command.connection, plan_id, scope=command.scope_range)
    file = await households.locked(command, case_file_id)
    plan = await repository.locked(command, plan_id)
    if version is not None and plan.version != version:
        raise PreconditionFailed
    if plan.status not in STEPS[step][0]:
        allowed = [name for name, (sources, _) in STEPS.items() if plan.status in sources]
        raise PlanStepNotAllowed(present=plan.status, allowed=allowed)
    if file.status == CaseFileStatus.CLOSED and step != "stop":
        raise CaseFileClosed
    return file, plan


async def _move(
    command: Command, file: CaseFile, plan: HelpPlan, step: str, *, kind: str, about: Mapping[str, Any] | None = None
) -> HelpPlanRead:
    plan.status = STEPS[step][1]
    plan.version += 1
    happened(command, file, kind=kind, ref=plan.id, about=about)
    settled = await _read(command, plan)
    at = file.jurisdiction
    command.publish(events.stopped(settled, at=at) if step == "stop" else events.fact(step, settled, at=at))
    return settled


def _entry(command: Command, file: CaseFile, plan: HelpPlan, *, seen_on: date, note: str | None) -> HelpPlanEntry:
    return HelpPlanEntry(
        id=new_id(),
        help_plan_id=plan.id,
        case_file_id=file.id,
        jurisdiction=file.jurisdiction,
        seen_on=seen_on,
        note=note,
        recorded_at=command.now,
        recorded_by=command.actor.subject,
    )


async def _set_goals(command: Command, file: CaseFile, plan: HelpPlan, goals: Sequence[GoalCreate]) -> None:
    await _require_members(command, file, [(f"/goals/{at}", goal.member_id) for at, goal in enumerate(goals)])
    command.session.add_all(
        [
            HelpPlanGoal(
                id=new_id(),
                help_plan_id=plan.id,
                case_file_id=file.id,
                jurisdiction=file.jurisdiction,
                position=position,
                need=goal.need,
                member_id=goal.member_id,
                title=goal.title,
                indicator=goal.indicator,
                target_on=goal.target_on,
                measures=[measure.model_dump(mode="json") for measure in goal.measures],
            )
            for position, goal in enumerate(goals)
        ]
    )


async def _require_members(
    command: Command,
    file: CaseFile,
    named: Iterable[tuple[str, UUID | None]],
    *,
    pointer: str = "/member_id",
) -> None:
    """Raises NotAMember for who is named and not in the household now."""
    present = await queries.present_members(command.connection, file.id)
    unknown = [
        f"{within}{pointer}" for within, member_id in named if member_id is not None and member_id not in present
    ]
    if unknown:
        raise NotAMember(
            errors=[FieldError(pointer=each, code=NotAMember.code, message=NotAMember.title) for each in unknown]
        )


def _require_future(pointer: str, day: date) -> None:
    if day < today():
        raise _at(pointer, ReviewInThePast)


async def _read(command: Command, plan: HelpPlan) -> HelpPlanRead:
    await command.session.flush()
    return await queries.plan(command.connection, plan.id, scope=command.scope_range)


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title)])
