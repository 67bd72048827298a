"""From a complaint to what is announced of it, to the place that handles it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from shared.contracts.casefile import ComplaintState
from shared.kit.jurisdiction import Jurisdiction

S = TypeVar("S", bound=ComplaintState)


def fact(kind: type[S], complaint: Mapping[str, Any], **more: Any) -> S:
    """The event of a row, or of what it says."""
    return kind(
        jurisdiction=Jurisdiction.from_code(complaint["jurisdiction"]),
        complaint_id=complaint["id"],
        version=complaint["version"],
        kind=complaint["kind"],
        status=complaint["status"],
        due_on=complaint["due_on"],
        **more,
    )
