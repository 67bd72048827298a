"""Writes of requirements."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_licensing.requirements.models import VOUCHED_FOR, Requirement


def add(command: Command, requirement: Requirement) -> None:
    command.session.add(requirement)


async def hold(command: Command, requirement_id: UUID) -> Requirement:
    """Locked until the command ends. Raises NotFound."""
    found = await command.session.get(Requirement, requirement_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found


async def next_position(command: Command) -> int:
    found = (await command.session.exec(select(func.max(Requirement.position)))).one()
    return (found or 0) + 1


async def replaced_by(command: Command, requirement: Requirement) -> Sequence[Requirement]:
    """Those in force that say the same thing for the same clauses and have no end before it begins; locked."""
    statement = (
        select(Requirement)
        .where(
            Requirement.id != requirement.id,
            Requirement.licence == requirement.licence,
            col(Requirement.act).is_not_distinct_from(requirement.act),
            Requirement.clause_from == requirement.clause_from,
            Requirement.clause_to == requirement.clause_to,
            Requirement.kind == requirement.kind,
            Requirement.code == requirement.code,
            col(Requirement.about).is_not_distinct_from(requirement.about),
            col(Requirement.standing).in_([*VOUCHED_FOR]),
            col(Requirement.valid_from) < requirement.valid_from,
            col(Requirement.valid_to).is_(None) | (col(Requirement.valid_to) > requirement.valid_from),
        )
        .with_for_update()
    )
    return (await command.session.exec(statement)).all()
