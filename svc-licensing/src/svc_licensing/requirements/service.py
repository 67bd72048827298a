"""How a requirement comes to hold: proposed by one person of headquarters, signed off by another."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, InvalidInput, InvalidValue, PreconditionFailed
from svc_licensing.requirements import queries, repository
from svc_licensing.requirements.errors import (
    RequirementIncomplete,
    RequirementTooLate,
    RequirementVouchedFor,
    SecondPersonNeeded,
)
from svc_licensing.requirements.models import VOUCHED_FOR, Requirement, Standing
from svc_licensing.requirements.schemas import (
    RequirementCreate,
    RequirementEnd,
    RequirementProposal,
    RequirementRead,
    check_figures,
)
from svc_licensing.rules import FIGURES, Kind


async def propose(command: Command, body: RequirementCreate) -> RequirementRead:
    """Write down a requirement; it requires nothing of anybody until it is signed off."""
    requirement = Requirement(
        **body.model_dump(exclude={"clause_to"}),
        id=new_id(),
        version=1,
        position=await repository.next_position(command),
        clause_to=body.clause_to or body.clause_from,
        standing=Standing.PROPOSED,
        proposed_by=command.actor.subject,
        proposed_at=command.now,
    )
    repository.add(command, requirement)
    return await _shown(command, requirement.id)


async def set_figures(
    command: Command, requirement_id: UUID, *, version: int, body: RequirementProposal
) -> RequirementRead:
    """Raises NotFound, PreconditionFailed, RequirementVouchedFor and InvalidInput for figures of another kind."""
    requirement = await _current(command, requirement_id, version=version)
    if requirement.standing in VOUCHED_FOR:
        raise RequirementVouchedFor
    try:
        check_figures(Kind(requirement.kind), body.figures)
    except InvalidValue as error:
        raise InvalidInput(errors=[FieldError("/figures", error.code, error.message)]) from None
    requirement.figures, requirement.source = body.figures, body.source
    requirement.proposed_by, requirement.proposed_at = command.actor.subject, command.now
    requirement.version += 1
    return await _shown(command, requirement_id)


async def sign_off(command: Command, requirement_id: UUID, *, version: int) -> RequirementRead:
    """Let it hold from its first day on, which ends what said the same thing before.

    Applications that were registered before that day stay under what held then. Raises NotFound, PreconditionFailed,
    RequirementVouchedFor, RequirementIncomplete and SecondPersonNeeded.
    """
    requirement = await _current(command, requirement_id, version=version)
    if requirement.standing in VOUCHED_FOR:
        raise RequirementVouchedFor
    needed, _ = FIGURES[Kind(requirement.kind)]
    if not needed <= (requirement.figures or {}).keys():
        raise RequirementIncomplete
    if requirement.proposed_by == command.actor.subject:
        raise SecondPersonNeeded
    requirement.standing = Standing.SIGNED_OFF
    requirement.signed_off_by, requirement.signed_off_at = command.actor.subject, command.now
    # what is seeded as an open question has a first day long past; it holds for nothing that was registered before
    requirement.valid_from = max(requirement.valid_from, today())
    requirement.version += 1
    for other in await repository.replaced_by(command, requirement):
        other.valid_to = requirement.valid_from
        other.version += 1
    return await _shown(command, requirement_id)


async def end(command: Command, requirement_id: UUID, *, version: int, body: RequirementEnd) -> RequirementRead:
    """Raises NotFound, PreconditionFailed and RequirementTooLate."""
    requirement = await _current(command, requirement_id, version=version)
    if body.valid_to <= max(today(), requirement.valid_from):
        raise RequirementTooLate
    requirement.valid_to = body.valid_to
    requirement.version += 1
    return await _shown(command, requirement_id)


async def _current(command: Command, requirement_id: UUID, *, version: int) -> Requirement:
    requirement = await repository.hold(command, requirement_id)
    if requirement.version != version:
        raise PreconditionFailed
    return requirement


async def _shown(command: Command, requirement_id: UUID) -> RequirementRead:
    await command.session.flush()
    return await queries.read_requirement(command.connection, requirement_id)
