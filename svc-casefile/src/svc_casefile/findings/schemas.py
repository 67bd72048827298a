"""What the API says about findings."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day, today
from shared.kit.contact import MobileNumber
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from svc_casefile.households.schemas import CaseFileCreate, CoverageReason, Latitude, Longitude, half_a_point
from svc_casefile.members.schemas import MOST_MEMBERS, PastDate, Words


class FindingStatus(StrEnum):
    FOUND = "found"
    SCREENED = "screened"
    ASSESSED = "assessed"
    SUPPORTED = "supported"
    WAITING = "waiting"
    ADMITTED = "admitted"
    REFERRED = "referred"
    NOT_ELIGIBLE = "not-eligible"
    APPEALED = "appealed"


class Finder(StrEnum):
    WORKER = "worker"
    VOLUNTEER = "volunteer"
    SCHOOL = "school"
    NEIGHBOUR = "neighbour"


class RefusalReason(StrEnum):
    """Why somebody is not admitted."""

    NOT_IN_NEED = "not-in-need"
    COVERED_ELSEWHERE = "covered-elsewhere"
    LIVES_ELSEWHERE = "lives-elsewhere"
    NOT_FOUND = "not-found"
    PAPERS_MISSING = "papers-missing"
    DECLINED = "declined"


class ReferredTo(StrEnum):
    LEVEL_TWO_CENTER = "level-two-center"
    SOCIAL_EMERGENCY = "social-emergency"
    RELIEF_COMMITTEE = "relief-committee"
    HEALTH = "health"
    SCHOOL = "school"
    CHARITY = "charity"
    OTHER = "other"


class AskedBody(StrEnum):
    """Whose support rules out another's."""

    RELIEF_COMMITTEE = "relief-committee"
    SOCIAL_SECURITY = "social-security"
    MARTYRS_FOUNDATION = "martyrs-foundation"


class CoverageAnswer(StrEnum):
    COVERED = "covered"
    NOT_COVERED = "not-covered"
    NO_ANSWER = "no-answer"


class SkipReason(StrEnum):
    NOT_REACHED = "not-reached"
    PAPERS_MISSING = "papers-missing"
    DECLINED_FOR_NOW = "declined-for-now"
    EMERGENCY = "emergency"


class LocalDecision(StrEnum):
    SUPPORT = "support"
    REFUSE = "refuse"


class CountyDecision(StrEnum):
    ADMIT = "admit"
    REFUSE = "refuse"


class AppealDecision(StrEnum):
    UPHOLD = "uphold"
    REVERSE = "reverse"


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FindingCreate(_Input):
    """Whoever was found, as far as is known, and where."""

    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="The center in whose area it is; absent: the caller's center")
    ] = None
    found_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    found_by: Finder
    given_name: Name | None = None
    family_name: Name | None = None
    identity: PersonIdentity | None = None
    mobile: MobileNumber | None = None
    address: PersianText
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    persons: Annotated[int | None, Field(ge=1, le=MOST_MEMBERS, description="In the household, as it seems")] = None
    situation: Annotated[PersianText, Field(description="What was seen or told")]

    @model_validator(mode="after")
    def _map_point_is_whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise half_a_point()
        return self


class Screening(_Input):
    note: Annotated[PersianText, Field(description="What the first look showed")]


class Assessment(_Input):
    """After a visit of home, work or school: the economic, social and cultural report."""

    visited_on: PastDate
    report: PersianText
    coverage_reason: CoverageReason
    urgent: Annotated[bool, Field(description="Comes before all who are not")] = False
    urgent_because: Annotated[Words | None, Field(description="Needed when urgent")] = None

    @model_validator(mode="after")
    def _urgent_for_a_reason(self) -> Self:
        if self.urgent != (self.urgent_because is not None):
            raise InvalidValue(
                "urgent-without-reason",
                fa="فوریت دلیل می‌خواهد",
                en="urgent and urgent_because come together",
            )
        return self


class _Decision(_Input):
    reason: Annotated[RefusalReason | None, Field(description="Needed for a refusal, and only then")] = None
    note: PersianText | None = None

    def _reason_for_a_refusal(self, *, refused: bool) -> Self:
        if refused != (self.reason is not None):
            raise InvalidValue(
                "reason-of-a-refusal",
                fa="رد کردن دلیل می‌خواهد و تنها رد کردن",
                en="a refusal needs a reason, and nothing else takes one",
            )
        return self


class LocalDeciding(_Decision):
    """Of the level-1 committee, at the center."""

    decision: LocalDecision

    @model_validator(mode="after")
    def _complete(self) -> Self:
        return self._reason_for_a_refusal(refused=self.decision == LocalDecision.REFUSE)


class CountyDeciding(_Decision):
    """Of the level-2 committee, at the county."""

    decision: CountyDecision

    @model_validator(mode="after")
    def _complete(self) -> Self:
        return self._reason_for_a_refusal(refused=self.decision == CountyDecision.REFUSE)


class FindingRefusal(_Input):
    reason: RefusalReason
    note: PersianText | None = None


class FindingReferral(_Input):
    to: ReferredTo
    note: PersianText | None = None


class Appeal(_Input):
    grounds: Annotated[PersianText, Field(description="What the household says against the decision")]


class AppealDeciding(_Input):
    decision: AppealDecision
    note: PersianText


class InquiryCreate(_Input):
    """A support body was asked whether it supports the household."""

    body: AskedBody
    answer: CoverageAnswer
    reference: Annotated[Words, Field(description="The evidence: the number of the letter or of the electronic answer")]
    asked_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    valid_until: Annotated[Day, Field(description="The last day on which the answer may be relied upon")]

    @model_validator(mode="after")
    def _valid_for_a_while(self) -> Self:
        if self.valid_until < (self.asked_on or today()):
            raise InvalidValue(
                "valid-until-before", fa="اعتبار پیش از استعلام پایان می‌یابد", en="it ends before it was asked"
            )
        return self


class Skipping(_Input):
    """Why those who come first are passed over."""

    reason: SkipReason
    note: Words | None = None


class Admission(CaseFileCreate):
    """The household as its file begins; address, map point, mobile and reason are the finding's unless sent."""

    skipping: Skipping | None = None

    @model_validator(mode="after")
    def _opened_where_it_was_found(self) -> Self:
        if self.jurisdiction is not None or self.status is not None:
            raise InvalidValue(
                "set-by-admission",
                fa="مرکز و وضعیت پرونده از شناسایی می‌آیند",
                en="jurisdiction and status follow from the finding: leave them out",
            )
        return self


class InquiryRead(BaseModel):
    id: UUID
    body: AskedBody
    answer: CoverageAnswer
    reference: str
    asked_on: date
    valid_until: date
    asked_by: str
    recorded_at: AwareDatetime


class StepRead(BaseModel):
    version: int
    step: str
    status: Annotated[FindingStatus, Field(description="After the step")]
    reason: str | None
    note: str | None
    at: AwareDatetime
    actor: str


class SkipRead(BaseModel):
    """The household was passed over on the waiting list."""

    reason: SkipReason
    note: str | None
    at: AwareDatetime
    actor: str


class FindingSummary(BaseModel):
    id: UUID
    version: int
    status: FindingStatus
    jurisdiction: Jurisdiction
    found_on: date
    found_by: Finder
    given_name: str | None
    family_name: str | None
    persons: int | None
    urgent: bool | None


class FindingRead(FindingSummary):
    identity: PersonIdentity | None
    mobile: str | None
    address: str
    latitude: float | None
    longitude: float | None
    situation: str
    visited_on: date | None
    coverage_reason: CoverageReason | None
    may_appeal: Annotated[bool, Field(description="It was refused, and no appeal has been turned down")]
    case_file_id: UUID | None
    recorded_at: AwareDatetime
    recorded_by: str
    steps: Annotated[list[StepRead], Field(description="From the finding on")]
    inquiries: Annotated[list[InquiryRead], Field(description="The last asked first")]
    skips: list[SkipRead]


class Waiting(FindingSummary):
    """A line of the waiting list (پشت نوبت)."""

    position: Annotated[int, Field(description="At its center, from 1")]
    skipped: Annotated[int, Field(description="How often others were taken first")]


class FindingFilters(ListQuery):
    status: FindingStatus | None = None
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A narrower place inside the scope: its county or center")
    ] = None


class WaitingFilters(ListQuery):
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A narrower place inside the scope: its county or center")
    ] = None
