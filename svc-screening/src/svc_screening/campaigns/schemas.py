"""What the API says about campaigns."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day, JalaliOrIsoDay
from shared.kit.changes import KEPT
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name
from svc_screening.campaigns.models import CampaignStatus
from svc_screening.programmes.schemas import ProgrammeCode


class CampaignCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    programme: ProgrammeCode
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="The nation, a province or a county; absent: the caller's own place")
    ] = None
    name_fa: Name
    name_en: Name | None = None
    born_from: Annotated[JalaliOrIsoDay, Field(description="The birth cohort, both days included")]
    born_to: JalaliOrIsoDay
    opens_on: Annotated[JalaliOrIsoDay, Field(description="The season, both days included")]
    closes_on: JalaliOrIsoDay

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.born_to < self.born_from or self.closes_on < self.opens_on:
            raise InvalidValue("dates-out-of-order", fa="تاریخ‌ها به ترتیب نیست", en="the dates are out of order")
        return self


class CampaignUpdate(BaseModel):
    """Only what is sent changes. For whom a campaign is, and where, is decided once."""

    model_config = ConfigDict(extra="forbid")

    name_fa: Name = KEPT
    name_en: Name | None = None
    closes_on: JalaliOrIsoDay = KEPT


class CampaignRead(BaseModel):
    id: UUID
    version: int
    programme: ProgrammeCode
    jurisdiction: Jurisdiction
    status: CampaignStatus
    name_fa: str
    name_en: str | None
    born_from: date
    born_to: date
    born_from_jalali: Annotated[str, Field(examples=["1398/07/01"])]
    born_to_jalali: str
    opens_on: date
    closes_on: date
    created_at: AwareDatetime
    created_by: str


class CampaignFilters(ListQuery):
    programme: ProgrammeCode | None = None
    status: CampaignStatus | None = None
    covering: Annotated[Jurisdiction | None, Field(description="Only those that are carried out at this place")] = None
    on: Annotated[Day | None, Field(description="Only those whose season includes this day")] = None
