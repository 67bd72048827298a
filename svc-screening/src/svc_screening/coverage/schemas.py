"""What the API says about coverage and yield."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.kit.jurisdiction import Jurisdiction
from svc_screening.programmes.schemas import ProgrammeCode
from svc_screening.referrals.schemas import Level


class CoverageFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    programme: ProgrammeCode
    by: Level = Level.CENTER
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    year: Annotated[int | None, Field(ge=1300, le=1499, description="Jalali; absent: the present one")] = None
    campaign_id: Annotated[
        UUID | None, Field(description="What was done in a campaign, for its cohort; `year` is then not asked about")
    ] = None


class Coverage(BaseModel):
    """Persons at a place, each counted once however often registered, tested or referred."""

    jurisdiction: Jurisdiction
    eligible: Annotated[int, Field(description="Known there and born in the days of `born_from` to `born_to`")]
    screened: Annotated[int, Field(description="Of the eligible, examined at least once")]
    screened_others: Annotated[int, Field(description="Examined, and not of the eligible")]
    to_repeat: Annotated[int, Field(description="Of all examined, those whose first test failed")]
    repeated: Annotated[int, Field(description="Of all examined, those whose test was repeated")]
    referred: int
    attended: Annotated[int, Field(description="Of the referred, seen by whom they were referred to")]
    confirmed: Annotated[int, Field(description="Of the referred, diagnosed with a disorder")]
    treated: Annotated[int, Field(description="Of the referred, with treatment begun")]
    coverage_rate: Annotated[float | None, Field(description="screened / eligible")]
    referral_rate: Annotated[float | None, Field(description="referred / (screened + screened_others)")]
    attendance_rate: Annotated[float | None, Field(description="attended / referred")]
    yield_rate: Annotated[float | None, Field(description="confirmed / (screened + screened_others)")]
    treatment_rate: Annotated[float | None, Field(description="treated / confirmed")]


class CoverageReport(BaseModel):
    programme: ProgrammeCode
    year: Annotated[int | None, Field(description="None: the campaign's own time")]
    campaign_id: UUID | None
    born_from: Annotated[date, Field(description="The eligible are born from here")]
    born_to: Annotated[date, Field(description="To here, both days included")]
    items: list[Coverage]
