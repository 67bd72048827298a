"""What the API says about referrals."""

import secrets
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Code
from svc_screening.programmes.schemas import ProgrammeCode
from svc_screening.referrals.models import Status

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another when it is read out or copied by hand."""


class ReferralToken(Code):
    """Twelve letters and digits on the family's slip."""

    pattern = "^[0-9A-Za-z۰-۹٠-٩ -]{12,30}$"
    examples = ("7K2M-Q9XT-04BD",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        letters = text.replace("-", "").replace(" ", "").upper()
        if len(letters) != 12 or not set(letters) <= set(LETTERS):
            raise InvalidValue("referral-token", fa="شمارهٔ برگهٔ ارجاع درست نیست", en="is not a referral token")
        return "-".join(letters[start : start + 4] for start in range(0, 12, 4))

    @classmethod
    def new(cls) -> Self:
        return cls("".join(secrets.choice(LETTERS) for _ in range(12)))


class Diagnosis(StrEnum):
    NO_DISORDER = "no-disorder"
    REFRACTIVE_ERROR = "refractive-error"
    STRABISMUS = "strabismus"
    AMBLYOPIA = "amblyopia"
    HEARING_LOSS = "hearing-loss"
    AUTISM_SPECTRUM = "autism-spectrum"
    OTHER = "other"


class Treatment(StrEnum):
    GLASSES = "glasses"
    PATCHING = "patching"
    SURGERY = "surgery"
    HEARING_AID = "hearing-aid"
    COCHLEAR_IMPLANT = "cochlear-implant"
    REHABILITATION = "rehabilitation"
    OTHER = "other"


class LossReason(StrEnum):
    UNREACHABLE = "unreachable"
    DECLINED = "declined"
    MOVED_AWAY = "moved-away"
    DIED = "died"


class CloseReason(StrEnum):
    RECOVERED = "recovered"
    REACHED_AGE = "reached-age"
    CARED_FOR_ELSEWHERE = "cared-for-elsewhere"
    DECLINED = "declined"
    DIED = "died"


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")


OnDay = Annotated[Day | None, Field(description="Absent: today")]


class Reminder(_Step):
    by: Literal["telephone", "message", "visit", "letter"]


class Appointment(_Step):
    """Where the family goes, by which day."""

    clinic_id: UUID | None = None
    due_on: Annotated[Day | None, Field(description="The day that was agreed with the family")] = None


class ClinicVisit(_Step):
    attended_on: OnDay = None


class VisitWithSlip(ClinicVisit):
    token: ReferralToken
    clinic_id: Annotated[UUID | None, Field(description="Needed by a client that reports for several")] = None


class Finding(_Step):
    diagnosis: Diagnosis
    diagnosed_on: OnDay = None


class TreatmentBegun(_Step):
    treatment: Treatment
    treated_on: OnDay = None
    next_follow_up_on: Day | None = None


class AidClaim(_Step):
    """What the family paid, to be paid back on the invoice."""

    aid: Treatment
    invoice_number: Annotated[str, Field(pattern="^[0-9A-Za-z/-]{1,40}$")]
    invoice_rials: Annotated[int, Field(gt=0, le=10**11)]


class FollowUp(_Step):
    seen_on: OnDay = None
    progress: Literal["better", "unchanged", "worse"]
    next_follow_up_on: Day | None = None


class Loss(_Step):
    reason: LossReason


class Closing(_Step):
    reason: CloseReason


class StepRead(BaseModel):
    kind: str
    at: AwareDatetime
    actor: str
    about: dict[str, Any]


class ClinicReferral(BaseModel):
    """What a clinic needs of whom it examines."""

    id: UUID
    version: int
    status: Status
    programme: ProgrammeCode
    refers_to: str
    clinic_id: UUID | None
    center: Annotated[Jurisdiction, Field(description="Who is responsible for the person now")]
    birth_date: date
    sex: Literal["female", "male"] | None
    given_name: str | None
    family_name: str | None
    reason: Annotated[str, Field(description="Why the test decided to refer", examples=["below-cut-off"])]
    found: dict[str, Any]
    issued_on: date
    due_on: date | None
    attended_on: date | None
    diagnosis: Diagnosis | None
    diagnosed_on: date | None
    treatment: Treatment | None
    treated_on: date | None
    aid: Treatment | None
    invoice_number: str | None
    invoice_rials: int | None
    next_follow_up_on: date | None
    followed_until: Annotated[date | None, Field(description="None: no rule of the protocol says")]
    ended_on: date | None
    end_reason: str | None


class ReferralSummary(ClinicReferral):
    person_id: UUID
    encounter_id: UUID
    campaign_id: UUID | None
    programme_year: int
    issued_at_center: Jurisdiction
    issued_by: str
    token: ReferralToken
    overdue: bool
    reminders: int
    reminded_at: AwareDatetime | None
    escalated_to: Jurisdiction | None
    escalated_at: AwareDatetime | None


class ReferralRead(ReferralSummary):
    steps: Annotated[list[StepRead], Field(description="What happened, the earliest first")]


class ReferralFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    programme: ProgrammeCode | None = None
    campaign_id: UUID | None = None
    person_id: UUID | None = None
    status: Status | None = None
    overdue: Annotated[bool | None, Field(description="Awaited, and the day is over")] = None
    escalated: bool | None = None


class ClinicReferralFilters(ListQuery):
    status: Status | None = None


class Level(StrEnum):
    CENTER = "center"
    COUNTY = "county"
    PROVINCE = "province"


class LoopFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Level = Level.CENTER
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    programme: ProgrammeCode | None = None
    campaign_id: UUID | None = None
    issued_from: Day | None = None
    issued_to: Annotated[Day | None, Field(description="The last day")] = None


class LoopClosure(BaseModel):
    """How far the referrals of a place and a programme came. Every rate is a share of `referred`."""

    jurisdiction: Jurisdiction
    programme: ProgrammeCode
    referred: Annotated[int, Field(description="Referrals of the people who are there now; withdrawn ones left out")]
    attended: Annotated[int, Field(description="Seen by whom they were referred to")]
    diagnosed: int
    confirmed: Annotated[int, Field(description="Diagnosed with a disorder")]
    false_alarms: Annotated[int, Field(description="Diagnosed with none")]
    treated: int
    aided: Annotated[int, Field(description="With an invoice handed in")]
    awaited: Annotated[int, Field(description="Not seen yet and not given up")]
    overdue: Annotated[int, Field(description="Of the awaited, those whose day is over")]
    lost: Annotated[int, Field(description="Given up and not won back")]
    won_back: Annotated[int, Field(description="Given up once, and seen after that")]
    loops_closed: Annotated[int, Field(description="Diagnosed with no disorder, or treated")]
    attendance_rate: float | None
    false_alarm_rate: Annotated[float | None, Field(description="Of the diagnosed, and not of the referred")]
    loop_closure_rate: float | None


class LoopReport(BaseModel):
    items: list[LoopClosure]
