"""From an opened file to what its own center is told."""

from shared.contracts.casefile import CaseFileGlassBrokenV1
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.break_glass.models import BreakGlass


def broken(glass: BreakGlass) -> CaseFileGlassBrokenV1:
    return CaseFileGlassBrokenV1(
        jurisdiction=Jurisdiction(glass.jurisdiction),
        case_file_id=glass.case_file_id,
        break_glass_id=glass.id,
        opened_by=glass.actor,
        opened_from=Jurisdiction.from_code(glass.opened_from),
        expires_at=glass.expires_at,
    )
