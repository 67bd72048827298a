"""What anybody may know of a licence."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from svc_licensing.licences.schemas import LicenceNumber
from svc_licensing.rules import LicenceKind


class Verification(BaseModel):
    """Whether a licence is valid, and of what, whose and until when; nothing else is anybody's to know."""

    number: LicenceNumber
    valid: Annotated[bool, Field(description="In force today: issued, not suspended, not revoked, not expired")]
    kind: LicenceKind
    holder: Annotated[str, Field(description="The holder's name, as on the certificate")]
    valid_to: Annotated[date, Field(description="The last day of its validity, unless it ended before")]
