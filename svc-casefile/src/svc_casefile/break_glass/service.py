"""The rules of reading another center's file in an emergency.

Whoever does it says why, and proves to know the person: by the identity of a member and the birth date or the file's
number. It opens that one file, for reading, to that one person where they act, for three hours. The file's center is
told by an event and sees it in the file's timeline, and can revoke it; each read is in the read audit with the reason.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import PreconditionFailed, TooManyRequests
from svc_casefile.break_glass import events, queries, repository
from svc_casefile.break_glass.errors import FileInsideScope, NoLongerOpen
from svc_casefile.break_glass.models import BreakGlass
from svc_casefile.break_glass.schemas import BreakGlassCreate, BreakGlassRead
from svc_casefile.centers.queries import rules_in_force
from svc_casefile.timeline.repository import happened

HOURS: Final = 3
"""How long a file stays open, unless the rule `HOURS_RULE` says otherwise for its center."""
HOURS_RULE: Final = "break-glass-hours"
ATTEMPTS: Final = 10
"""Refused proofs in an hour after which a person has to wait: a birth date could be guessed otherwise."""


async def break_glass(command: Command, wanted: BreakGlassCreate) -> BreakGlassRead:
    """Open the file of a person for reading.

    Raises NotFound when there is no such person or the proof is not theirs, which cannot be told apart;
    FileInsideScope, and TooManyRequests after too many refused proofs.
    """
    actor, scope, now = command.actor.subject, command.scope, command.now
    hour_ago = now - timedelta(hours=1)
    if await queries.failed_attempts(command.connection, actor, since=hour_ago) >= ATTEMPTS:
        raise TooManyRequests(headers={"Retry-After": "3600"})
    file = await repository.come_to_the_file(command, wanted)
    if scope.covers(Jurisdiction(file.jurisdiction)):
        raise FileInsideScope
    rules = await rules_in_force(command.connection, centers=[file.jurisdiction], names=[HOURS_RULE], on=today())
    hours = rules[file.jurisdiction].get(HOURS_RULE, HOURS)
    glass = BreakGlass(
        id=new_id(),
        case_file_id=file.id,
        jurisdiction=file.jurisdiction,
        version=1,
        actor=actor,
        opened_from=scope.code,
        reason=wanted.reason,
        opened_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    command.session.add(glass)
    happened(command, file, kind="glass-broken", ref=glass.id, about={"opened_from": str(scope)})
    command.publish(events.broken(glass))
    await command.flush()
    return _represent(glass)


async def revoke(command: Command, break_glass_id: UUID, *, version: int) -> BreakGlassRead:
    """The file's own center ends it. Raises NotFound, PreconditionFailed and NoLongerOpen."""
    glass = await repository.locked(command, break_glass_id)
    if glass.version != version:
        raise PreconditionFailed
    if glass.revoked_at is not None or glass.expires_at <= command.now:
        raise NoLongerOpen
    glass.version += 1
    glass.revoked_at, glass.revoked_by = command.now, command.actor.subject
    await command.flush()
    return _represent(glass)


def _represent(glass: BreakGlass) -> BreakGlassRead:
    return BreakGlassRead(
        **glass.model_dump(exclude={"jurisdiction", "opened_from"}),
        jurisdiction=Jurisdiction.from_code(glass.jurisdiction),
        opened_from=Jurisdiction.from_code(glass.opened_from),
    )
