"""Looks a licence up for anybody, past the policies, by a function that tells no more than this."""

from shared.chassis.database import Query
from shared.kit.calendar import today
from svc_licensing.licences.schemas import LicenceNumber
from svc_licensing.verification.errors import LicenceNumberUnknown
from svc_licensing.verification.schemas import Verification


async def verify(query: Query, number: LicenceNumber) -> Verification:
    """Raises LicenceNumberUnknown."""
    row = await query.fetchrow("SELECT * FROM licence_shown($1, $2)", number, today())
    if row is None:
        raise LicenceNumberUnknown
    return Verification(number=number, **row)
