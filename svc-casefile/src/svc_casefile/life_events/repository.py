"""Writes of life events."""

from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from svc_casefile.life_events.models import LifeEvent
from svc_casefile.members.models import Member


async def add(command: Command, event: LifeEvent) -> None:
    command.session.add(event)
    await command.session.flush()


async def locked(command: Command, case_file_id: UUID, life_event_id: UUID) -> LifeEvent | None:
    """An event of a file that is locked already, to be decided on."""
    statement = (
        select(LifeEvent).where(LifeEvent.id == life_event_id, LifeEvent.case_file_id == case_file_id).with_for_update()
    )
    return (await command.session.exec(statement)).one_or_none()


async def save(command: Command, event: LifeEvent) -> None:
    command.session.add(event)
    await command.session.flush()


async def household(command: Command, case_file_id: UUID) -> dict[UUID, Member]:
    """Who is now in the household of a file that is locked already."""
    statement = select(Member).where(Member.case_file_id == case_file_id, col(Member.left_on).is_(None))
    return {member.id: member for member in await command.session.exec(statement)}
