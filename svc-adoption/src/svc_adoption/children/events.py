"""From a child's reference to what is announced of it: an id and a state."""

from shared.contracts.adoption import ChildChangedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.children.models import Child


def changed(child: Child) -> ChildChangedV1:
    return ChildChangedV1(
        jurisdiction=Jurisdiction.from_code(child.jurisdiction),
        child_id=child.id,
        version=child.version,
        state=child.state,
    )
