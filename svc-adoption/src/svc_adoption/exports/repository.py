"""Writes of exports."""

from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_adoption.exports.models import Export


async def hold(command: Command, export_id: UUID) -> Export:
    """The export, locked until the command ends. Raises NotFound when it is not in the scope."""
    scope_from, scope_to = command.scope_range
    statement = select(Export).where(
        Export.id == export_id, col(Export.jurisdiction) >= scope_from, col(Export.jurisdiction) < scope_to
    )
    found = (await command.session.exec(statement.with_for_update())).one_or_none()
    if found is None:
        raise NotFound
    return found
