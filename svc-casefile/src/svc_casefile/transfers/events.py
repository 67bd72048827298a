"""From a transfer to what both sides are told of it."""

from collections.abc import Iterator
from typing import Any

from shared.contracts.casefile import (
    TransferAcceptedV1,
    TransferConfirmedV1,
    TransferEscalatedV1,
    TransferLapsedV1,
    TransferRefusedV1,
    TransferRequestedV1,
    TransferState,
    TransferWithdrawnV1,
)
from svc_casefile.transfers.models import Transfer, TransferStep

ESCALATED = "escalated"

_FACTS: dict[str, type[TransferState]] = {
    "requested": TransferRequestedV1,
    "confirmed": TransferConfirmedV1,
    "accepted": TransferAcceptedV1,
    "refused": TransferRefusedV1,
    "withdrawn": TransferWithdrawnV1,
    "lapsed": TransferLapsedV1,
    ESCALATED: TransferEscalatedV1,
}


def facts(transfer: Transfer, step: TransferStep) -> Iterator[TransferState]:
    """The step as an event for each side; an escalation is for the office above."""
    told = [transfer.escalated_to] if step.step == ESCALATED else [transfer.origin, transfer.destination]
    said: dict[str, Any] = {
        "transfer_id": transfer.id,
        "version": step.version,
        "case_file_id": transfer.case_file_id,
        "number": transfer.number,
        "kind": transfer.kind,
        "origin": transfer.origin,
        "destination": transfer.destination,
        "answer_due_on": transfer.answer_due_on,
        "effective_on": transfer.effective_on,
        "reason": step.reason,
    }
    for jurisdiction in told:
        yield _FACTS[step.step](jurisdiction=jurisdiction, **said)
