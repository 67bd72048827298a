"""Writes of requirements."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_adoption.requirements.models import Requirement


async def versions(command: Command, form: str) -> Sequence[Requirement]:
    """All versions of a form, the latest first; two who write one at a time wait for each other."""
    await command.connection.execute("SELECT pg_advisory_xact_lock(hashtext('requirement ' || $1))", form)
    statement = select(Requirement).where(Requirement.form == form).order_by(col(Requirement.number).desc())
    return (await command.session.exec(statement)).all()


async def hold(command: Command, requirement_id: UUID) -> Requirement:
    """A version, locked until the command ends. Raises NotFound."""
    found = await command.session.get(Requirement, requirement_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found
