"""Writes of genetic cases."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_screening.genetics.models import GeneticCase


async def add(command: Command, case: GeneticCase) -> None:
    command.session.add(case)
    await command.session.flush()


async def hold(command: Command, case_id: UUID) -> GeneticCase:
    """The case, locked until the command ends. Raises NotFound when not in the scope."""
    scope_from, scope_to = command.scope_range
    statement = select(GeneticCase).where(
        GeneticCase.id == case_id,
        col(GeneticCase.jurisdiction) >= scope_from,
        col(GeneticCase.jurisdiction) < scope_to,
    )
    case = (await command.session.exec(statement.with_for_update())).first()
    if case is None:
        raise NotFound
    return case


async def sealed_otherwise(command: Command, key_id: str) -> Sequence[GeneticCase]:
    statement = select(GeneticCase).where(GeneticCase.key_id != key_id).order_by(col(GeneticCase.id))
    return (await command.session.exec(statement.with_for_update())).all()
