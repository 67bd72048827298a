"""Sessions of the commission: called, opened with those who came, closed with minutes."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.kit.problems import FieldError, PreconditionFailed
from svc_licensing.commissions import queries, repository
from svc_licensing.commissions.errors import NotAProvince, SeatUnknown, SessionNotDone, SessionStepNotAllowed
from svc_licensing.commissions.models import CommissionSession, SessionStatus
from svc_licensing.commissions.schemas import Attendance, Minutes, SessionCreate, SessionRead

STEPS = {"open": SessionStatus.PLANNED, "close": SessionStatus.OPEN}
"""Operation → in which status it is possible."""


async def call(command: Command, body: SessionCreate) -> SessionRead:
    """Raises NotAProvince and SeatUnknown when somebody has two seats."""
    if command.scope.level != Level.PROVINCE:
        raise NotAProvince
    if len({seat.person for seat in body.seats}) < len(body.seats):
        raise SeatUnknown(errors=[FieldError("/seats", SeatUnknown.code, SeatUnknown.title)])
    session = CommissionSession(
        id=new_id(),
        jurisdiction=command.scope.code,
        version=1,
        status=SessionStatus.PLANNED,
        held_on=body.held_on,
        seats=[{**seat.model_dump(mode="json"), "present": None} for seat in body.seats],
        called_by=command.actor.subject,
        called_at=command.now,
    )
    repository.add(command, session)
    return await _shown(command, session.id)


async def open_session(command: Command, session_id: UUID, *, version: int, body: Attendance) -> SessionRead:
    """Say who came. Raises NotFound, PreconditionFailed, SessionStepNotAllowed and SeatUnknown."""
    session = await _at_step(command, session_id, "open", version=version)
    if not {*body.present} <= {seat["person"] for seat in session.seats}:
        raise SeatUnknown(errors=[FieldError("/present", SeatUnknown.code, SeatUnknown.title)])
    session.seats = [{**seat, "present": seat["person"] in body.present} for seat in session.seats]
    session.status = SessionStatus.OPEN
    session.version += 1
    return await _shown(command, session_id)


async def close(command: Command, session_id: UUID, *, version: int, body: Minutes) -> SessionRead:
    """Raises NotFound, PreconditionFailed, SessionStepNotAllowed and SessionNotDone."""
    session = await _at_step(command, session_id, "close", version=version)
    left = await queries.numbers_on_the_table(command.connection, session_id)
    if left:
        raise SessionNotDone(numbers=left)
    session.minutes_number, session.minutes = body.number, body.text
    session.status = SessionStatus.CLOSED
    session.version += 1
    return await _shown(command, session_id)


async def _at_step(command: Command, session_id: UUID, step: str, *, version: int) -> CommissionSession:
    session = await repository.hold(command, session_id)
    if session.version != version:
        raise PreconditionFailed
    if session.status != STEPS[step]:
        raise SessionStepNotAllowed(
            present=session.status, allowed=[name for name, status in STEPS.items() if session.status == status]
        )
    return session


async def _shown(command: Command, session_id: UUID) -> SessionRead:
    await command.session.flush()
    return await queries.read_session(command.connection, session_id, scope=command.scope_range)
