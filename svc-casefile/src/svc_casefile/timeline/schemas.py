"""What the API says about a household's story."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction


class TimelineFilters(ListQuery):
    kind: Annotated[
        str | None, Field(max_length=60, pattern="^[a-z]+(-[a-z]+)*$", description="Only these, as visit-recorded")
    ] = None


class TimelineEntryRead(BaseModel):
    """One thing that happened to the household."""

    id: UUID
    at: Annotated[AwareDatetime, Field(description="When it happened, which may be long before it was recorded")]
    kind: Annotated[str, Field(examples=["visit-recorded"])]
    ref: Annotated[UUID | None, Field(description="The record itself; the kind says which")]
    about: Annotated[dict[str, Any], Field(description="A few words of code, no names")]
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was then")]
    actor: Annotated[str, Field(description="OIDC subject")]
    recorded_at: AwareDatetime
