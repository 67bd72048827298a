"""Writes of campaigns."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from svc_screening.campaigns.models import Campaign, CampaignStatus


def add(command: Command, campaign: Campaign) -> None:
    command.session.add(campaign)


async def hold(command: Command, campaign_id: UUID) -> Campaign | None:
    """The campaign, if its area is inside the scope, locked until the command ends."""
    return await command.session.get(Campaign, campaign_id, with_for_update=True)


async def every_open(command: Command) -> Sequence[Campaign]:
    statement = select(Campaign).where(Campaign.status == CampaignStatus.OPEN).order_by(col(Campaign.id))
    return (await command.session.exec(statement)).all()
