"""From a help plan to what is announced of it: numbers, and no words."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.casefile import (
    HelpPlanAgreedV1,
    HelpPlanCompletedV1,
    HelpPlanReviewedV1,
    HelpPlanState,
    HelpPlanStoppedV1,
)
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.help_plans.schemas import HelpPlanRead, Outcome

_FACTS: Mapping[str, type[HelpPlanState]] = {
    "agree": HelpPlanAgreedV1,
    "review": HelpPlanReviewedV1,
    "complete": HelpPlanCompletedV1,
}


def fact(step: str, plan: HelpPlanRead, *, at: str) -> HelpPlanState:
    """What a step made of the plan; `at` is where its file is."""
    return _FACTS[step](**_state(plan, at))


def stopped(plan: HelpPlanRead, *, at: str) -> HelpPlanStoppedV1:
    assert plan.stop_reason is not None
    return HelpPlanStoppedV1(**_state(plan, at), reason=plan.stop_reason)


def _state(plan: HelpPlanRead, at: str) -> dict[str, Any]:
    counts = {outcome.replace("-", "_"): sum(goal.outcome == outcome for goal in plan.goals) for outcome in Outcome}
    return counts | {
        "jurisdiction": Jurisdiction(at),
        "help_plan_id": plan.id,
        "case_file_id": plan.case_file_id,
        "version": plan.version,
        "status": plan.status,
        "review_on": plan.review_on,
        "goals": len(plan.goals),
    }
