"""What the API says about placements."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import Name, PersianText
from svc_adoption.days import LikelyDay


class PlacementState(StrEnum):
    """`revoked`: in the trial. `ended`: after it was final, because the court decided anew."""

    TRIAL = "trial"
    FINAL = "final"
    REVOKED = "revoked"
    ENDED = "ended"


class Cause(StrEnum):
    """Of Article 20: what happened to those with whom a child was finally placed."""

    DEATH = "death"
    SEPARATION = "separation"
    DIVORCE = "divorce"


class RedecisionOutcome(StrEnum):
    """`stays`: with the family, or with one of them. `leaves`: whoever has the child from then on."""

    STAYS = "stays"
    LEAVES = "leaves"


class CourtOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    court: Annotated[Name, Field(examples=["شعبه ۲ دادگاه خانواده بیرجند"])]
    number: Annotated[Name, Field(description="Of the order or ruling")]
    issued_on: LikelyDay


class PlacementCreate(BaseModel):
    """Article 11: the court orders a trial."""

    model_config = ConfigDict(extra="forbid")

    match_id: UUID
    order: CourtOrder
    property_transfer: Annotated[
        PersianText | None, Field(description="Article 14: what the family makes over to the child, as the court said")
    ] = None
    first_visit_on: Annotated[
        LikelyDay | None,
        Field(description="As agreed; absent: by the rule in force (`adoption-follow-up-months`), or there is no day"),
    ] = None


class VisitCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    visited_on: LikelyDay
    report: PersianText
    next_visit_on: Annotated[LikelyDay | None, Field(description="As `first_visit_on`")] = None


class Revocation(BaseModel):
    """Article 12."""

    model_config = ConfigDict(extra="forbid")

    order: CourtOrder
    reason: PersianText


class Ruling(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ruling: CourtOrder


class Redecision(BaseModel):
    """Article 20: what happened to the family, and what the court has decided upon it."""

    model_config = ConfigDict(extra="forbid")

    cause: Cause
    happened_on: LikelyDay
    outcome: RedecisionOutcome
    ruling: CourtOrder
    text: Annotated[PersianText, Field(description="What the court decided, in its words")]


class Visit(BaseModel):
    visited_on: date
    visited_by: str
    report: str


class Kept(BaseModel):
    """What is sealed of a placement."""

    order: CourtOrder
    property_transfer: str | None
    visited: list[Visit] = []
    ended_by: CourtOrder | None = None
    revoked_because: str | None = None
    decided_anew: list[Redecision] = []


class PlacementSummary(BaseModel):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    request_id: UUID
    match_id: UUID
    child_ids: list[UUID]
    state: PlacementState
    ordered_on: date
    ends_on: Annotated[date, Field(description="The last day of the trial")]
    ended_on: Annotated[
        date | None, Field(description="When the trial ended; of what has `ended`, when the court decided anew")
    ]
    visits: int


class PlacementRead(PlacementSummary, Kept):
    pass


class PlacementFilters(ListQuery):
    state: PlacementState | None = None
