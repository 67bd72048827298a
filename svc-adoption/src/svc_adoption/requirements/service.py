"""How the requirements of a form come to hold: proposed by one person, signed off by another."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import PreconditionFailed
from svc_adoption.requirements import queries, repository
from svc_adoption.requirements.errors import RequirementNotProposed, RequirementTooLate, SecondSignatureNeeded
from svc_adoption.requirements.models import Requirement, Standing
from svc_adoption.requirements.schemas import RequirementCreate, RequirementRead


async def propose(command: Command, body: RequirementCreate) -> RequirementRead:
    """Write the next version of what a form asks for; it holds for nothing until it is signed off."""
    known = await repository.versions(command, body.form)
    requirement = Requirement(
        id=new_id(),
        number=known[0].number + 1 if known else 1,
        version=1,
        standing=Standing.PROPOSED,
        proposed_by=command.actor.subject,
        proposed_at=command.now,
        **body.model_dump(mode="python", exclude={"documents"}),
        documents=[each.model_dump(mode="json") for each in body.documents],
    )
    command.session.add(requirement)
    await command.session.flush()
    return await queries.requirement(command.connection, requirement.id)


async def sign_off(command: Command, requirement_id: UUID, *, version: int) -> RequirementRead:
    """Let a version hold from its first day on; where none holds yet, that day may be over.

    Raises NotFound, PreconditionFailed, RequirementNotProposed, SecondSignatureNeeded and RequirementTooLate.
    """
    requirement = await repository.hold(command, requirement_id)
    if requirement.version != version:
        raise PreconditionFailed
    if requirement.standing != Standing.PROPOSED:
        raise RequirementNotProposed
    if requirement.proposed_by == command.actor.subject:
        raise SecondSignatureNeeded
    others = [each for each in await repository.versions(command, requirement.form) if each.standing != "proposed"]
    # what was asked of families until today stays what it was
    if others and requirement.valid_from <= max([today(), *(each.valid_from for each in others)]):
        raise RequirementTooLate
    requirement.standing, requirement.version = Standing.SIGNED_OFF, requirement.version + 1
    requirement.signed_off_by, requirement.signed_off_at = command.actor.subject, command.now
    await command.session.flush()
    return await queries.requirement(command.connection, requirement.id)
