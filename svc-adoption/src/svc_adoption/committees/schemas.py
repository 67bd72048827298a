"""What the API says about the committee's work. What it is told of a family is facts, and no names."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.text import Name, PersianText
from svc_adoption import sealed
from svc_adoption.assessments.models import CheckState
from svc_adoption.committees.models import DecisionState, Outcome
from svc_adoption.eligibility import Category, Check, Eligibility, Exemption, Form, Seen
from svc_adoption.requests.models import ReportKind, Status
from svc_adoption.requests.schemas import RequestState, Wishes


class DecisionCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    session_on: Day
    minutes: Annotated[Name, Field(description="The number of the minutes")]
    reason: PersianText
    settles: Annotated[
        dict[str, PersianText],
        Field(max_length=20, description="Open condition → why it holds; needed to approve with open conditions"),
    ] = {}


class Objection(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: PersianText


class DecisionKept(BaseModel):
    """What is sealed of a decision."""

    minutes: str
    reason: str
    settles: dict[str, str]
    objection: str | None = None


class DecisionStep(BaseModel):
    """What a step answers with: the decision by its id, and where the request stands."""

    id: UUID
    version: int
    outcome: Outcome
    state: DecisionState
    request: RequestState


class DecisionRead(DecisionKept):
    id: UUID
    version: int
    outcome: Outcome
    state: DecisionState
    session_on: date
    proposed_at: AwareDatetime
    proposed_by: str
    answered_at: AwareDatetime | None
    answered_by: str | None


class Decisions(BaseModel):
    """The latest first."""

    items: list[DecisionRead]


class DossierApplicant(BaseModel):
    """Who asks, without a name or a number."""

    age: int
    sex: str
    religion: str | None
    education: str | None
    occupation: str | None


class DossierCheck(BaseModel):
    kind: Check
    state: CheckState
    answered_on: date | None
    valid_until: date | None


class DossierReport(BaseModel):
    """Names and numbers of the applicants are blackened in the text, as far as a program finds them."""

    kind: ReportKind
    made_on: date | None
    seen: dict[Seen, bool]
    text: str | None


class DossierSummary(BaseModel):
    id: UUID
    version: int
    form: Form
    category: Category
    status: Status
    status_since: AwareDatetime


class Dossier(DossierSummary):
    """What the committee decides on."""

    relatives: bool
    applicants: list[DossierApplicant]
    married_years: int | None
    own_children: int | None
    placed_children: int
    housing: str | None
    monthly_income_rials: int | None
    wishes: Wishes
    checks: list[DossierCheck]
    exemptions: list[Exemption]
    reports: list[DossierReport]
    eligibility: Eligibility
    decisions: list[DecisionRead]


class DossierFilters(ListQuery):
    pass


TABLE: Final = sealed.sealing("decision")
