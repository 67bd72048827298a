"""What the API says about the queue."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from svc_adoption.priority import Group


class QueueState(StrEnum):
    """`paused`: a child is proposed to the family. `left`: it waits no more."""

    WAITING = "waiting"
    PAUSED = "paused"
    LEFT = "left"


class GroupWord(StrEnum):
    """In the order of Article 5, note 3."""

    CHILDLESS_COUPLE = Group.CHILDLESS_COUPLE.word
    SINGLE_CHILDLESS_WOMAN = Group.SINGLE_CHILDLESS_WOMAN.word
    COUPLE_WITH_CHILDREN = Group.COUPLE_WITH_CHILDREN.word
    NOT_NAMED = Group.NOT_NAMED.word


class Factors(BaseModel):
    """What a place follows from, in this order."""

    group: Annotated[GroupWord, Field(description="Article 5, note 3")]
    senior: Annotated[bool, Field(description="Article 5, note 4: comes after its equals who are younger")]
    since: Annotated[AwareDatetime, Field(description="Waiting since")]


class QueueChangeRead(Factors):
    """How it stood after a change."""

    at: AwareDatetime
    actor: str
    reason: str
    state: QueueState


class QueueEntrySummary(Factors):
    request_id: UUID
    version: int
    jurisdiction: Jurisdiction
    form: str


class QueueEntryRead(QueueEntrySummary):
    state: QueueState
    queue: Annotated[Jurisdiction, Field(description="The province, whose committee decides")]
    position: Annotated[int | None, Field(description="1 is next; none unless it waits")]
    waiting: Annotated[int, Field(description="How many wait in this queue")]
    changes: Annotated[list[QueueChangeRead], Field(description="The first one first")]


class QueueFilters(ListQuery):
    form: str = "adoption"


class ChildrenNow(BaseModel):
    """What has changed in the family since it was approved, as far as its place follows from it."""

    model_config = ConfigDict(extra="forbid")

    children: Annotated[int, Field(ge=0, le=20, description="Their own, and taken in for good")]
    reason: Literal["child-born", "child-died", "corrected"]


class Wish(BaseModel):
    """Another wish than the one that is recorded."""

    model_config = ConfigDict(extra="forbid")

    child_sex: Literal["girl", "boy", "any"]
    child_from_months: Annotated[int, Field(ge=0, le=191)]
    child_to_months: Annotated[int, Field(ge=1, le=192, description="Younger than this")]
    child_health: Literal["healthy", "treatable", "any"]
    siblings: Annotated[int, Field(ge=1, le=5, description="How many together at most")] = 1

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        if self.child_from_months >= self.child_to_months:
            raise InvalidValue("ages-in-order", fa="بازهٔ سن تهی است", en="no child has an age between the two")
        return self


class Prospect(BaseModel):
    """What a wish comes to, by what is known of children in general terms (sex, month of birth, health, siblings)."""

    children: Annotated[int, Field(description="Of those who could be placed today, how many it takes in")]
    children_of_a_year: Annotated[int, Field(description="Of those who came within a year, placed since or not")]
    ahead: Annotated[
        int | None, Field(description="Families before it who would take the child for whom the fewest wait")
    ]


class ProspectChange(BaseModel):
    now: Prospect
    then: Prospect
