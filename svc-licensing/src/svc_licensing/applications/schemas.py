"""What the API says about applications."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.changes import KEPT
from shared.kit.contact import PostalCode
from shared.kit.identity import InstitutionId
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import PersianText
from svc_licensing.applications.models import Status
from svc_licensing.commissions.schemas import VoteRead
from svc_licensing.deadlines.schemas import DeadlineRead
from svc_licensing.inquiries.schemas import InquiryRead
from svc_licensing.requirements.schemas import Clause, RequirementCode
from svc_licensing.rules import Act, LicenceKind

FieldOfWork = Literal["county", "province", "provinces", "nation"]
Rials = Annotated[int, Field(ge=0, le=10**13)]


class ApplicationCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    licence: LicenceKind
    act: Act = Act.ISSUE
    clause: Clause
    founder_id: Annotated[UUID, Field(description="The institution that applies")]
    manager_id: Annotated[UUID | None, Field(description="Of the institution's people: its technical manager")] = None
    center: Annotated[Jurisdiction | None, Field(description="The center that it is about, where there is one")] = None
    licence_id: Annotated[UUID | None, Field(description="The licence that is to be renewed or changed")] = None
    address: Annotated[PersianText | None, Field(description="Of the premises")] = None
    postal_code: PostalCode | None = None
    activity_scope: Annotated[PersianText | None, Field(description="What the licence is to be for")] = None
    field_of_work: Annotated[FieldOfWork | None, Field(description="How far an association reaches: clause 13")] = None
    capital_rials: Rials | None = None

    @model_validator(mode="after")
    def _a_center(self) -> Self:
        if self.center is not None and len(self.center.code) != 7:
            raise InvalidValue("center", fa="کد مرکز ۷ رقم است", en="the code of a center has 7 digits")
        return self


class ApplicationUpdate(BaseModel):
    """Only what is sent changes."""

    model_config = ConfigDict(extra="forbid")

    address: PersianText = KEPT
    postal_code: PostalCode = KEPT
    activity_scope: PersianText = KEPT
    field_of_work: FieldOfWork = KEPT
    capital_rials: Rials = KEPT


class Paper(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: RequirementCode
    person_id: Annotated[UUID | None, Field(description="Whose it is; absent: the institution's")] = None


class DocumentSeen(Paper):
    """A paper that was seen, and by what it is found again."""

    reference: Annotated[str, Field(min_length=1, max_length=100)]
    issued_on: Day | None = None
    valid_until: Annotated[Day | None, Field(description="The last day")] = None


class Return(BaseModel):
    """What the founder is told, and the papers that are to be brought again."""

    model_config = ConfigDict(extra="forbid")

    remarks: PersianText
    papers: Annotated[list[Paper], Field(max_length=100)] = []


class Need(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needed: bool
    reason: PersianText


class Opinion(BaseModel):
    """What the working group advises the commission."""

    model_config = ConfigDict(extra="forbid")

    opinion: Literal["recommended", "advised-against"]
    reason: PersianText


class Tabling(BaseModel):
    model_config = ConfigDict(extra="forbid")

    session_id: UUID


class Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["approved", "refused"]
    reason: PersianText
    conditions: Annotated[list[PersianText], Field(max_length=20)] = []


class Appeal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    grounds: PersianText


class Missing(BaseModel):
    """Something without which the application cannot be submitted, in plain words."""

    code: str
    person_id: UUID | None
    message_fa: Annotated[str, Field(examples=["اصل گواهی عدم سوءپیشینه از مریم احمدی نرسیده است"])]
    message_en: str


class DocumentRead(BaseModel):
    code: RequirementCode
    person_id: UUID | None
    reference: str
    issued_on: date | None
    valid_until: date | None
    received_at: AwareDatetime
    received_by: str


class StepRead(BaseModel):
    kind: str
    at: AwareDatetime
    actor: str
    about: dict[str, Any]


class ApplicationSummary(BaseModel):
    id: UUID
    version: int
    number: Annotated[str, Field(examples=["1405/000017"])]
    jurisdiction: Annotated[Jurisdiction, Field(description="Where it was registered")]
    licence: LicenceKind
    act: Act
    clause: Clause
    founder_id: UUID
    institution_id: InstitutionId | None
    holder_name: Annotated[str, Field(description="In whose name the licence would be")]
    center: Jurisdiction | None
    status: Status
    status_since: AwareDatetime
    decision: Literal["approved", "refused"] | None
    decided_on: date | None
    registered_at: AwareDatetime
    received_on: Annotated[date | None, Field(description="When it first came in with all that it needs")]


class ApplicationRead(ApplicationSummary):
    possible: Annotated[list[str], Field(description="The steps that the present status allows")]
    manager_id: UUID | None
    licence_id: UUID | None
    address: str | None
    postal_code: PostalCode | None
    activity_scope: str | None
    field_of_work: FieldOfWork | None
    capital_rials: Rials | None
    rules_on: Annotated[date, Field(description="The requirements in force on this day are the application's")]
    registered_by: str
    missing: Annotated[list[Missing], Field(description="Empty once it is submitted")]
    documents: list[DocumentRead]
    remarks: Annotated[str | None, Field(description="Why it was returned last")]
    needed: bool | None
    need_reason: str | None
    need_stated_by: str | None
    opinion: Literal["recommended", "advised-against"] | None
    opinion_reason: str | None
    session_id: UUID | None
    round: Annotated[int, Field(description="2 once it was appealed")]
    decision_reason: str | None
    conditions: list[str]
    appeal_grounds: str | None
    inquiries: list[InquiryRead]
    deadlines: list[DeadlineRead]
    steps: Annotated[list[StepRead], Field(description="What happened, the earliest first")]


class Votes(BaseModel):
    items: list[VoteRead]


class ApplicationFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    status: Status | None = None
    licence: LicenceKind | None = None
    act: Act | None = None
    clause: Clause | None = None
    founder_id: UUID | None = None
    center: Jurisdiction | None = None
    session_id: UUID | None = None
