"""The rules of complaints: who handles them, who does not see them, and when they go one level up."""

import hashlib
import secrets
from collections.abc import Mapping
from uuid import UUID

from shared.chassis.actor import Actor
from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.contracts.casefile import (
    ComplaintAnsweredV1,
    ComplaintIdentityUnsealedV1,
    ComplaintRaisedV1,
    ComplaintReceivedV1,
)
from shared.contracts.roles import Role
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import NATION, Jurisdiction
from shared.kit.problems import FieldError, NotFound, PreconditionFailed
from svc_casefile.complaints import events, queries, repository
from svc_casefile.complaints.errors import (
    ComplaintStepNotAllowed,
    HandledElsewhere,
    NobodyAbove,
    NoIdentity,
    NotAnsweredYet,
    PlaceOfComplaintUnknown,
    TrackingCodeUnknown,
    UnsealedFromAbove,
)
from svc_casefile.complaints.models import Complaint
from svc_casefile.complaints.schemas import (
    LETTERS,
    About,
    Answer,
    ComplaintCreate,
    ComplaintRead,
    ComplaintStatus,
    EntryKind,
    Identity,
    Rating,
    Reason,
    Received,
    TrackedComplaint,
    Tracking,
    TrackingCode,
    Unsealed,
)

STEPS: Mapping[str, frozenset[ComplaintStatus]] = {
    "take": frozenset({ComplaintStatus.RECEIVED}),
    "answer": frozenset({ComplaintStatus.RECEIVED, ComplaintStatus.IN_HAND}),
    "refer-up": frozenset({ComplaintStatus.RECEIVED, ComplaintStatus.IN_HAND}),
    "take-up": frozenset({ComplaintStatus.RECEIVED, ComplaintStatus.IN_HAND}),
}
"""Operation → the states in which it is possible."""
AT_ONCE = 100


def handled_by(about: About, place: Jurisdiction, *, manager_concerned: bool) -> Jurisdiction:
    """Who handles what is said about somebody: the manager of a worker's center, and else the place above."""
    if about == About.NOBODY or (about == About.WORKER and not manager_concerned):
        return place
    return place.parent or NATION


def longest(actor: Actor) -> int:
    """The longest code of a handler whose complaints the caller may see: headquarters handles its own, watches over
    the provinces', and looks into no county's or center's."""
    return 2 if Role.HEADQUARTERS in actor.roles else 7


async def receive(command: Command, body: ComplaintCreate, *, seals: Seals) -> Received:
    """Take a complaint down, for whoever asks. Raises PlaceOfComplaintUnknown."""
    if not await queries.is_a_place(command.connection, body.place):
        raise PlaceOfComplaintUnknown(
            errors=[FieldError("/place", PlaceOfComplaintUnknown.code, PlaceOfComplaintUnknown.title)]
        )
    concerned = body.person is not None and await queries.is_manager_of(
        command.connection, body.person, body.place, on=today()
    )
    handler = handled_by(body.about, body.place, manager_concerned=concerned)
    code = TrackingCode("".join(secrets.choice(LETTERS) for _ in range(16)))
    row = Complaint(
        id=new_id(),
        jurisdiction=handler.code,
        version=1,
        kind=body.kind,
        status=ComplaintStatus.RECEIVED,
        about=body.about,
        about_place=body.place.code,
        about_person=body.person,
        body=body.body,
        tracking_digest=_digest(code),
        identity_sealed=body.identity is not None,
        received_at=command.now,
        received_by=command.actor.subject,
        handled_since=command.now,
        due_on=await queries.answer_day(command.connection, handler, on=today()),
        refer_up=False,
    )
    await repository.add(command, row)
    if body.identity is not None:
        key_id, sealed = seals.seal(body.identity.model_dump_json().encode(), place=_place_of(row.id))
        await repository.add_identity(command, row.id, key_id=key_id, sealed=sealed)
    await repository.add_entry(command, row.id, row.jurisdiction, EntryKind.RECEIVED)
    return Received(
        tracking_code=code,
        kind=body.kind,
        status=ComplaintStatus.RECEIVED,
        handled_at=handler.level,
        received_at=row.received_at,
        due_on=row.due_on,
    )


async def track(query: Query, asked: Tracking) -> TrackedComplaint:
    """Raises TrackingCodeUnknown."""
    found = await queries.tracked(query.connection, _digest(asked.tracking_code))
    if found is None:
        raise TrackingCodeUnknown
    return found


async def rate(command: Command, said: Rating) -> TrackedComplaint:
    """Keep whether the answer satisfied; the last word counts. Raises TrackingCodeUnknown and NotAnsweredYet."""
    digest = _digest(said.tracking_code)
    found = await queries.tracked(command.connection, digest)
    if found is None:
        raise TrackingCodeUnknown
    if found.status != ComplaintStatus.ANSWERED:
        raise NotAnsweredYet
    await repository.rate(command, digest, said.satisfaction)
    return found.model_copy(update={"satisfaction": said.satisfaction})


async def take(command: Command, complaint_id: UUID, *, version: int) -> ComplaintRead:
    """Say that somebody is at it. Raises NotFound, PreconditionFailed, HandledElsewhere, ComplaintStepNotAllowed."""
    row = await _at_step(command, complaint_id, "take", version=version)
    row.status, row.taken_at, row.taken_by = ComplaintStatus.IN_HAND, command.now, command.actor.subject
    return await _next(command, row, EntryKind.TAKEN)


async def answer(command: Command, complaint_id: UUID, *, version: int, body: Answer) -> ComplaintRead:
    """Raises NotFound, PreconditionFailed, HandledElsewhere, ComplaintStepNotAllowed."""
    row = await _at_step(command, complaint_id, "answer", version=version)
    row.status, row.outcome, row.answer = ComplaintStatus.ANSWERED, body.outcome, body.answer
    row.answered_at, row.answered_by, row.refer_up = command.now, command.actor.subject, False
    answered = await _next(command, row, EntryKind.ANSWERED)
    command.publish(events.fact(ComplaintAnsweredV1, row.model_dump()))
    return answered


async def refer_up(command: Command, complaint_id: UUID, *, version: int, body: Reason) -> ComplaintRead:
    """Ask the level above to handle it; it goes there in a moment, out of the caller's sight.

    Raises NotFound, PreconditionFailed, HandledElsewhere, ComplaintStepNotAllowed and NobodyAbove.
    """
    row = await _at_step(command, complaint_id, "refer-up", version=version)
    if row.jurisdiction == NATION.code:
        raise NobodyAbove
    row.refer_up = True
    return await _next(command, row, EntryKind.REFERRED_UP, note=body.reason)


async def take_up(command: Command, complaint_id: UUID, *, version: int, body: Reason) -> ComplaintRead:
    """Handle oneself what a place beneath handles. Raises NotFound, PreconditionFailed, HandledElsewhere (it is here
    already) and ComplaintStepNotAllowed."""
    row = await _held(command, complaint_id, version=version)
    if row.jurisdiction == command.scope.code:
        raise HandledElsewhere(handled_by=str(command.scope))
    _possible(row, "take-up")
    row.jurisdiction, row.handled_since, row.refer_up = command.scope.code, command.now, False
    row.status, row.taken_at, row.taken_by = ComplaintStatus.IN_HAND, command.now, command.actor.subject
    row.due_on = await queries.answer_day(command.connection, command.scope, on=today())
    taken = await _next(command, row, EntryKind.TAKEN_UP, note=body.reason)
    command.publish(events.fact(ComplaintRaisedV1, row.model_dump()))
    return taken


async def unseal(command: Command, complaint_id: UUID, body: Reason, *, seals: Seals) -> Unsealed:
    """Read who complained, from above the place that handles it; that it was read, by whom and why, stays with the
    complaint. Raises NotFound, UnsealedFromAbove, NoIdentity, and SealBroken for a key that is not known any more."""
    row = await _held(command, complaint_id, version=None)
    if row.jurisdiction == command.scope.code:
        raise UnsealedFromAbove
    kept = await queries.sealed_identity(command.connection, complaint_id)
    if kept is None:
        raise NoIdentity
    plain = seals.open(kept["sealed"], key_id=kept["key_id"], place=_place_of(complaint_id))
    await repository.add_entry(command, complaint_id, row.jurisdiction, EntryKind.UNSEALED, note=body.reason)
    command.publish(events.fact(ComplaintIdentityUnsealedV1, row.model_dump(), unsealed_from=command.scope))
    return Unsealed(complaint_id=complaint_id, identity=Identity.model_validate_json(plain))


async def seal_anew(command: Command, *, seals: Seals) -> int:
    """Seal with the present key what another has sealed; answers with how many it was. Raises SealBroken."""
    rows = await repository.sealed_otherwise(command, seals.current)
    anew = []
    for row in rows:
        place = _place_of(row["complaint_id"])
        plain = seals.open(row["sealed"], key_id=row["key_id"], place=place)
        anew.append((row["complaint_id"], *seals.seal(plain, place=place)))
    await repository.seal_anew(command, anew)
    return len(anew)


async def go_on(command: Command) -> bool:
    """What time does: tell the places what came in, and let what is overdue go one level up. Whether there may be
    more."""
    received = await repository.announce(command, limit=AT_ONCE)
    command.publish_many(events.fact(ComplaintReceivedV1, row) for row in received)
    await repository.set_due(command, on=today())
    raised = await repository.raise_overdue(command, on=today(), limit=AT_ONCE)
    for row in raised:
        await repository.add_entry(command, row["id"], row["jurisdiction"], EntryKind.RAISED)
        command.publish(events.fact(ComplaintRaisedV1, row))
    return AT_ONCE in {len(received), len(raised)}


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _place_of(complaint_id: UUID) -> str:
    return f"complaint_identity.sealed.{complaint_id}"


async def _held(command: Command, complaint_id: UUID, *, version: int | None) -> Complaint:
    row = await repository.hold(command, complaint_id)
    if row is None or len(row.jurisdiction) > longest(command.actor):
        raise NotFound
    if version is not None and row.version != version:
        raise PreconditionFailed
    return row


async def _at_step(command: Command, complaint_id: UUID, step: str, *, version: int) -> Complaint:
    row = await _held(command, complaint_id, version=version)
    if row.jurisdiction != command.scope.code:
        raise HandledElsewhere(handled_by=str(Jurisdiction.from_code(row.jurisdiction)))
    _possible(row, step)
    return row


def _possible(row: Complaint, step: str) -> None:
    if row.status not in STEPS[step]:
        allowed = [name for name, states in STEPS.items() if row.status in states]
        raise ComplaintStepNotAllowed(present=row.status, allowed=allowed)


async def _next(command: Command, row: Complaint, kind: EntryKind, *, note: str | None = None) -> ComplaintRead:
    row.version += 1
    await command.session.flush()
    await repository.add_entry(command, row.id, row.jurisdiction, kind, note=note)
    return await queries.complaint(
        command.connection, row.id, scope=command.scope_range, longest=longest(command.actor)
    )
