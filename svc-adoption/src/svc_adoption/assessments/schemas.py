"""What the API says about checks."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.kit.calendar import Day
from shared.kit.text import Name, PersianText
from svc_adoption.assessments.models import CheckState
from svc_adoption.eligibility import Check


class CheckAsk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    asked_of: Annotated[Name, Field(description="The body or person that is asked")]


class CheckAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    passed: Annotated[bool, Field(description="Of both applicants, where two ask")]
    answered_on: Day
    valid_until: Annotated[Day | None, Field(description="As the paper says; absent where it says nothing")] = None
    reference: Annotated[Name | None, Field(description="The paper's number")] = None
    note: PersianText | None = None


class CheckKept(BaseModel):
    """What is sealed of a check."""

    asked_of: str | None = None
    reference: str | None = None
    note: str | None = None


class CheckRead(CheckKept):
    kind: Check
    state: CheckState
    asked_at: AwareDatetime | None
    asked_by: str | None
    answered_on: date | None
    answered_by: str | None
    valid_until: date | None
