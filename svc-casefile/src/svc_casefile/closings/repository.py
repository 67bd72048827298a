"""Writes of centers that are cleared."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from shared.chassis.database import Command
from svc_casefile.closings.models import CenterClosing
from svc_casefile.households.models import CaseFile
from svc_casefile.transfers.models import Transfer, TransferStep
from svc_casefile.transfers.repository import Going


async def add(command: Command, closing: CenterClosing) -> None:
    command.session.add(closing)
    await command.session.flush()


async def add_transfers(
    command: Command, closing: CenterClosing, files: Sequence[CaseFile], going: Mapping[UUID, Going]
) -> None:
    """A transfer for each file, effective at once: what the center keeps of it."""
    for file in files:
        terms = going[file.id]
        transfer = Transfer(
            id=terms.transfer_id,
            case_file_id=file.id,
            number=file.number,
            version=1,
            status="effective",
            kind="closing",
            origin=closing.jurisdiction,
            destination=terms.place,
            asked_from=command.scope.code,
            open_matters={},
            effective_on=closing.rules_on,
            effective_at=command.now,
            closing_id=closing.id,
            requested_at=command.now,
            requested_by=command.actor.subject,
        )
        step = TransferStep(
            transfer_id=transfer.id,
            version=1,
            step="effective",
            at=command.now,
            actor=command.actor.subject,
            jurisdiction=command.scope.code,
            told_at=command.now,
        )
        command.session.add_all([transfer, step])
    await command.session.flush()


async def hasten_accepted(command: Command, center: str, *, on: date) -> None:
    """What another place has accepted already goes there now, and not only on its day."""
    await command.connection.execute(
        "UPDATE transfer SET effective_on = $2, version = version + 1"
        " WHERE origin = $1 AND status = 'accepted' AND effective_on > $2",
        center,
        on,
    )
