"""Who may give whom which role where, and take it back."""

from datetime import date
from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.roles import LEVELS, MAY_GRANT, Role
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import NATION, Jurisdiction
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, ScopeForbidden
from svc_registry.centers import service as centers
from svc_registry.postings import events, repository
from svc_registry.postings.errors import LastDayOutOfTurn, PostingEnded, RoleNotAtLevel, RoleNotYoursToGrant
from svc_registry.postings.models import Posting
from svc_registry.postings.schemas import PostingCreate, PostingEnd, PostingRead


async def grant(command: Command, wanted: PostingCreate) -> PostingRead:
    """Raises ScopeForbidden, RoleNotYoursToGrant, RoleNotAtLevel, PlaceUnknown, LastDayOutOfTurn, PostingOverlaps."""
    if not command.scope.covers(wanted.jurisdiction):
        raise ScopeForbidden
    _require_grantable(command, wanted.role)
    levels = LEVELS[wanted.role]
    if wanted.jurisdiction.level not in levels:
        allowed = sorted(levels)
        raise RoleNotAtLevel(
            allowed=allowed,
            levels=", ".join(allowed),
            errors=[FieldError("/jurisdiction", RoleNotAtLevel.code, RoleNotAtLevel.title)],
        )
    await centers.require_place(command, wanted.jurisdiction)
    valid_from = wanted.valid_from or today()
    if wanted.valid_to is not None and wanted.valid_to < valid_from:
        raise LastDayOutOfTurn
    return await _grant(
        command, wanted.person, wanted.role, wanted.jurisdiction, valid_from=valid_from, valid_to=wanted.valid_to
    )


async def end(command: Command, posting_id: UUID, ending: PostingEnd, *, if_match: int) -> PostingRead:
    """Raises NotFound, PreconditionFailed, RoleNotYoursToGrant, PostingEnded, LastDayOutOfTurn."""
    posting = await repository.hold(command, posting_id)
    if posting is None:
        raise NotFound
    if posting.version != if_match:
        raise PreconditionFailed
    _require_grantable(command, Role(posting.role))
    now = today()
    if posting.ended_at is not None or (posting.valid_to is not None and posting.valid_to < now):
        raise PostingEnded
    if ending.last_day is None:
        posting.valid_to = max(now, posting.valid_from)
        posting.ended_at, posting.ended_by = command.now, command.actor.subject
    else:
        latest = posting.valid_to or date.max
        if not max(now, posting.valid_from) <= ending.last_day <= latest:
            raise LastDayOutOfTurn(errors=[FieldError("/last_day", LastDayOutOfTurn.code, LastDayOutOfTurn.title)])
        posting.valid_to = ending.last_day
    posting.version += 1
    command.publish(events.state(posting))
    return _read(posting)


async def appoint_first_administrator(command: Command, person: str) -> None:
    """Give headquarters to `person`, unless they ever held it: what was ended stays ended."""
    if not await repository.ever_held(command, person=person, role=Role.HEADQUARTERS, jurisdiction=NATION.code):
        await _grant(command, person, Role.HEADQUARTERS, NATION, valid_from=today(), valid_to=None)


async def announce_all(command: Command) -> None:
    """Publish the present state of every posting again."""
    command.publish_many([events.state(posting) for posting in await repository.every(command)])


async def _grant(
    command: Command, person: str, role: Role, jurisdiction: Jurisdiction, *, valid_from: date, valid_to: date | None
) -> PostingRead:
    posting = Posting(
        id=new_id(),
        person=person,
        role=role,
        jurisdiction=jurisdiction.code,
        valid_from=valid_from,
        valid_to=valid_to,
        granted_by=command.actor.subject,
        granted_at=command.now,
    )
    await repository.add(command, posting)
    command.publish(events.state(posting))
    return _read(posting)


def _require_grantable(command: Command, role: Role) -> None:
    if not any(role in MAY_GRANT[held] for held in command.actor.roles):
        raise RoleNotYoursToGrant


def _read(posting: Posting) -> PostingRead:
    fields = posting.model_dump()
    return PostingRead(**fields | {"jurisdiction": Jurisdiction.from_code(posting.jurisdiction)})
