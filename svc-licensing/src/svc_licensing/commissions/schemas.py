"""What the API says about sessions of the commission."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import JalaliOrIsoDay
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import PersianText
from svc_licensing.commissions.models import Capacity, SessionStatus
from svc_licensing.working_days.schemas import FIRST, LAST

Subject = Annotated[
    str, Field(pattern=r"^[!-~]{1,255}$", description="By whom the identity provider knows them", examples=["user-7"])
]


class Seat(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: Subject
    capacity: Capacity


class SeatRead(BaseModel):
    person: str
    capacity: Capacity
    present: Annotated[bool | None, Field(description="None before the session was opened")]


class SessionCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    held_on: Annotated[JalaliOrIsoDay, Field(ge=FIRST, le=LAST)]
    seats: Annotated[list[Seat], Field(min_length=1, max_length=20)]


class Attendance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    present: Annotated[list[Subject], Field(min_length=1, max_length=20)]


class Minutes(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z/-]{1,40}$")]
    text: PersianText


class SessionRead(BaseModel):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    status: SessionStatus
    held_on: date
    held_on_jalali: Annotated[str, Field(examples=["1405/09/05"])]
    seats: list[SeatRead]
    tabled: Annotated[int, Field(description="Applications on the table")]
    decided: int
    minutes_number: str | None
    minutes: str | None
    called_by: str
    called_at: AwareDatetime


class SessionFilters(ListQuery):
    status: SessionStatus | None = None


Vote = Literal["for", "against", "abstain"]


class VoteCast(BaseModel):
    model_config = ConfigDict(extra="forbid")

    vote: Vote
    note: PersianText | None = None


class VoteRead(BaseModel):
    round: Annotated[int, Field(description="2: on the appeal")]
    member: str
    vote: Vote
    note: str | None
    voted_at: AwareDatetime
