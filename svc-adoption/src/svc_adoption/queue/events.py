"""From a queue entry to what is announced of it: an id and a state."""

from shared.contracts.adoption import QueueEntryChangedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.queue.models import QueueEntry


def changed(entry: QueueEntry) -> QueueEntryChangedV1:
    return QueueEntryChangedV1(
        jurisdiction=Jurisdiction.from_code(entry.jurisdiction),
        request_id=entry.id,
        version=entry.version,
        state=entry.state,
    )
