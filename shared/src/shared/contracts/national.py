"""What national systems send in, each at `national.<its name>.…`, where nobody else may publish."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from shared.contracts.events import NationalEvent

Reference = Annotated[str, StringConstraints(max_length=100)]
Note = Annotated[str, StringConstraints(max_length=2000)]


class InquiryRepliedV1(NationalEvent, owner="national", aggregate="inquiry", fact="replied", version=1):
    """A national system answers what it was asked. Sent again it changes nothing."""

    identified_by = "inquiry_id"

    inquiry_id: UUID
    result: Literal["ok", "mismatch"] = Field(
        description="`ok`: nothing speaks against the purpose that was named. `mismatch`: something does, or what was "
        "said does not agree with the records"
    )
    reference: Reference = Field(description="By what the system finds its answer again")
    note: Note | None = Field(default=None, description="For the officer who asked")
    valid_until: date | None = Field(default=None, description="The last day; absent when the system names none")
    replied_at: AwareDatetime
