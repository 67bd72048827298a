"""From a statement to what is announced of it."""

from shared.contracts.casefile import SettlementApprovedV1, SettlementClosedV1, SettlementPaidV1, SettlementState
from svc_casefile.settlements.schemas import SettlementRead, SettlementStatus

_FACTS = {
    SettlementStatus.CLOSED: SettlementClosedV1,
    SettlementStatus.APPROVED: SettlementApprovedV1,
    SettlementStatus.PAID: SettlementPaidV1,
}


def fact(settlement: SettlementRead) -> SettlementState:
    """The event of the status that the statement has come to; a draft is nobody's business yet."""
    return _FACTS[settlement.status](
        jurisdiction=settlement.jurisdiction,
        settlement_id=settlement.id,
        version=settlement.version,
        month=settlement.month,
        counted_to=settlement.counted_to,
        lines=settlement.lines,
        counted=settlement.counted,
        total_rials=settlement.total_rials,
    )
