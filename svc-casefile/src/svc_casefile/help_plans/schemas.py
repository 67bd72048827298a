"""What the API says and takes about assessments and help plans."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.changes import KEPT
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import PersianText
from svc_casefile.households.schemas import Subject
from svc_casefile.members.schemas import PastDate, Words


class NeedKind(StrEnum):
    INCOME = "income"
    FOOD = "food"
    HOUSING = "housing"
    HEALTH = "health"
    REHABILITATION = "rehabilitation"
    ASSISTIVE_DEVICE = "assistive-device"
    CARE = "care"
    EDUCATION = "education"
    EMPLOYMENT = "employment"
    INSURANCE = "insurance"
    LEGAL = "legal"
    DOCUMENTS = "documents"
    SAFETY = "safety"
    FAMILY_RELATIONS = "family-relations"
    PARTICIPATION = "participation"
    OTHER = "other"


class Urgency(StrEnum):
    IMMEDIATE = "immediate"
    SOON = "soon"
    LATER = "later"


class PlanStatus(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    COMPLETED = "completed"
    STOPPED = "stopped"


class Direction(StrEnum):
    FORWARD = "forward"
    UNCHANGED = "unchanged"
    BACKWARD = "backward"


class Outcome(StrEnum):
    ACHIEVED = "achieved"
    PARTLY_ACHIEVED = "partly-achieved"
    NOT_ACHIEVED = "not-achieved"
    NO_LONGER_NEEDED = "no-longer-needed"


class StopReason(StrEnum):
    HOUSEHOLD_WITHDREW = "household-withdrew"
    CIRCUMSTANCES_CHANGED = "circumstances-changed"
    REPLACED = "replaced"
    CASE_FILE_CLOSED = "case-file-closed"


class Need(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: NeedKind
    urgency: Urgency
    member_id: Annotated[UUID | None, Field(description="Whose; absent: the whole household's")] = None
    description: PersianText | None = None


class RankedNeed(Need):
    rank: Annotated[int, Field(description="1 is the most pressing")]


class AssessmentCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    assessed_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    needs: Annotated[list[Need], Field(min_length=1, max_length=20, description="The most pressing first")]
    summary: PersianText | None = None

    @field_validator("needs")
    @classmethod
    def _each_need_has_one_rank(cls, needs: list[Need]) -> list[Need]:
        if len({(need.kind, need.member_id) for need in needs}) < len(needs):
            raise InvalidValue(
                "need-twice",
                fa="یک نیاز برای یک شخص دو بار آمده است",
                en="the same need of the same person is listed twice",
            )
        return needs


class AssessmentRead(BaseModel):
    id: UUID
    case_file_id: UUID
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was then")]
    assessed_on: date
    needs: list[RankedNeed]
    summary: str | None
    recorded_at: AwareDatetime
    recorded_by: str


class Measure(BaseModel):
    """One thing that somebody does for a goal."""

    model_config = ConfigDict(extra="forbid")

    what: Words
    responsible: Annotated[Words, Field(description="A worker, a member of the household, another body")]
    due_on: Day | None = None
    service_code: Annotated[
        str | None, StringConstraints(pattern=r"^S[0-9]{2,3}$"), Field(description="Of the catalogue", examples=["S05"])
    ] = None


class GoalCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    need: NeedKind
    member_id: Annotated[UUID | None, Field(description="Whose; absent: the whole household's")] = None
    title: Words
    indicator: Annotated[Words, Field(description="How one will see that it is reached")]
    target_on: Day | None = None
    measures: Annotated[list[Measure], Field(max_length=10)] = []


Goals = Annotated[list[GoalCreate], Field(min_length=1, max_length=10)]
Responsible = Annotated[Subject, Field(description="Who sees to the plan: an OIDC subject")]


class HelpPlanCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    assessment_id: Annotated[UUID, Field(description="What the plan answers to: an assessment of this household")]
    responsible: Responsible
    review_on: Annotated[Day, Field(description="When household and center look at it together next")]
    goals: Goals


class HelpPlanUpdate(BaseModel):
    """What is sent is changed. Goals are sent whole, and only while the plan is a draft."""

    model_config = ConfigDict(extra="forbid")

    responsible: Responsible = KEPT
    review_on: Day = KEPT
    goals: Goals = KEPT


class Agreement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agreed_with: Annotated[UUID, Field(description="The member who agreed for the household")]
    agreed_on: Annotated[PastDate | None, Field(description="Absent: today")] = None


class ProgressCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    goal_id: UUID
    direction: Direction
    outcome: Annotated[
        Outcome | None, Field(description="What came of the goal, once that is known; a later one replaces it")
    ] = None
    seen_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    note: PersianText | None = None


class Review(BaseModel):
    model_config = ConfigDict(extra="forbid")

    next_review_on: Day
    reviewed_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    note: PersianText | None = None


class Completion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: PersianText | None = None


class Stop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: StopReason
    note: PersianText | None = None


class GoalRead(BaseModel):
    id: UUID
    need: NeedKind
    member_id: UUID | None
    title: str
    indicator: str
    target_on: date | None
    measures: list[Measure]
    direction: Annotated[Direction | None, Field(description="As last seen")]
    seen_on: date | None
    outcome: Outcome | None
    outcome_on: date | None


class HelpPlanSummary(BaseModel):
    """A line of a list."""

    id: UUID
    version: int
    case_file_id: UUID
    case_file_number: str
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was when the plan was drawn up")]
    assessment_id: UUID
    status: PlanStatus
    responsible: str
    review_on: date
    review_overdue: Annotated[bool, Field(description="The plan is in force, and the day of its review is over")]
    agreed_on: date | None
    goals: Annotated[int, Field(description="How many")]
    goals_with_outcome: int


class HelpPlanRead(BaseModel):
    id: UUID
    version: int
    case_file_id: UUID
    case_file_number: str
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was when the plan was drawn up")]
    assessment_id: UUID
    status: PlanStatus
    responsible: str
    review_on: date
    review_overdue: Annotated[bool, Field(description="The plan is in force, and the day of its review is over")]
    agreed_on: date | None
    agreed_with: UUID | None
    closed_at: AwareDatetime | None
    stop_reason: StopReason | None
    note: str | None
    created_at: AwareDatetime
    created_by: str
    goals: list[GoalRead]


class HelpPlanEntryRead(BaseModel):
    """How a goal went, or, without a goal, a review of the plan."""

    id: UUID
    goal_id: UUID | None
    seen_on: date
    direction: Direction | None
    outcome: Outcome | None
    next_review_on: date | None
    note: str | None
    recorded_at: AwareDatetime
    recorded_by: str


class FileFilters(ListQuery):
    pass


class EntryFilters(ListQuery):
    pass


class PlanFilters(ListQuery):
    status: PlanStatus = PlanStatus.AGREED
    review_until: Annotated[
        Day | None, Field(description="Reviews due until this day, that day included; those overdue are among them")
    ] = None
    responsible: Subject | None = None
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A narrower place inside the scope: its county or center")
    ] = None


class OutcomeFilters(BaseModel):
    """Which plans count: those that were agreed in these days, of the files that are in the place now."""

    model_config = ConfigDict(extra="forbid")

    agreed_from: Day
    agreed_to: Annotated[Day, Field(description="The last day that counts")]
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A narrower place inside the scope: its county or center")
    ] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.agreed_to < self.agreed_from:
            raise InvalidValue(
                "dates-out-of-order",
                fa="agreed_to نباید پیش از agreed_from باشد",
                en="agreed_to must not be before agreed_from",
            )
        return self


class GoalCounts(BaseModel):
    """Of goals, by what came of them; together they are all."""

    achieved: int
    partly_achieved: int
    not_achieved: int
    no_longer_needed: int
    pending: Annotated[int, Field(description="Without an outcome yet, in a plan that is in force")]
    abandoned: Annotated[int, Field(description="Without an outcome, in a plan that was stopped")]


class NeedOutcomes(BaseModel):
    need: NeedKind
    households_in_need: Annotated[
        int, Field(description="Households whose last assessment until `agreed_to` names the need, planned for or not")
    ]
    goals: GoalCounts


class Outcomes(BaseModel):
    """What help plans came to: results, not visits."""

    jurisdiction: Jurisdiction
    agreed_from: date
    agreed_to: date
    plans_in_force: int
    plans_completed: int
    plans_stopped: int
    reviews_overdue: int
    goals_overdue: Annotated[int, Field(description="Pending, and their target day is over")]
    goals: GoalCounts
    by_need: list[NeedOutcomes]
