"""Writes of transfers."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select

from shared.chassis.database import Command
from svc_casefile.households.models import CaseFile
from svc_casefile.transfers.models import UNDER_WAY, Transfer, TransferStep


@dataclass(frozen=True, slots=True)
class Going:
    """Where a file goes, and how it is there: the terms of its next responsibility."""

    place: str
    status: str
    worker: str | None
    payer_category: str | None
    transfer_id: UUID


async def add(command: Command, transfer: Transfer) -> bool:
    """False when the file has a transfer under way already, whoever asked for it."""
    free = await command.connection.fetchval(
        f"""
        INSERT INTO transfer (id, case_file_id, number, version, status, kind, origin, destination, asked_from, note,
                              open_matters, answer_due_on, requested_at, requested_by)
        VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, '{{}}', $10, $11, $12)
        ON CONFLICT (case_file_id) WHERE {UNDER_WAY} DO NOTHING RETURNING true
        """,
        transfer.id,
        transfer.case_file_id,
        transfer.number,
        transfer.status,
        transfer.kind,
        transfer.origin,
        transfer.destination,
        transfer.asked_from,
        transfer.note,
        transfer.answer_due_on,
        transfer.requested_at,
        transfer.requested_by,
    )
    return bool(free)


async def find(command: Command, transfer_id: UUID, *, lock: bool = False) -> Transfer | None:
    """A transfer of which one side is in the scope. `lock`: nobody else can change it until the transaction ends.

    Whoever locks a file as well locks that first, and before both takes what is to be had one at a time.
    """
    scope_from, scope_to = command.scope_range
    origin, destination = col(Transfer.origin), col(Transfer.destination)
    statement = select(Transfer).where(
        Transfer.id == transfer_id,
        or_((origin >= scope_from) & (origin < scope_to), (destination >= scope_from) & (destination < scope_to)),
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await command.session.exec(statement)).one_or_none()


def step(
    command: Command, transfer: Transfer, name: str, *, reason: str | None = None, note: str | None = None
) -> TransferStep:
    """Keep who made the transfer's present version; both sides are told later, by who sees both."""
    row = TransferStep(
        transfer_id=transfer.id,
        version=transfer.version,
        step=name,
        at=command.now,
        actor=command.actor.subject,
        jurisdiction=command.scope.code,
        reason=reason,
        note=note,
    )
    command.session.add(row)
    return row


async def untold(command: Command, transfer_id: UUID, *, version: int) -> TransferStep | None:
    """A step that nobody was told of, locked; None when that was done meanwhile."""
    statement = (
        select(TransferStep)
        .where(
            TransferStep.transfer_id == transfer_id,
            TransferStep.version == version,
            col(TransferStep.told_at).is_(None),
        )
        .with_for_update()
    )
    return (await command.session.exec(statement)).one_or_none()


async def file(command: Command, case_file_id: UUID) -> CaseFile:
    return (await command.session.exec(select(CaseFile).where(CaseFile.id == case_file_id))).one()


async def members_follow(command: Command, case_file_ids: list[UUID]) -> None:
    """The persons of households are where their files are."""
    await command.connection.execute(
        "UPDATE member SET jurisdiction = case_file.jurisdiction FROM case_file"
        " WHERE case_file.id = ANY($1) AND member.case_file_id = case_file.id",
        case_file_ids,
    )


async def alone(command: Command) -> bool:
    """Whether no other process works on transfers until the transaction ends."""
    return bool(await command.connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtext('transfers'))"))
