"""From a deadline to what is announced of it."""

from shared.contracts.licensing import DeadlineOverdueV1, DeadlineRemindedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_licensing.deadlines.models import Deadline


def overdue(deadline: Deadline, *, to: Jurisdiction) -> DeadlineOverdueV1:
    assert deadline.due_on is not None
    return DeadlineOverdueV1(
        jurisdiction=Jurisdiction.from_code(deadline.jurisdiction),
        deadline_id=deadline.id,
        application_id=deadline.application_id,
        code=deadline.code,
        office=deadline.office,
        due_on=deadline.due_on,
        escalated_to=to,
    )


def reminded(deadline: Deadline) -> DeadlineRemindedV1:
    assert deadline.due_on is not None
    return DeadlineRemindedV1(
        jurisdiction=Jurisdiction.from_code(deadline.jurisdiction),
        deadline_id=deadline.id,
        application_id=deadline.application_id,
        code=deadline.code,
        office=deadline.office,
        due_on=deadline.due_on,
    )
