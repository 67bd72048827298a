"""What the API says about who is due."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from svc_screening.decisions import Outcome
from svc_screening.programmes.schemas import ProgrammeCode


class DueKind(StrEnum):
    """Why somebody is due."""

    NEVER = "never"
    YEARLY = "yearly"
    RETRY = "retry"
    REPEAT = "repeat"
    OVERDUE = "overdue"


_KIND = Field(
    description="`never`: never screened. `yearly`: screened before, and due again. `retry`: was absent or could not be"
    " tested. `repeat`: failed the first test. `overdue`: the same, and the time for the repeat is over."
)


class DuePerson(BaseModel):
    id: UUID
    jurisdiction: Jurisdiction
    kind: Annotated[DueKind, _KIND]
    birth_date: date
    sex: Literal["female", "male"] | None
    case_file_number: Annotated[str | None, Field(description="By which the household is known at its center")]
    given_name: Annotated[str | None, Field(description="Of those registered on the spot")]
    family_name: str | None
    last_outcome: Outcome | None
    last_on: Annotated[date | None, Field(description="Day of the latest test, refusal or absence")]
    last_encounter_id: Annotated[UUID | None, Field(description="What a repeat names as `repeat_of`")]
    next_stage: str | None
    repeat_from: date | None
    repeat_by: date | None


class BaseDueFilters(ListQuery):
    programme: ProgrammeCode
    kind: Annotated[DueKind | None, _KIND] = None


class DueFilters(BaseDueFilters):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only people of this place")] = None
    campaign_id: Annotated[
        UUID | None, Field(description="The cohort of a campaign, instead of the ages of the programme")
    ] = None


class DueCountFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    programme: ProgrammeCode
    jurisdiction: Jurisdiction | None = None
    campaign_id: UUID | None = None


class DueCount(BaseModel):
    center: Annotated[Jurisdiction, Field(description="Or the county, for those that no center is responsible for yet")]
    eligible: Annotated[int, Field(description="Of the ages or the cohort: due or not")]
    due: int
    never: int
    yearly: int
    retry: int
    repeat: int
    overdue: int


class DueCounts(BaseModel):
    programme: ProgrammeCode
    items: list[DueCount]
