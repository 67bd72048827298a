"""What is announced about a center: always its whole public state."""

from typing import Any

from shared.contracts.registry import (
    CenterChangedV1,
    CenterClosedV1,
    CenterOpenedV1,
    CenterPlannedV1,
    CenterReadiedV1,
    CenterSuspendedV1,
)
from svc_registry.centers.models import Center, CenterStatus

CenterEvent = CenterPlannedV1 | CenterReadiedV1 | CenterOpenedV1 | CenterSuspendedV1 | CenterClosedV1

_REACHED: dict[CenterStatus, type[CenterEvent]] = {
    CenterStatus.PLANNED: CenterPlannedV1,
    CenterStatus.READY: CenterReadiedV1,
    CenterStatus.OPEN: CenterOpenedV1,
    CenterStatus.SUSPENDED: CenterSuspendedV1,
    CenterStatus.CLOSED: CenterClosedV1,
}


def reached(center: Center) -> CenterEvent:
    """The fact that the center has reached the status it has."""
    return _REACHED[CenterStatus(center.status)](**_state(center))


def changed(center: Center) -> CenterChangedV1:
    return CenterChangedV1(**_state(center))


def _state(center: Center) -> dict[str, Any]:
    return {
        "jurisdiction": center.code,
        "code": center.code,
        "version": center.version,
        "name_fa": center.name_fa,
        "name_en": center.name_en,
        "status": center.status,
        "area_class": center.area_class,
        "latitude": center.latitude,
        "longitude": center.longitude,
        "opened_on": center.opened_on,
        "service_area": center.service_area,
    }
