"""Writes about opened files, and the one way to a file of elsewhere."""

from uuid import UUID

import asyncpg
from sqlmodel import select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_casefile.break_glass.models import BreakGlass
from svc_casefile.break_glass.schemas import BreakGlassCreate
from svc_casefile.households.models import CaseFile


async def come_to_the_file(command: Command, wanted: BreakGlassCreate) -> CaseFile:
    """The open file, anywhere in the country, of the person that is proven to be known.

    From here on the transaction sees and writes what is at the place of that file: only tell them.
    Raises NotFound, always the same, when there is no such person or the proof is not theirs.
    """
    row: asyncpg.Record = await command.connection.fetchrow(
        "SELECT * FROM come_to_the_file($1, $2, $3, $4)",
        wanted.identity.type,
        wanted.identity.value,
        wanted.birth_date,
        wanted.number,
    )
    if row["case_file_id"] is None:
        raise NotFound
    return (await command.session.exec(select(CaseFile).where(CaseFile.id == row["case_file_id"]))).one()


async def locked(command: Command, break_glass_id: UUID) -> BreakGlass:
    """Raises NotFound when its file was not in the scope: who was let in cannot change it."""
    scope_from, scope_to = command.scope_range
    statement = (
        select(BreakGlass)
        .where(
            BreakGlass.id == break_glass_id,
            BreakGlass.jurisdiction >= scope_from,
            BreakGlass.jurisdiction < scope_to,
        )
        .with_for_update()
    )
    glass = (await command.session.exec(statement)).one_or_none()
    if glass is None:
        raise NotFound
    return glass
