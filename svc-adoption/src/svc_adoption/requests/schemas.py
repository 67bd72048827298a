"""What the API says about requests, and what is sealed of them."""

from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.chassis.sealing import Seals
from shared.kit.calendar import Day
from shared.kit.contact import MobileNumber, PostalCode
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from svc_adoption import sealed
from svc_adoption.assessments.schemas import CheckRead
from svc_adoption.days import LikelyDay
from svc_adoption.eligibility import Category, Education, Exemption, Form, Religion, Seen
from svc_adoption.requests.models import ReportKind, Status
from svc_adoption.requirements.models import Process
from svc_adoption.requirements.schemas import DocumentKind

MONTHS = 18 * 12
"""No child in care is older than this."""


class Applicant(BaseModel):
    """One of those who ask. Born on a day that may be told in no event and no list."""

    model_config = ConfigDict(extra="forbid")

    identity: PersonIdentity
    given_name: Name
    family_name: Name
    father_name: Name | None = None
    birth_date: LikelyDay
    sex: Literal["female", "male"]
    religion: Religion | None = None
    education: Education | None = None
    occupation: Name | None = None
    mobile: MobileNumber | None = None
    under_guardianship: bool | None = None
    health_declaration: Annotated[PersianText | None, Field(description="In their own words")] = None


class Household(BaseModel):
    """How they live."""

    model_config = ConfigDict(extra="forbid")

    married_on: LikelyDay | None = None
    own_children: Annotated[int | None, Field(ge=0, le=20)] = None
    placed_children: Annotated[int, Field(ge=0, le=20, description="Taken in under this law before")] = 0
    lives_in_iran: bool | None = None
    address: PersianText | None = None
    postal_code: PostalCode | None = None
    housing: Literal["owned", "rented", "other"] | None = None
    monthly_income_rials: Annotated[int | None, Field(ge=0, le=10**13)] = None
    means: Annotated[PersianText | None, Field(description="What they have, in words")] = None


class Wishes(BaseModel):
    """Which child they would take: kept unsealed, since children are sought by it and it names nobody."""

    model_config = ConfigDict(extra="forbid")

    sex: Literal["girl", "boy", "any"] = "any"
    from_months: Annotated[int, Field(ge=0, lt=MONTHS)] = 0
    to_months: Annotated[int, Field(gt=0, le=MONTHS, description="Below this")] = MONTHS
    health: Annotated[
        Literal["healthy", "treatable", "any"], Field(description="`treatable`: healthy or treatable")
    ] = "any"
    siblings: Annotated[int, Field(ge=1, le=5, description="How many together at most")] = 1

    @model_validator(mode="after")
    def _ages_in_order(self) -> "Wishes":
        if self.from_months >= self.to_months:
            raise InvalidValue("ages-in-order", fa="بازهٔ سن وارونه است", en="the ages are not in order")
        return self


class Kept(BaseModel):
    """What is sealed of a request."""

    applicants: Annotated[list[Applicant], Field(min_length=1, max_length=2)]
    household: Household


class RequestCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    center: Annotated[
        Jurisdiction | None, Field(description="A center in the scope; absent: the caller's own center or office")
    ] = None
    form: Form
    category: Category
    relatives: Annotated[bool, Field(description="A child of their own kin is asked for")] = False
    applicants: Annotated[list[Applicant], Field(min_length=1, max_length=2)]
    household: Household = Household()
    wishes: Wishes = Wishes()


class RequestUpdate(BaseModel):
    """What is given replaces what was there, as a whole."""

    model_config = ConfigDict(extra="forbid")

    category: Category | None = None
    relatives: bool | None = None
    applicants: Annotated[list[Applicant] | None, Field(min_length=1, max_length=2)] = None
    household: Household | None = None
    wishes: Wishes | None = None


class DocumentCreate(BaseModel):
    """A paper that was shown and, by who records it, seen."""

    model_config = ConfigDict(extra="forbid")

    kind: DocumentKind
    applicant: Annotated[
        int | None, Field(ge=0, le=1, description="Whose, counted from 0; absent for a paper of both")
    ] = None
    number: Name | None = None
    issuer: Name | None = None
    issued_on: Day | None = None
    valid_until: Annotated[Day | None, Field(description="As the paper says; absent where it says nothing")] = None
    note: PersianText | None = None


class DocumentKept(BaseModel):
    number: str | None
    issuer: str | None
    issued_on: date | None
    note: str | None


class DocumentRead(DocumentKept):
    id: UUID
    kind: DocumentKind
    applicant: int | None
    valid_until: date | None
    recorded_at: AwareDatetime
    recorded_by: str


class ExemptionCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Annotated[
        Exemption, Field(description="`infertility`: forensic medicine confirms it; `relatives`: a court exempts")
    ]
    authority: Name
    reference: Annotated[Name, Field(description="The number of the certificate or order")]
    decided_on: Day
    note: PersianText | None = None


class ExemptionKept(BaseModel):
    authority: str
    reference: str
    decided_on: date
    note: str | None


class ExemptionRead(ExemptionKept):
    id: UUID
    kind: Exemption
    recorded_at: AwareDatetime
    recorded_by: str


class VisitReport(BaseModel):
    """An interview or a home visit."""

    model_config = ConfigDict(extra="forbid")

    made_on: Day
    seen: Annotated[
        dict[Seen, bool], Field(description="What can be said of the conditions of Article 6; later reports count")
    ] = {}
    text: PersianText


class Return(BaseModel):
    model_config = ConfigDict(extra="forbid")

    missing: Annotated[list[DocumentKind], Field(min_length=1, max_length=20)]
    text: PersianText


class JudgesOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    made_on: Day
    reference: Name
    text: PersianText | None = None


class CareBegun(BaseModel):
    """The working group gave a child into temporary care; no court is asked for it."""

    model_config = ConfigDict(extra="forbid")

    begun_on: Day
    child_birth_date: LikelyDay
    reference: Annotated[Name, Field(description="Of the working group's decision, and the child's file")]
    text: PersianText | None = None


class CareEnded(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ended_on: Day
    reason: Literal["returned-to-family", "adopted", "another-family", "came-of-age", "other"]
    text: PersianText | None = None


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Literal["changed-mind", "own-child", "moved-abroad", "separation", "death", "other"]
    text: PersianText | None = None


class ReportKept(BaseModel):
    """What is sealed of a report; which of it is there goes by its kind."""

    made_on: date | None = None
    seen: dict[Seen, bool] = {}
    missing: list[DocumentKind] = []
    reference: str | None = None
    text: str | None = None


class ReportRead(ReportKept):
    id: UUID
    kind: ReportKind
    recorded_at: AwareDatetime
    recorded_by: str


class Missing(BaseModel):
    """Something that is asked for and not there yet, in plain words."""

    code: str
    applicant: Annotated[int | None, Field(description="Whose, counted from 0")] = None
    fa: str
    en: str


class RequestSummary(BaseModel):
    """Ids and states, and nothing of whom it is about."""

    id: UUID
    version: int
    jurisdiction: Jurisdiction
    form: Form
    category: Category
    relatives: bool
    status: Status
    status_since: AwareDatetime
    registered_at: AwareDatetime
    submitted_at: AwareDatetime | None
    waiting_since: AwareDatetime | None


class RequestState(RequestSummary):
    """What every step answers with: where the request stands now, what is missing and what can follow."""

    missing: list[Missing]
    allowed: Annotated[list[str], Field(description="The steps that are possible")]


class RequestRead(RequestState):
    """All of a request."""

    process: Process | None
    registered_by: str
    applicants: list[Applicant]
    household: Household
    wishes: Wishes
    documents: list[DocumentRead]
    exemptions: list[ExemptionRead]
    checks: list[CheckRead]
    reports: list[ReportRead]


class RequestFilters(ListQuery):
    status: Status | None = None
    form: Form | None = None
    jurisdiction: Annotated[Jurisdiction | None, Field(description="A place in the scope")] = None


class RequestSearch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    identity: PersonIdentity


class RequestsFound(BaseModel):
    items: list[RequestSummary]


class StepRead(BaseModel):
    step: str
    status: Status
    at: AwareDatetime
    actor: str
    about: dict[str, Any]


class History(BaseModel):
    """From the first step to the last."""

    items: list[StepRead]


def said(identity: PersonIdentity) -> str:
    """What a blind index is made of."""
    return f"{identity.type}:{identity.value}"


def blind(document: Kept, *, seals: Seals) -> list[bytes]:
    """By what a request is found again, of each applicant."""
    return [seals.index(said(each.identity), place=IDENTITY) for each in document.applicants]


IDENTITY: Final = "request.identities"
TABLE: Final = sealed.sealing(
    "request", index=("identities", lambda plain, seals: blind(Kept.model_validate_json(plain), seals=seals))
)
