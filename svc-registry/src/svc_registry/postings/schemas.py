"""What the API says and takes about postings."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.contracts.roles import Role
from shared.kit.calendar import Day
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue

# printable ASCII without spaces: an OIDC `sub` is at most 255 ASCII characters, and it is compared as it is
Person = Annotated[
    str,
    Field(
        min_length=1, max_length=255, pattern=r"^[!-~]+$", description="The person's OIDC subject", examples=["m.rezai"]
    ),
]


class PostingCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: Person
    role: Role
    jurisdiction: Jurisdiction
    valid_from: Annotated[Day | None, Field(description="The first day; today when absent")] = None
    valid_to: Annotated[Day | None, Field(description="The last day; open when absent")] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidValue(
                "dates-out-of-order",
                fa="valid_to نباید پیش از valid_from باشد",
                en="valid_to must not be before valid_from",
            )
        return self


class PostingEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    last_day: Annotated[Day | None, Field(description="It ends with this day; at once when absent")] = None


class PostingRead(BaseModel):
    id: UUID
    version: int
    person: str
    role: Role
    jurisdiction: Jurisdiction
    valid_from: date
    valid_to: Annotated[date | None, Field(description="The last day, that day included")]
    granted_by: str
    granted_at: AwareDatetime
    ended_by: str | None
    ended_at: Annotated[AwareDatetime | None, Field(description="When it was ended at once; it grants nothing since")]


class PostingFilters(ListQuery):
    person: Person | None = None
    role: Role | None = None
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only inside this jurisdiction")] = None
    active_on: Annotated[Day | None, Field(description="Only those in force on this day")] = None
