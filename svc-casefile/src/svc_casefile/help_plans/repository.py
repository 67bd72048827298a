"""Writes of help plans."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select

from shared.chassis.database import Command
from svc_casefile.help_plans.models import HelpPlan, HelpPlanGoal


async def locked(command: Command, help_plan_id: UUID) -> HelpPlan:
    """The plan, to be changed. Its file is locked already, so that all who change it come in the same order."""
    statement = select(HelpPlan).where(HelpPlan.id == help_plan_id).with_for_update()
    return (await command.session.exec(statement)).one()


async def goals_of(command: Command, help_plan_id: UUID) -> Sequence[HelpPlanGoal]:
    statement = (
        select(HelpPlanGoal).where(HelpPlanGoal.help_plan_id == help_plan_id).order_by(col(HelpPlanGoal.position))
    )
    return (await command.session.exec(statement)).all()


async def drop_goals(command: Command, help_plan_id: UUID) -> None:
    """Make room for the goals that a draft has instead."""
    await command.session.exec(delete(HelpPlanGoal).where(col(HelpPlanGoal.help_plan_id) == help_plan_id))
