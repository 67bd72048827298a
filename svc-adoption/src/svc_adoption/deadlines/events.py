"""From a deadline to what is announced of it."""

from shared.contracts.adoption import DeadlinePassedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.deadlines.models import Deadline


def passed(deadline: Deadline) -> DeadlinePassedV1:
    assert deadline.due_on is not None
    return DeadlinePassedV1(
        jurisdiction=Jurisdiction.from_code(deadline.jurisdiction),
        deadline_id=deadline.id,
        request_id=deadline.request_id,
        kind=deadline.kind,
        due_on=deadline.due_on,
    )
