"""From a proposal to what is announced of it: ids and a state."""

from shared.contracts.adoption import MatchChangedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.matching.models import Match


def changed(match: Match) -> MatchChangedV1:
    return MatchChangedV1(
        jurisdiction=Jurisdiction.from_code(match.jurisdiction),
        match_id=match.id,
        version=match.version,
        request_id=match.request_id,
        child_ids=match.child_ids,
        state=match.state,
    )
