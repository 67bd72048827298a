"""From a service request to what is announced of it: no persons, no texts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shared.contracts.casefile import (
    ServiceRequestAcceptedV1,
    ServiceRequestAnsweredV1,
    ServiceRequestDeliveredV1,
    ServiceRequestEscalatedV1,
    ServiceRequestOpenedV1,
    ServiceRequestReferredV1,
    ServiceRequestRefusedV1,
    ServiceRequestStartedV1,
    ServiceRequestState,
)
from shared.kit.calendar import TEHRAN
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.requests.models import ServiceRequest

_STEPS: Mapping[str, type[ServiceRequestState]] = {
    "accept": ServiceRequestAcceptedV1,
    "start": ServiceRequestStartedV1,
    "refer": ServiceRequestReferredV1,
}


def _state(request: ServiceRequest) -> dict[str, Any]:
    return {
        "jurisdiction": Jurisdiction(request.jurisdiction),
        "service_request_id": request.id,
        "case_file_id": request.case_file_id,
        "version": request.version,
        "service_code": request.service_code,
        "status": request.status,
        "requested_on": request.requested_at.astimezone(TEHRAN).date(),
        "expected_on": request.expected_on,
    }


def opened(request: ServiceRequest) -> ServiceRequestOpenedV1:
    return ServiceRequestOpenedV1(**_state(request))


def stepped(request: ServiceRequest, step: str) -> ServiceRequestState:
    return _STEPS[step](**_state(request))


def delivered(request: ServiceRequest) -> ServiceRequestDeliveredV1:
    assert request.delivered_at is not None
    return ServiceRequestDeliveredV1(**_state(request), delivered_at=request.delivered_at)


def refused(request: ServiceRequest) -> ServiceRequestRefusedV1:
    assert request.refusal_reason is not None
    return ServiceRequestRefusedV1(**_state(request), reason=request.refusal_reason)


def answered(request: ServiceRequest, *, outcome: str) -> ServiceRequestAnsweredV1:
    return ServiceRequestAnsweredV1(**_state(request), outcome=outcome)


def escalated(request: ServiceRequest, *, overdue_since: date) -> ServiceRequestEscalatedV1:
    return ServiceRequestEscalatedV1(
        **_state(request), escalated_to=Jurisdiction(request.jurisdiction[:4]), overdue_since=overdue_since
    )
