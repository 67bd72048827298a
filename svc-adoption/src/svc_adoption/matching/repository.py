"""Writes of proposals."""

from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_adoption.matching.models import STILL_OPEN, Match


async def add(command: Command, match: Match) -> None:
    command.session.add(match)
    await command.session.flush()


async def hold(command: Command, match_id: UUID) -> Match:
    """The proposal, locked until the command ends. Raises NotFound when not in the scope."""
    scope_from, scope_to = command.scope_range
    statement = select(Match).where(
        Match.id == match_id, col(Match.jurisdiction) >= scope_from, col(Match.jurisdiction) < scope_to
    )
    match = (await command.session.exec(statement.with_for_update())).first()
    if match is None:
        raise NotFound
    return match


async def cancel_open(command: Command, request_id: UUID) -> Match | None:
    """Cancel the proposal that a request has, if it has one that is open."""
    statement = select(Match).where(Match.request_id == request_id, col(Match.state).in_(STILL_OPEN))
    match = (await command.session.exec(statement.with_for_update())).first()
    if match is not None:
        match.state, match.state_since = "cancelled", command.now
        match.version += 1
        await command.session.flush()
    return match


async def erase(command: Command, request_id: UUID) -> dict[str, int]:
    """How many rows are gone."""
    status = await command.connection.execute("DELETE FROM match WHERE request_id = $1", request_id)
    return {"match": int(status.rpartition(" ")[2])}
