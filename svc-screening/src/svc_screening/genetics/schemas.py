"""What the API says about genetic cases."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import Name, PersianText
from svc_screening.decisions import Outcome
from svc_screening.genetics.models import State


class Occasion(StrEnum):
    MARRIAGE = "marriage"
    PREGNANCY = "pregnancy"
    RELATIVES = "relatives-marriage"
    FAMILY = "disability-in-the-family"


class GeneticPerson(BaseModel):
    model_config = ConfigDict(extra="forbid")

    given_name: Name | None = None
    family_name: Name | None = None
    identity: PersonIdentity | None = None
    birth_date: Day | None = None


class GeneticCaseCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    center: Annotated[Jurisdiction | None, Field(description="Absent: the caller's own")] = None
    occasion: Occasion
    persons: Annotated[list[GeneticPerson], Field(min_length=1, max_length=10)]
    answers: Annotated[
        list[Literal["yes", "no"] | None],
        Field(min_length=1, max_length=200, description="Of the questionnaire; null: not answered"),
    ]
    pedigree: Annotated[PersianText | None, Field(description="شجره‌نامه, in words")] = None


class GeneticDecision(BaseModel):
    outcome: Annotated[Outcome, Field(description="`refer`: high risk; `normal`: low; `undecided`: no rule says")]
    reason: str
    rule: str | None
    protocol: int


class Counselling(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Literal["reassured", "tests-advised", "advised-against", "did-not-come"]
    note: PersianText | None = None


class Kept(BaseModel):
    """What is sealed of a case."""

    occasion: Occasion
    persons: list[GeneticPerson]
    answers: list[Literal["yes", "no"] | None]
    pedigree: str | None
    decision: GeneticDecision
    counselling: Counselling | None = None
    taken_by: str


class GeneticCaseSummary(BaseModel):
    """Ids and states, and nothing else."""

    id: UUID
    version: int
    jurisdiction: Jurisdiction
    state: State
    opened_on: date


class GeneticCaseRead(Kept):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    state: State
    opened_at: AwareDatetime
    changed_at: AwareDatetime


class GeneticCaseFilters(ListQuery):
    state: State | None = None


class GeneticSearch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    identity: PersonIdentity


class GeneticCasesFound(BaseModel):
    items: list[GeneticCaseSummary]
