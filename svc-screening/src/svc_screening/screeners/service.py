"""Who may screen: a person whom registry posted as screener, and who was trained for the programme."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem, ScopeForbidden
from svc_screening.programmes import queries as programmes
from svc_screening.programmes.errors import ProgrammeUnknown
from svc_screening.screeners import queries, repository
from svc_screening.screeners.errors import PermitRevoked, ScreenerNotPosted
from svc_screening.screeners.models import Permit
from svc_screening.screeners.schemas import PermitCreate, PermitRead, Revocation


async def permit(command: Command, body: PermitCreate) -> PermitRead:
    """Raises ScopeForbidden, ScreenerNotPosted and ProgrammeUnknown."""
    if not command.scope.covers(body.center):
        raise ScopeForbidden
    try:
        await programmes.read_programme(command.connection, body.programme)
    except NotFound:
        raise _at("/programme", ProgrammeUnknown) from None
    if not await queries.is_posted(command.connection, body.person, body.center):
        raise _at("/person", ScreenerNotPosted)
    granted = Permit(
        **body.model_dump(exclude={"center", "programme"}),
        id=new_id(),
        version=1,
        jurisdiction=body.center.code,
        programme_code=body.programme,
        granted_by=command.actor.subject,
        granted_at=command.now,
    )
    await repository.add(command, granted)
    return await queries.read_permit(command.connection, granted.id, scope=command.scope_range)


async def revoke(command: Command, permit_id: UUID, *, version: int, body: Revocation) -> PermitRead:
    """End a permit today; what was recorded on the days before stays permitted.

    Raises NotFound, PreconditionFailed and PermitRevoked.
    """
    held = await repository.hold(command, permit_id)
    if held is None:
        raise NotFound
    if held.version != version:
        raise PreconditionFailed
    if held.revoked_on is not None:
        raise PermitRevoked
    held.revoked_on, held.revoked_by, held.revocation_reason = today(), command.actor.subject, body.reason
    held.version += 1
    await command.session.flush()
    return await queries.read_permit(command.connection, permit_id, scope=command.scope_range)


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer, problem.code, problem.title)])
