"""Writes of placements."""

from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_adoption.placements.models import Placement


async def hold(command: Command, placement_id: UUID) -> Placement:
    """The placement, locked until the command ends. Raises NotFound when not in the scope."""
    scope_from, scope_to = command.scope_range
    statement = select(Placement).where(
        Placement.id == placement_id,
        col(Placement.jurisdiction) >= scope_from,
        col(Placement.jurisdiction) < scope_to,
    )
    placement = (await command.session.exec(statement.with_for_update())).first()
    if placement is None:
        raise NotFound
    return placement


async def erase(command: Command, request_id: UUID) -> dict[str, int]:
    """How many rows are gone."""
    status = await command.connection.execute("DELETE FROM placement WHERE request_id = $1", request_id)
    return {"placement": int(status.rpartition(" ")[2])}
