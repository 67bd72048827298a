"""What the API says and takes about complaints."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.contact import MobileNumber
from shared.kit.identity import NationalId
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import InvalidValue
from shared.kit.text import Code, Name, PersianText

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of a tracking code: none that is taken for another when it is read out or copied by hand."""


class Kind(StrEnum):
    """درخواست, گزارش (nobody says who they are) and شکایت (with an identity)."""

    REQUEST = "request"
    REPORT = "report"
    COMPLAINT = "complaint"


class About(StrEnum):
    WORKER = "worker"
    MANAGER = "manager"
    CENTER = "center"
    COUNTY = "county"
    PROVINCE = "province"
    NOBODY = "nobody"


class ComplaintStatus(StrEnum):
    RECEIVED = "received"
    IN_HAND = "in-hand"
    ANSWERED = "answered"


class Outcome(StrEnum):
    FOUNDED = "founded"
    PARTLY_FOUNDED = "partly-founded"
    UNFOUNDED = "unfounded"
    DONE = "done"
    NOT_POSSIBLE = "not-possible"


class Satisfaction(StrEnum):
    SATISFIED = "satisfied"
    PARTLY = "partly"
    DISSATISFIED = "dissatisfied"


class EntryKind(StrEnum):
    RECEIVED = "received"
    TAKEN = "taken"
    REFERRED_UP = "referred-up"
    RAISED = "raised"
    TAKEN_UP = "taken-up"
    ANSWERED = "answered"
    UNSEALED = "unsealed"
    RATED = "rated"


class TrackingCode(Code):
    """Sixteen letters and digits; the only key to what somebody without an account has sent."""

    pattern = "^[0-9A-Za-z۰-۹٠-٩ -]{16,40}$"
    examples = ("7K2M-Q9XT-04BD-W8HN",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        letters = re.sub("[ -]", "", text).upper()
        if len(letters) != 16 or not set(letters) <= set(LETTERS):
            raise InvalidValue("tracking-code", fa="کد رهگیری درست نیست", en="is not a tracking code")
        return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


class Identity(BaseModel):
    """Who complains; sealed as it comes in."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    mobile: MobileNumber | None = None
    national_id: NationalId | None = None


_LEVELS = {
    About.WORKER: {Level.CENTER},
    About.MANAGER: {Level.CENTER},
    About.CENTER: {Level.CENTER},
    About.COUNTY: {Level.COUNTY},
    About.PROVINCE: {Level.PROVINCE},
    About.NOBODY: {Level.CENTER, Level.COUNTY, Level.PROVINCE},
}


class ComplaintCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Kind
    about: About
    place: Annotated[
        Jurisdiction,
        Field(description="The center of the worker or manager, or the center, county or province that it is about"),
    ]
    person: Annotated[
        str | None,
        StringConstraints(pattern=r"^[!-~]{1,255}$"),
        Field(description="The subject of the worker or officer, if it is known; they are never shown it"),
    ] = None
    body: PersianText
    identity: Annotated[
        Identity | None, Field(description="Needed for a complaint, refused for a report, which is anonymous")
    ] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.place.level not in _LEVELS[self.about]:
            raise InvalidValue(
                "place-of-another-level",
                fa="سطح place با about سازگار نیست",
                en="place must be the center, county or province that `about` names",
            )
        if (self.kind == Kind.REPORT and self.identity) or (self.kind == Kind.COMPLAINT and not self.identity):
            raise InvalidValue(
                "identity-and-kind",
                fa="شکایت هویت می‌خواهد و گزارش بی‌نام است",
                en="a complaint needs an identity, and a report is anonymous",
            )
        return self


class Received(BaseModel):
    tracking_code: Annotated[TrackingCode, Field(description="Told this once, and kept nowhere")]
    kind: Kind
    status: ComplaintStatus
    handled_at: Annotated[Level, Field(description="The level that handles it")]
    received_at: AwareDatetime
    due_on: Annotated[
        date | None, Field(description="When it goes one level up unanswered; none: no such rule is in force")
    ]


class Tracking(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracking_code: TrackingCode


class Rating(Tracking):
    satisfaction: Satisfaction


class TrackedComplaint(BaseModel):
    kind: Kind
    status: ComplaintStatus
    handled_at: Level
    received_at: AwareDatetime
    due_on: date | None
    outcome: Outcome | None
    answer: str | None
    answered_at: AwareDatetime | None
    satisfaction: Satisfaction | None


class ComplaintRead(BaseModel):
    id: UUID
    jurisdiction: Annotated[Jurisdiction, Field(description="The place that handles it")]
    version: int
    kind: Kind
    status: ComplaintStatus
    about: About
    about_place: Jurisdiction
    about_person: str | None
    body: str
    identity_sealed: Annotated[bool, Field(description="Somebody left an identity, which a level above may unseal")]
    received_at: AwareDatetime
    received_by: Annotated[str, Field(description="`public`, or the subject of who took it down")]
    handled_since: AwareDatetime
    due_on: Annotated[date | None, Field(description="None: no rule on the time for an answer is in force")]
    taken_at: AwareDatetime | None
    taken_by: str | None
    outcome: Outcome | None
    answer: str | None
    answered_at: AwareDatetime | None
    answered_by: str | None
    satisfaction: Satisfaction | None


class ComplaintFilters(ListQuery):
    status: ComplaintStatus | None = None
    kind: Kind | None = None
    overdue: Annotated[bool | None, Field(description="Whose day is over")] = None


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    answer: Annotated[PersianText, Field(description="Shown to whoever has the tracking code")]


class Reason(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: PersianText


class Unsealed(BaseModel):
    complaint_id: UUID
    identity: Identity


class ComplaintEntryRead(BaseModel):
    id: UUID
    kind: EntryKind
    jurisdiction: Annotated[Jurisdiction, Field(description="Who handled it then")]
    at: AwareDatetime
    actor: str
    note: str | None


class EntryFilters(ListQuery):
    pass
