"""What the API says and takes about service requests."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from shared.kit.tracking import NewPin, Pin, TrackingCode
from svc_casefile.households.schemas import Subject
from svc_casefile.members.schemas import PastDate, Words


class RequestStatus(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    DELIVERED = "delivered"
    REFERRED = "referred"
    REFUSED = "refused"


class AskedBy(StrEnum):
    """Whose wish it is: the household's own, seen by a worker or a manager, or somebody's who speaks for it."""

    HOUSEHOLD = "household"
    WORKER = "worker"
    MANAGER = "manager"
    ON_BEHALF = "on-behalf"


class ConsentForm(StrEnum):
    """How the household agreed that somebody asks for it."""

    SPOKEN = "spoken"
    WRITTEN = "written"
    GUARDIANSHIP = "guardianship"


class RefusalReason(StrEnum):
    NOT_ELIGIBLE = "not-eligible"
    NOT_AVAILABLE = "not-available"
    ALREADY_PROVIDED = "already-provided"
    MISSING_DOCUMENTS = "missing-documents"
    WITHDRAWN = "withdrawn"
    CASE_FILE_CLOSED = "case-file-closed"


class ReferralKind(StrEnum):
    LEVEL_TWO_CENTER = "level-two-center"
    OTHER_BODY = "other-body"


class AnswerOutcome(StrEnum):
    """`declined` brings the request back to the center; the others end it."""

    PROVIDED = "provided"
    TAKEN_OVER = "taken-over"
    DECLINED = "declined"


ServiceCode = Annotated[
    str, StringConstraints(pattern=r"^S[0-9]{2,3}$"), Field(examples=["S05"], description="Of the national catalogue")
]


class Consent(BaseModel):
    """That the household agreed to be spoken for, or somebody decides for it by law."""

    model_config = ConfigDict(extra="forbid")

    given_by: Annotated[Name, Field(description="Who agreed")]
    given_on: PastDate
    form: ConsentForm


class OnBehalf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[Name, Field(description="Who asks")]
    relation: Annotated[Words, Field(description="What the person is to the household", examples=["همسایه"])]
    consent: Consent


class ServiceRequestCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service_code: ServiceCode
    member_id: Annotated[UUID | None, Field(description="Whom it is for; absent: the whole household")] = None
    asked_by: AskedBy = AskedBy.HOUSEHOLD
    on_behalf: Annotated[OnBehalf | None, Field(description="With `asked_by` `on-behalf`, and only then")] = None
    description: PersianText | None = None
    pin: Annotated[
        NewPin | None,
        Field(description="Chosen by the requester, to follow the request without an account. Not shown again"),
    ] = None

    @model_validator(mode="after")
    def _consent_is_noted(self) -> Self:
        if (self.asked_by == AskedBy.ON_BEHALF) != (self.on_behalf is not None):
            raise InvalidValue(
                "consent-not-noted",
                fa="درخواست از طرف دیگری با ثبت رضایت همراه است و تنها در این حالت",
                en="who asks on somebody's behalf is named with the consent, and only then",
            )
        return self


class PinChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pin: NewPin


class Remark(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: PersianText | None = None


class Refusal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: RefusalReason
    note: PersianText | None = None


class ReferralCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: ReferralKind
    referred_to: Annotated[Name, Field(description="The center or body", examples=["مرکز توانبخشی امید"])]
    reason: PersianText
    answer_due_on: Annotated[
        Day | None,
        Field(
            description="When the answer was promised; absent: by the rule in force (`referral-answer-days`), and"
            " without one there is no day"
        ),
    ] = None


class ReferralAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: AnswerOutcome
    answered_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    answer: PersianText | None = None


class ReferralRead(BaseModel):
    id: UUID
    kind: ReferralKind
    referred_to: str
    reason: str
    referred_at: AwareDatetime
    referred_by: str
    answer_due_on: date | None
    answered_on: date | None
    outcome: AnswerOutcome | None
    answer: str | None
    recorded_at: AwareDatetime | None
    recorded_by: str | None


class ServiceRequestSummary(BaseModel):
    """A line of a list."""

    id: UUID
    version: int
    tracking_code: str
    case_file_id: UUID
    case_file_number: str
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was at the last step")]
    service_code: str
    member_id: UUID | None
    asked_by: AskedBy
    status: RequestStatus
    status_since: AwareDatetime
    requested_at: AwareDatetime
    due_on: Annotated[
        date | None,
        Field(
            description="None: no rule in force says within how many days the service has to come"
            " (`service-request-days-s05` for S05, `service-request-days` for those without one of their own)"
        ),
    ]
    expected_on: Annotated[
        date | None, Field(description="The last day for what comes next: `due_on`, or the answer to a referral")
    ]
    overdue: Annotated[bool, Field(description="`expected_on` is over, and nothing came")]
    escalated_at: Annotated[AwareDatetime | None, Field(description="When the county was told that it is overdue")]
    open: Annotated[bool, Field(description="Something is still to be done, or an answer to come")]


class ServiceRequestRead(ServiceRequestSummary):
    on_behalf: OnBehalf | None
    description: str | None
    trackable: Annotated[bool, Field(description="There is a PIN, so that the requester can follow it")]
    recorded_by: str
    due_rule: Annotated[str | None, Field(description="The parameter that `due_on` follows from")]
    delivered_at: AwareDatetime | None
    delivered_by: str | None
    refusal_reason: RefusalReason | None
    note: str | None
    closed_at: AwareDatetime | None
    referrals: Annotated[list[ReferralRead], Field(description="The first one first")]


class FileRequestFilters(ListQuery):
    open: bool | None = None


class RequestFilters(ListQuery):
    status: RequestStatus | None = None
    open: Annotated[bool | None, Field(description="Something is still to be done, or an answer to come")] = None
    overdue: bool | None = None
    escalated: Annotated[bool | None, Field(description="The county was told that it is overdue")] = None
    service_code: ServiceCode | None = None
    assigned_worker: Annotated[Subject | None, Field(description="Of the files")] = None
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A narrower place inside the scope: its county or center")
    ] = None


class Tracking(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracking_code: TrackingCode
    pin: Pin


class TrackedRequest(BaseModel):
    """What a requester sees without an account: the state and the dates, and nothing of whom it is about."""

    status: RequestStatus
    status_since: AwareDatetime
    requested_at: AwareDatetime
    expected_on: Annotated[date | None, Field(description="The day by which the next thing should happen")]
    overdue: bool
    escalated: Annotated[bool, Field(description="The county office was told that it is overdue")]
    closed_at: AwareDatetime | None
