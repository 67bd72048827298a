"""Writes of institutions and their people."""

from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.identity import PersonIdentity
from svc_licensing.institutions.models import Institution, InstitutionPerson


def add(command: Command, row: Institution | InstitutionPerson) -> None:
    command.session.add(row)


async def hold(command: Command, institution_id: UUID) -> Institution | None:
    """Locked until the command ends, if it is inside the scope."""
    return await command.session.get(Institution, institution_id, with_for_update=True)


async def is_known(command: Command, jurisdiction: str, institution_id: str) -> bool:
    statement = select(Institution.id).where(
        Institution.jurisdiction == jurisdiction, Institution.institution_id == institution_id
    )
    return (await command.session.exec(statement)).first() is not None


async def present(command: Command, institution_id: UUID) -> list[InstitutionPerson]:
    """Its people of today."""
    statement = (
        select(InstitutionPerson)
        .where(InstitutionPerson.institution_id == institution_id, col(InstitutionPerson.ended_on).is_(None))
        .order_by(col(InstitutionPerson.id))
    )
    return [*(await command.session.exec(statement)).all()]


def same(person: InstitutionPerson, role: str, identity: PersonIdentity) -> bool:
    return (person.role, person.identity_type, person.identity_value) == (role, identity.type, identity.value)
