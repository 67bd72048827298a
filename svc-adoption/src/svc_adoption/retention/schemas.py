"""What the API says about erasure."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction


class ErasureRead(BaseModel):
    """The certificate that a request is erased."""

    id: UUID
    jurisdiction: Jurisdiction
    request_id: UUID
    form: str
    status: Annotated[str, Field(description="How the request had ended")]
    ended_on: date
    rule: Annotated[str, Field(description="The registry's parameter that it was erased by")]
    days: Annotated[int, Field(description="What the rule said: days after the end")]
    erased_at: AwareDatetime
    rows: Annotated[dict[str, int], Field(description="Table → rows that are gone")]


class ErasureDue(BaseModel):
    """A request that has ended and is still kept."""

    request_id: UUID
    jurisdiction: Jurisdiction
    status: str
    ended_on: date
    rule: str
    erased_on: Annotated[date | None, Field(description="None: nobody has set the rule, and the request is kept")]


class ErasureFilters(ListQuery):
    pass
