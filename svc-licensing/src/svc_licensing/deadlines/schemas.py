"""What the API says about deadlines."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from svc_licensing.deadlines.models import Code, Office


class DeadlineRead(BaseModel):
    id: UUID
    code: Code
    office: Annotated[Office, Field(description="Whose turn it is")]
    started_at: AwareDatetime
    due_on: Annotated[date | None, Field(description="None while it is paused, or no rule on the time is signed off")]
    days_left: Annotated[int | None, Field(description="Working days, while it is paused")]
    paused_at: AwareDatetime | None
    stopped_at: AwareDatetime | None
    overdue: bool
    reminded_at: AwareDatetime | None
    escalated_to: Jurisdiction | None
    escalated_at: AwareDatetime | None


class DeadlineSummary(DeadlineRead):
    application_id: UUID
    number: str
    jurisdiction: Jurisdiction


class DeadlineFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    office: Office | None = None
    code: Code | None = None
    overdue: Annotated[bool, Field(description="Only those whose day is over")] = False


class By(StrEnum):
    COUNTY = "county"
    PROVINCE = "province"


class OverdueFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: By = By.COUNTY
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None


class Overdue(BaseModel):
    """How much an office has let go by, or another body, in a county or a province."""

    jurisdiction: Jurisdiction
    office: Annotated[str, Field(description="An office, or the body that was asked", examples=["county", "security"])]
    deadlines: int
    inquiries: int
    oldest_due_on: date


class OverdueReport(BaseModel):
    on: date
    items: list[Overdue]
