"""The rules of transfers: how a file comes to be another place's.

    requested ──confirm (origin)──▶ confirmed ──accept (destination)──▶ accepted ──its day──▶ effective
        │                               │                                  │
        ├──────────refuse (origin)      ├──refuse (destination)            │
        └──────────withdraw (the side that asked)──────────────────────────┘

The origin always answers first, whoever asked: a destination in another county names the file by its number and one of
its members, and has nothing to decide before the county office of the origin has confirmed. A file that is closed or
goes elsewhere meanwhile lets its transfer lapse (a trigger sees to that, whatever moved it).

Neither side sees the other's files, so what is about both is done by `work`, as the service itself: both sides are told
of each step, accepted transfers take effect, and what nobody answers goes to the office above.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from shared.chassis.actor import Actor
from shared.chassis.database import Command, Database
from shared.contracts.casefile import CaseFileLeftV1, CaseFileMovedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import NATION, Jurisdiction, Level
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem, ScopeForbidden
from svc_casefile.bell import Bell
from svc_casefile.centers.queries import rules_at
from svc_casefile.distributions import repository as distributions
from svc_casefile.distributions.errors import NoRuleInForce
from svc_casefile.distributions.service import MAXIMUM
from svc_casefile.households import events as households_events
from svc_casefile.households import queries as households_queries
from svc_casefile.households import repository as households
from svc_casefile.households.errors import CenterNotOpen, NotAPlaceForFiles
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import CaseFileStatus, HistoryAction
from svc_casefile.staff import repository as staff_repository
from svc_casefile.staff import service as staff
from svc_casefile.staff.errors import WorkerFull, WorkerNotPosted
from svc_casefile.timeline.repository import happened
from svc_casefile.transfers import events, queries, repository
from svc_casefile.transfers.errors import (
    AlreadyThere,
    CaseFileNotAtOrigin,
    CaseFileUnknown,
    CenterFull,
    CenterNeeded,
    CountyConfirms,
    EffectiveInThePast,
    NotYourSide,
    OpenMatters,
    OutsideDestination,
    TransferStepNotAllowed,
    TransferUnderWay,
)
from svc_casefile.transfers.models import Transfer
from svc_casefile.transfers.schemas import (
    Acceptance,
    Confirmation,
    LapseReason,
    Refusal,
    Side,
    TransferCreate,
    TransferKind,
    TransferRead,
    TransferStatus,
    Withdrawal,
)

STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    "confirm": (frozenset({TransferStatus.REQUESTED}), TransferStatus.CONFIRMED),
    "accept": (frozenset({TransferStatus.CONFIRMED}), TransferStatus.ACCEPTED),
    "refuse": (frozenset({TransferStatus.REQUESTED, TransferStatus.CONFIRMED}), TransferStatus.REFUSED),
    "withdraw": (
        frozenset({TransferStatus.REQUESTED, TransferStatus.CONFIRMED, TransferStatus.ACCEPTED}),
        TransferStatus.WITHDRAWN,
    ),
}
"""Operation → from where it leads where."""

ANSWER_DAYS = "transfer-answer-days"
"""The registry's name for the rule on how many days a side has to answer. Nobody has confirmed a number, so none is
seeded: where none is in force, no answer is ever overdue."""

changes = Bell()
"""Rings when there is something for `work`."""


async def request(command: Command, body: TransferCreate) -> TransferRead:
    """Ask for a transfer.

    Raises CaseFileUnknown, NotAPlaceForFiles, CenterNotOpen, AlreadyThere, ScopeForbidden and TransferUnderWay.
    """
    file_id, number, origin = await _named_file(command, body)
    if body.destination.level not in {Level.COUNTY, Level.CENTER}:
        raise _at("/destination", NotAPlaceForFiles)
    if body.destination.covers(origin) or origin.covers(body.destination):
        raise _at("/destination", AlreadyThere)
    if not await queries.has_open_center(command.connection, body.destination):
        raise _at("/destination", CenterNotOpen)
    sides = [command.scope.covers(origin), command.scope.covers(body.destination)]
    # to even out loads is for the office above both
    if not (all(sides) if body.kind == TransferKind.REBALANCING else any(sides)):
        raise ScopeForbidden
    row = Transfer(
        id=new_id(),
        case_file_id=file_id,
        number=number,
        version=1,
        status=TransferStatus.REQUESTED,
        kind=body.kind,
        origin=origin.code,
        destination=body.destination.code,
        asked_from=command.scope.code,
        note=body.note,
        open_matters={},
        answer_due_on=await _due(command, origin.code),
        requested_at=command.now,
        requested_by=command.actor.subject,
    )
    if not await repository.add(command, row):
        raise TransferUnderWay
    return await _stepped(command, row, note=body.note)


async def _named_file(command: Command, body: TransferCreate) -> tuple[UUID, str, Jurisdiction]:
    if body.case_file_id is not None:
        for file in await households.locked_many(command, [body.case_file_id]):
            if file.status != CaseFileStatus.CLOSED:
                return file.id, file.number, Jurisdiction(file.jurisdiction)
        raise _at("/case_file_id", CaseFileUnknown)
    assert body.number is not None
    assert body.identity is not None
    found = await queries.file_of_member(command.connection, body.number, body.identity)
    if found is None:
        raise _at("/number", CaseFileUnknown)
    return found[0], body.number, Jurisdiction(found[1])


async def confirm(command: Command, transfer_id: UUID, *, version: int, body: Confirmation) -> TransferRead:
    """The origin lets the file go.

    Raises NotFound, PreconditionFailed, TransferStepNotAllowed, NotYourSide, CountyConfirms, CaseFileNotAtOrigin and
    OpenMatters.
    """
    seen = await _seen(command, transfer_id)
    files = await households.locked_many(command, [seen.case_file_id])
    transfer = await _at_step(command, transfer_id, "confirm", version=version)
    _require_origin(command, transfer)
    if not files or files[0].jurisdiction != transfer.origin or files[0].status == CaseFileStatus.CLOSED:
        raise CaseFileNotAtOrigin
    matters = await queries.open_matters(command.connection, transfer.case_file_id)
    if matters and not body.carry_over:
        raise OpenMatters(open_matters=matters)
    transfer.open_matters = matters
    transfer.answer_due_on = await _due(command, transfer.destination)
    return await _moved_on(command, transfer, "confirm")


async def accept(command: Command, transfer_id: UUID, *, version: int, body: Acceptance) -> TransferRead:
    """The destination takes the file, from a day on.

    Raises NotFound, PreconditionFailed, TransferStepNotAllowed, NotYourSide, OutsideDestination, CenterNeeded,
    EffectiveInThePast, CenterNotOpen, NoRuleInForce, CenterFull, WorkerNotPosted and WorkerFull.
    """
    seen = await _seen(command, transfer_id)
    _require_side(command, seen.destination, Side.DESTINATION)
    center = body.center or Jurisdiction(seen.destination)
    if not Jurisdiction(seen.destination).covers(center):
        raise _at("/center", OutsideDestination)
    await distributions.one_at_a_time(command, center.code)  # before any row is locked, as everybody does it
    if body.worker is not None and center.level == Level.CENTER:
        await staff_repository.one_giver_at_a_time(command, center.code)
    transfer = await _at_step(command, transfer_id, "accept", version=version)
    effective_on = body.effective_on or today()
    if effective_on < today():
        raise _at("/effective_on", EffectiveInThePast)
    if center.level == Level.CENTER:
        await _require_room(command, center, on=effective_on)
        if body.worker is not None:
            await staff.require_room(command, body.worker, center=center.code, files=1, pointer="/worker")
    elif len(transfer.origin) == len(center.code):
        if body.worker is not None:  # from one waiting list to another
            raise _at("/worker", WorkerNotPosted)
    else:
        raise _at("/center", CenterNeeded)
    transfer.destination, transfer.effective_on = center.code, effective_on
    transfer.worker, transfer.payer_category = body.worker, body.payer_category
    transfer.answer_due_on = None
    return await _moved_on(command, transfer, "accept")


async def _require_room(command: Command, center: Jurisdiction, *, on: date) -> None:
    if not await households_queries.is_open(command.connection, center):
        raise _at("/center", CenterNotOpen)
    maximum = (await rules_at(command.connection, center.code, names=[MAXIMUM], on=on)).get(MAXIMUM)
    if maximum is None:
        raise NoRuleInForce(centers=[center.code])
    files, coming = await queries.load(command.connection, center.code)
    if files + coming >= maximum:
        raise CenterFull(files=files, coming=coming, maximum=maximum)


async def refuse(command: Command, transfer_id: UUID, *, version: int, body: Refusal) -> TransferRead:
    """The side whose turn it is says no.

    Raises NotFound, PreconditionFailed, TransferStepNotAllowed, NotYourSide and CountyConfirms.
    """
    transfer = await _at_step(command, transfer_id, "refuse", version=version)
    if transfer.status == TransferStatus.REQUESTED:
        _require_origin(command, transfer)
    else:
        _require_side(command, transfer.destination, Side.DESTINATION)
    transfer.refusal_reason, transfer.answer_due_on = body.reason, None
    return await _moved_on(command, transfer, "refuse", reason=body.reason, note=body.note)


async def withdraw(command: Command, transfer_id: UUID, *, version: int, body: Withdrawal) -> TransferRead:
    """The side that asked does not want it any more.

    Raises NotFound, PreconditionFailed, TransferStepNotAllowed and NotYourSide.
    """
    transfer = await _at_step(command, transfer_id, "withdraw", version=version)
    _require_side(command, transfer.asked_from, "asked_from")
    transfer.answer_due_on = None
    return await _moved_on(command, transfer, "withdraw", note=body.note)


async def _seen(command: Command, transfer_id: UUID) -> Transfer:
    transfer = await repository.find(command, transfer_id)
    if transfer is None:
        raise NotFound
    return transfer


async def _at_step(command: Command, transfer_id: UUID, step: str, *, version: int) -> Transfer:
    transfer = await repository.find(command, transfer_id, lock=True)
    if transfer is None:
        raise NotFound
    if transfer.version != version:
        raise PreconditionFailed
    if transfer.status not in STEPS[step][0]:
        allowed = [name for name, (sources, _) in STEPS.items() if transfer.status in sources]
        raise TransferStepNotAllowed(present=transfer.status, allowed=allowed)
    return transfer


def _require_side(command: Command, place: str, side: str) -> None:
    if not command.scope.covers(Jurisdiction.from_code(place)):
        raise NotYourSide(side=side)


def _require_origin(command: Command, transfer: Transfer) -> None:
    _require_side(command, transfer.origin, Side.ORIGIN)
    if _between_counties(transfer) and command.scope.level == Level.CENTER:
        raise CountyConfirms


def _between_counties(transfer: Transfer) -> bool:
    return transfer.origin[:4] != transfer.destination[:4]


async def _moved_on(
    command: Command, transfer: Transfer, step: str, *, reason: str | None = None, note: str | None = None
) -> TransferRead:
    transfer.status = STEPS[step][1]
    transfer.version += 1
    transfer.escalated_at = transfer.escalated_to = None
    return await _stepped(command, transfer, reason=reason, note=note)


async def _stepped(
    command: Command, transfer: Transfer, *, reason: str | None = None, note: str | None = None
) -> TransferRead:
    repository.step(command, transfer, transfer.status, reason=reason, note=note)
    await command.session.flush()
    command.after_commit.append(changes.ring)
    return await queries.transfer(command.connection, transfer.id, scope=command.scope_range, steps=STEPS)


async def _due(command: Command, place: str) -> date | None:
    days = (await rules_at(command.connection, place, names=[ANSWER_DAYS], on=today())).get(ANSWER_DAYS)
    return None if days is None else today() + timedelta(days=days)


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title)])


# beside the requests, as the service itself


async def work(database: Database) -> bool:
    """Do the next thing that is to be done; False when there is nothing, or another process is at it."""
    async with database.query(Actor.system("casefile")) as query:
        found = await queries.work(query.connection, on=today())
    if found is None:
        return False
    # an event says who caused it: of a step that is whoever took it, though only the service sees both sides
    actor = Actor(subject=found["actor"], roles=frozenset(), scope=NATION) if found["actor"] else None
    async with database.command(actor or Actor.system("casefile")) as command:
        if not await repository.alone(command):
            return False
        if found["what"] == "tell":
            await _tell(command, found["transfer_id"], version=found["version"])
        elif found["what"] == "take-effect":
            await _take_effect(command, found["transfer_id"])
        else:
            await _escalate(command, found["transfer_id"])
    return True


async def _tell(command: Command, transfer_id: UUID, *, version: int) -> None:
    """Tell both sides of a step, and write it into the file's timeline."""
    step = await repository.untold(command, transfer_id, version=version)
    transfer = await repository.find(command, transfer_id)
    if step is None or transfer is None:
        return
    command.publish_many(events.facts(transfer, step))
    about = {"from": transfer.origin, "to": transfer.destination, "reason": step.reason}
    file = await repository.file(command, transfer.case_file_id)
    happened(command, file, kind=f"transfer-{step.step}", ref=transfer.id, about=about, at=step.at)
    step.told_at = command.now


async def _take_effect(command: Command, transfer_id: UUID) -> None:
    """Move the file if everything still is as it has to be; otherwise the transfer lapses."""
    seen = await _seen(command, transfer_id)
    if seen.worker is not None:
        await staff_repository.one_giver_at_a_time(command, seen.destination)
    (file,) = await households.locked_many(command, [seen.case_file_id])
    transfer = await repository.find(command, transfer_id, lock=True)
    if transfer is None or transfer.status != TransferStatus.ACCEPTED:
        return
    destination = Jurisdiction(transfer.destination)
    if destination.level == Level.CENTER and not await households_queries.is_open(command.connection, destination):
        transfer.status, transfer.lapse_reason = TransferStatus.LAPSED, LapseReason.DESTINATION_NOT_OPEN
        transfer.version += 1
        repository.step(command, transfer, TransferStatus.LAPSED, reason=transfer.lapse_reason)
        return
    worker = transfer.worker
    if worker is not None:
        try:
            await staff.require_room(command, worker, center=destination.code, files=1, pointer="/worker")
        except (WorkerNotPosted, WorkerFull):
            worker = None  # the household moves all the same; the destination sees a file without a worker
    transfer.status, transfer.effective_at = TransferStatus.EFFECTIVE, command.now
    transfer.version += 1
    repository.step(command, transfer, TransferStatus.EFFECTIVE).told_at = command.now
    await command.session.flush()  # before the file moves: what is under way then lapses
    going = repository.Going(
        place=transfer.destination,
        status=file.status,
        worker=worker,
        payer_category=transfer.payer_category or file.payer_category,
        transfer_id=transfer.id,
    )
    await move(command, [file], {file.id: going})


async def _escalate(command: Command, transfer_id: UUID) -> None:
    """Nobody answered in time: the office above is told, and may answer instead, as it always could."""
    transfer = await repository.find(command, transfer_id, lock=True)
    if transfer is None or transfer.answer_due_on is None or transfer.escalated_at is not None:
        return
    if transfer.status == TransferStatus.REQUESTED:
        answering = Jurisdiction(transfer.origin)
        answering = answering.county if _between_counties(transfer) and answering.county else answering
    else:
        answering = Jurisdiction(transfer.destination)
    transfer.escalated_at, transfer.escalated_to = command.now, (answering.parent or answering).code
    transfer.version += 1
    repository.step(command, transfer, events.ESCALATED)
    await command.session.flush()


async def move(command: Command, files: Sequence[CaseFile], going: Mapping[UUID, repository.Going]) -> None:
    """Let locked files go where they are to go, at this instant, with their persons: place, worker and payer change at
    once. Both scopes have to be the command's."""
    persons = await households_queries.persons_of(command.connection, [file.id for file in files])
    for file in files:
        terms, origin = going[file.id], Jurisdiction(file.jurisdiction)
        wanted = {
            "jurisdiction": terms.place,
            "status": terms.status,
            "assigned_worker": terms.worker,
            "payer_category": terms.payer_category,
        }
        if terms.status != file.status:
            wanted["status_reason"] = None
            file.status_since = command.now
        changes = {name: (getattr(file, name), after) for name, after in wanted.items() if getattr(file, name) != after}
        for name, (_, after) in changes.items():
            setattr(file, name, after)
        households.next_version(command, file, action=HistoryAction.MOVED, changes=changes)
        about = {"from": origin.code, "to": terms.place}
        happened(command, file, kind="transfer-effective", ref=terms.transfer_id, about=about)
        command.publish(
            CaseFileLeftV1(
                case_file_id=file.id,
                version=file.version,
                jurisdiction=origin,
                destination=terms.place,
                effective_at=command.now,
            )
        )
        command.publish(
            CaseFileMovedV1(
                **households_events.state_of(file, persons[file.id]),
                previous_jurisdiction=origin,
                effective_at=command.now,
                reason="transfer",
                transfer_id=terms.transfer_id,
            )
        )
    await command.session.flush()
    await repository.members_follow(command, [file.id for file in files])
