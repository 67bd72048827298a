"""The rules of settlement.

A statement is what is known when it is made: a draft is made anew as often as wanted, and is the same as long as
nothing new is known. Closing is the center's word that this is all; what is recorded later, and what is decided to have
been wrong, comes as new lines of a later statement, which name the month they belong to.
"""

from collections.abc import Mapping
from uuid import UUID

from shared.chassis.actor import Actor
from shared.chassis.database import Command
from shared.contracts.permissions import Permission
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, Forbidden, NotFound, PreconditionFailed, ScopeForbidden
from svc_casefile.settlements import events, queries, repository
from svc_casefile.settlements.errors import (
    AnotherPersonNeeded,
    DisputeAnswered,
    LineCorrected,
    LineDisputed,
    LineNotClosed,
    MonthNotBegun,
    SettlementOutdated,
    SettlementStepNotAllowed,
    TooManyDays,
)
from svc_casefile.settlements.models import SettlementCorrection, SettlementDispute
from svc_casefile.settlements.schemas import (
    CorrectionCreate,
    CorrectionRead,
    DisputeAnswer,
    DisputeCreate,
    DisputeRead,
    DisputeStatus,
    Drafted,
    Entry,
    Payment,
    SettlementDraft,
    SettlementRead,
    SettlementStatus,
)

STEPS: Mapping[str, tuple[SettlementStatus, SettlementStatus]] = {
    "close": (SettlementStatus.DRAFT, SettlementStatus.CLOSED),
    "approve": (SettlementStatus.CLOSED, SettlementStatus.APPROVED),
    "pay": (SettlementStatus.APPROVED, SettlementStatus.PAID),
}
"""Operation → from where it leads where."""


def own_lines_of(actor: Actor) -> str | None:
    """The subject to whose lines the caller is held: who disputes but does not close is a worker, and sees their own.

    What a colleague earns is for those who close, approve, pay and audit.
    """
    is_worker = Permission.SETTLEMENT_DISPUTE in actor.permissions
    return actor.subject if is_worker and Permission.SETTLEMENT_CLOSE not in actor.permissions else None


async def draft(command: Command, wanted: SettlementDraft) -> Drafted:
    """Make the drafts of a month, or make them anew; what was closed stays. Raises ScopeForbidden, MonthNotBegun."""
    place, counted_to = wanted.jurisdiction or command.scope, today()
    if not command.scope.covers(place):
        raise ScopeForbidden
    if counted_to < wanted.month.first_day:
        raise MonthNotBegun(errors=[FieldError("/month", MonthNotBegun.code, MonthNotBegun.title)])
    centers = await queries.centers(command.connection, place, wanted.month)
    await repository.begin(
        command,
        wanted.month,
        centers=[(new_id(), center) for center in centers],
        counted_to=min(counted_to, wanted.month.last_day),
    )
    drafts = await queries.locked_drafts(command.connection, place, wanted.month)
    await repository.reckon(command, [row["id"] for row in drafts], counted_to=counted_to)
    items = await queries.of_month(command.connection, place, wanted.month)
    return Drafted(month=wanted.month, jurisdiction=place, items=items)


async def close(command: Command, settlement_id: UUID, *, version: int) -> SettlementRead:
    """Raises NotFound, PreconditionFailed, SettlementStepNotAllowed, and SettlementOutdated when the draft is not what
    is known now."""
    center = (await _current(command, settlement_id, lock=False)).jurisdiction
    await repository.one_at_a_time(command, center.code)
    seen = await _at_step(command, settlement_id, "close", version=version)
    await repository.reckon(command, [settlement_id], counted_to=today())
    if (await _current(command, settlement_id)).digest != seen.digest:
        raise SettlementOutdated
    await repository.close(command, settlement_id)
    return await _settled(command, settlement_id)


async def approve(command: Command, settlement_id: UUID, *, version: int) -> SettlementRead:
    """Raises NotFound, PreconditionFailed, SettlementStepNotAllowed and AnotherPersonNeeded."""
    closed = await _at_step(command, settlement_id, "approve", version=version)
    if closed.closed_by == command.actor.subject:
        raise AnotherPersonNeeded
    await repository.approve(command, settlement_id)
    return await _settled(command, settlement_id)


async def pay(command: Command, settlement_id: UUID, *, version: int, body: Payment) -> SettlementRead:
    """Record that the statement was paid. Raises NotFound, PreconditionFailed and SettlementStepNotAllowed."""
    await _at_step(command, settlement_id, "pay", version=version)
    await repository.pay(command, settlement_id, paid_on=body.paid_on, reference=body.reference)
    return await _settled(command, settlement_id)


async def correct(command: Command, settlement_id: UUID, line_id: UUID, body: CorrectionCreate) -> CorrectionRead:
    """Decide what a closed line should have said; the center's next statement takes it back and says so.

    Raises NotFound, LineNotClosed, LineCorrected and TooManyDays.
    """
    statement = await _current(command, settlement_id)
    line = await queries.line(command.connection, settlement_id, line_id, own=None)
    if statement.status == SettlementStatus.DRAFT:
        raise LineNotClosed
    if line["entry"] == Entry.REVERSAL or await queries.is_corrected(command.connection, line_id):
        raise LineCorrected
    days = body.days or line["days"]
    if days > (line["of_days"] or line["days"]):
        raise TooManyDays(errors=[FieldError("/days", TooManyDays.code, TooManyDays.title)])
    row = SettlementCorrection(
        id=new_id(),
        jurisdiction=statement.jurisdiction.code,
        line_id=line_id,
        counts=body.counts,
        days=days,
        reason=body.reason,
        made_at=command.now,
        made_by=command.actor.subject,
    )
    repository.add(command, row)
    return CorrectionRead.model_validate(row.model_dump())


async def dispute(command: Command, settlement_id: UUID, line_id: UUID, body: DisputeCreate) -> DisputeRead:
    """Say that a line is wrong: a worker about their own, a manager about any. Raises NotFound and LineDisputed."""
    statement = await _current(command, settlement_id)
    line = await queries.line(command.connection, settlement_id, line_id, own=own_lines_of(command.actor))
    if await queries.has_open_dispute(command.connection, line_id):
        raise LineDisputed
    row = SettlementDispute(
        id=new_id(),
        settlement_id=settlement_id,
        line_id=line_id,
        jurisdiction=statement.jurisdiction.code,
        version=1,
        status=DisputeStatus.OPEN,
        worker=line["worker"],
        reason=body.reason,
        opened_at=command.now,
        opened_by=command.actor.subject,
    )
    repository.add(command, row)
    return _read(row)


async def answer(command: Command, dispute_id: UUID, *, version: int, body: DisputeAnswer) -> DisputeRead:
    """Answer a dispute: the manager a worker's, the county anybody's. An upheld one changes no line by itself: a draft
    follows what is recorded, and a closed line is corrected.

    Raises Forbidden, NotFound, PreconditionFailed, DisputeAnswered and AnotherPersonNeeded.
    """
    if not command.actor.permissions & {Permission.SETTLEMENT_CLOSE, Permission.SETTLEMENT_APPROVE}:
        raise Forbidden
    row = await repository.hold_dispute(command, dispute_id)
    if row is None:
        raise NotFound
    if row.version != version:
        raise PreconditionFailed
    if row.status != DisputeStatus.OPEN:
        raise DisputeAnswered
    if row.opened_by == command.actor.subject:
        raise AnotherPersonNeeded
    row.status = DisputeStatus.UPHELD if body.upheld else DisputeStatus.REJECTED
    row.answer, row.answered_at, row.answered_by = body.answer, command.now, command.actor.subject
    row.version += 1
    return _read(row)


def _read(row: SettlementDispute) -> DisputeRead:
    return DisputeRead.model_validate(row.model_dump())


async def _current(command: Command, settlement_id: UUID, *, lock: bool = True) -> SettlementRead:
    return await queries.settlement(command.connection, settlement_id, scope=command.scope_range, own=None, lock=lock)


async def _at_step(command: Command, settlement_id: UUID, step: str, *, version: int) -> SettlementRead:
    current = await _current(command, settlement_id)
    if current.version != version:
        raise PreconditionFailed
    if current.status != STEPS[step][0]:
        allowed = [name for name, (source, _) in STEPS.items() if source == current.status]
        raise SettlementStepNotAllowed(present=current.status, allowed=allowed)
    return current


async def _settled(command: Command, settlement_id: UUID) -> SettlementRead:
    settled = await _current(command, settlement_id)
    command.publish(events.fact(settled))
    return settled
