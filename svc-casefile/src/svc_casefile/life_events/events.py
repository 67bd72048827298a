"""From a life event to what is announced of it."""

from collections.abc import Mapping

from shared.contracts.casefile import (
    LifeEventApprovedV1,
    LifeEventRecordedV1,
    LifeEventRefusedV1,
    LifeEventState,
    LifeEventWithdrawnV1,
)
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.life_events.models import LifeEvent

FACTS: Mapping[str, type[LifeEventState]] = {
    "recorded": LifeEventRecordedV1,
    "approved": LifeEventApprovedV1,
    "refused": LifeEventRefusedV1,
    "withdrawn": LifeEventWithdrawnV1,
}


def fact(event: LifeEvent, *, jurisdiction: str, fact: str) -> LifeEventState:
    """`jurisdiction`: where the file is now."""
    return FACTS[fact](
        jurisdiction=Jurisdiction(jurisdiction),
        life_event_id=event.id,
        case_file_id=event.case_file_id,
        version=event.version,
        kind=event.kind,
        status=event.status,
        member_id=event.member_id,
        happened_on=event.happened_on,
        reported_on=event.reported_on,
        source=event.source,
        case_file_version=event.last_version,
    )
