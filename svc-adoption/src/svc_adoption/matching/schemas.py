"""What the API says about proposals."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from svc_adoption.children.schemas import ChildSummary
from svc_adoption.days import LikelyDay
from svc_adoption.fitness import Permit


class MatchState(StrEnum):
    """`matched`: decided by the committee and confirmed by a second person. The family answers after `introduced`."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    REFUSED = "refused"
    MATCHED = "matched"
    INTRODUCED = "introduced"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    PLACED = "placed"


class CourtPermit(BaseModel):
    """That a court allows what the rule does not."""

    model_config = ConfigDict(extra="forbid")

    of: Permit
    reference: Annotated[Name, Field(description="Of the court's order")]
    issued_on: LikelyDay


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid")

    child_id: Annotated[UUID, Field(description="With brothers and sisters who stay together")]
    permits: list[CourtPermit] = Field(default=[], max_length=2)
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class Candidate(BaseModel):
    request_id: UUID
    jurisdiction: Jurisdiction
    group: str
    senior: bool
    since: AwareDatetime


class PassedOver(BaseModel):
    """How many families, whose turn is before the last one named, it does not suit, and why."""

    by_wish: Annotated[int, Field(description="They wish for another child")]
    by_law: Annotated[dict[str, int], Field(description="Reason → families; one family may have several")]


class Candidates(BaseModel):
    child_ids: Annotated[list[UUID], Field(description="All who are placed together")]
    candidates: Annotated[list[Candidate], Field(description="Whose turn it is first")]
    passed_over: PassedOver


class MatchCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    child_id: Annotated[UUID, Field(description="With brothers and sisters who stay together")]
    request_id: UUID
    permits: list[CourtPermit] = Field(default=[], max_length=2)
    reason: Annotated[
        PersianText | None, Field(description="Why this family, when families ahead of it fit as well")
    ] = None


class CommitteeDecision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Literal["approved", "refused"]
    decided_on: LikelyDay
    session: Annotated[Name, Field(description="The reference of the committee's session")]
    reason: Annotated[PersianText | None, Field(description="Required for a refusal")] = None

    @model_validator(mode="after")
    def _refusals_have_reasons(self) -> Self:
        if self.outcome == "refused" and self.reason is None:
            raise InvalidValue("reason-missing", fa="رد پیشنهاد دلیل می‌خواهد", en="a refusal needs a reason")
        return self


class Introduction(BaseModel):
    model_config = ConfigDict(extra="forbid")

    introduced_on: LikelyDay


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answered_on: LikelyDay


class Decline(Answer):
    reason: PersianText


class Cancellation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: PersianText


class Kept(BaseModel):
    """What is sealed of a proposal."""

    permits: list[CourtPermit]
    reason: str | None
    passed_over: PassedOver
    decision: CommitteeDecision | None = None
    ended_because: str | None = None


class MatchSummary(BaseModel):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    request_id: UUID
    child_ids: list[UUID]
    state: MatchState
    state_since: AwareDatetime
    proposed_at: AwareDatetime
    out_of_turn: bool
    introduced_on: date | None
    answered_on: date | None


class MatchRead(MatchSummary, Kept):
    children: Annotated[
        list[ChildSummary], Field(description="What thousands share of each; of those who are in the scope")
    ]
    proposed_by: str
    decided_by: str | None
    confirmed_by: str | None


class MatchFilters(ListQuery):
    state: MatchState | None = None
    request_id: UUID | None = None
