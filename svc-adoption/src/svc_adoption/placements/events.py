"""From a placement to what is announced of it: ids, a state and a day."""

from shared.contracts.adoption import PlacementChangedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.placements.models import Placement


def changed(placement: Placement) -> PlacementChangedV1:
    return PlacementChangedV1(
        jurisdiction=Jurisdiction.from_code(placement.jurisdiction),
        placement_id=placement.id,
        version=placement.version,
        request_id=placement.request_id,
        child_ids=placement.child_ids,
        state=placement.state,
        ends_on=placement.ends_on,
    )
