"""What the API says about deadlines."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.days import LikelyDay


class DeadlineKind(StrEnum):
    """`court-opinion`: Article 11. `document`: a paper, or an answer to a check, that ages out. The others are of a
    placement."""

    COURT_OPINION = "court-opinion"
    DOCUMENT = "document"
    FOLLOW_UP_VISIT = "follow-up-visit"
    TRIAL_END = "trial-end"


class DeadlineRead(BaseModel):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    request_id: UUID
    kind: DeadlineKind
    about: Annotated[
        str | None, Field(description="Which certificate and whose (`job/0`: the first applicant), or which placement")
    ]
    since: date
    due_on: Annotated[date | None, Field(description="None: no rule in force says by when")]
    rule: Annotated[str | None, Field(description="The registry's parameter that the day follows from")]
    overdue: bool
    done_on: date | None
    reference: str | None
    dropped_at: Annotated[AwareDatetime | None, Field(description="When it was not to be done any more")]


class DeadlineFilters(ListQuery):
    kind: DeadlineKind | None = None
    request_id: UUID | None = None
    overdue: Annotated[bool | None, Field(description="Only those whose day is over, or only the others")] = None
    due_within_days: Annotated[int | None, Field(ge=0, le=366)] = None


class Met(BaseModel):
    model_config = ConfigDict(extra="forbid")

    done_on: LikelyDay
    reference: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9A-Za-z.-]{1,20}(/[0-9A-Za-z.-]{1,20}){1,4}$"),
        Field(description="Of the letter", examples=["29/1405/1182"]),
    ]
