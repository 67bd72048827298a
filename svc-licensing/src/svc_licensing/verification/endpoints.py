"""Whether a licence on a wall is one: for everybody, by its number or the code on it."""

from shared.chassis.http import Query, Router
from shared.kit.problems import NotFound, TooManyRequests
from svc_licensing.licences.schemas import LicenceNumber
from svc_licensing.verification import queries
from svc_licensing.verification.errors import LicenceNumberUnknown
from svc_licensing.verification.schemas import Verification

router = Router(prefix="/v1/licence-verifications", tags=["Licences"])


@router.get("/{number}", permission=None, public=True, problems=[NotFound, LicenceNumberUnknown, TooManyRequests])
async def verify_licence(number: LicenceNumber, query: Query) -> Verification:
    """Valid or not, whose, of what kind and until when. No account is needed."""
    return await queries.verify(query, number)
