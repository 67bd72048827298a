"""What the API says about screeners, their permits and the quality of their work."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from svc_screening.programmes.schemas import ProgrammeCode

Person = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$", description="OIDC subject", examples=["m.rezai"])
]


class PermitCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: Person
    center: Annotated[Jurisdiction, Field(description="Where the person is posted as a screener")]
    programme: ProgrammeCode
    certificate: Annotated[Name, Field(description="Number of the training certificate")]
    valid_from: Day
    valid_to: Annotated[Day, Field(description="The last day: no permit is without end")]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to < self.valid_from:
            raise InvalidValue("dates-out-of-order", fa="تاریخ‌ها به ترتیب نیست", en="the dates are out of order")
        return self


class Revocation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: PersianText


class PermitRead(BaseModel):
    id: UUID
    version: int
    person: str
    center: Jurisdiction
    programme: ProgrammeCode
    certificate: str
    valid_from: date
    valid_to: date
    valid_today: bool
    granted_by: str
    granted_at: AwareDatetime
    revoked_on: Annotated[date | None, Field(description="The first day on which it is no longer valid")]
    revoked_by: str | None
    revocation_reason: str | None


class PermitFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only those at this place")] = None
    person: Person | None = None
    programme: ProgrammeCode | None = None


class QualityFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    programme: ProgrammeCode
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only encounters made at this place")] = None
    made_from: Day
    made_to: Annotated[Day, Field(description="The last day")]


class Quality(BaseModel):
    """What a screener's own encounters came to. A share is of the number that is named beside it."""

    person: str
    center: Jurisdiction
    examined: Annotated[int, Field(description="Tests that were made, without those corrected since")]
    not_testable: int
    failed_first: Annotated[int, Field(description="First tests that led to a repeat")]
    repeated: Annotated[int, Field(description="Of those, the ones whose repeat was made, by whomever")]
    confirmed_by_repeat: Annotated[int, Field(description="Of those, the ones that failed again")]
    retest_agreement: Annotated[float | None, Field(description="confirmed_by_repeat / repeated; None without any")]
    referred: int
    undecided: int


class QualityReport(BaseModel):
    programme: ProgrammeCode
    made_from: date
    made_to: date
    items: list[Quality]
