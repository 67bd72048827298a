"""What the API says about inquiries to other bodies."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.chassis.sealing import Seals
from shared.kit.calendar import Day
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import PersianText
from svc_licensing.inquiries.models import Stage, State
from svc_licensing.rules import About

SystemCode = Annotated[str, Field(pattern="^[a-z][a-z-]{1,39}$", examples=["criminal-record"])]
Result = Literal["ok", "mismatch"]


class Evidence(BaseModel):
    """A paper that takes the place of an answer, once a second person has seen it."""

    model_config = ConfigDict(extra="forbid")

    result: Result
    reference: Annotated[str, Field(min_length=1, max_length=100, description="By what the paper is found again")]
    note: PersianText | None = None
    valid_until: Annotated[Day | None, Field(description="The last day; absent: by rule, if there is one")] = None


class Answer(BaseModel):
    """What came back; of vetting it is kept sealed."""

    state: State
    result: Result | None = None
    reference: str | None = None
    note: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any], *, seals: Seals) -> Self:
        """Read from a row of `inquiry`, sealed or not. Raises SealBroken."""
        if row["sealed"] is None:
            return cls(**{name: row[name] for name in cls.model_fields})
        plain = seals.open(row["sealed"], key_id=row["key_id"], place=_place(row["id"]))
        return cls.model_validate_json(plain)

    def seal(self, inquiry_id: UUID, *, seals: Seals) -> tuple[str, bytes]:
        """The name of the key, and what to keep."""
        return seals.seal(self.model_dump_json().encode(), place=_place(inquiry_id))


def _place(inquiry_id: UUID) -> str:
    return f"inquiry.sealed.{inquiry_id}"


class InquiryRead(BaseModel):
    """An inquiry with its answer. What security and selection answered the commission's secretary alone sees: for
    everybody else `withheld` is true, and of the answer it is told only whether it is there. So it is in what a step
    answers, to the secretary as well: who may see the answer reads it."""

    id: UUID
    version: int
    application_id: UUID
    jurisdiction: Jurisdiction
    system: SystemCode
    stage: Stage
    about: About
    person_id: UUID | None
    legal_purpose: str
    asked_by: str
    asked_at: AwareDatetime
    sent_at: Annotated[AwareDatetime | None, Field(description="None while it waits for a system that is down")]
    due_on: Annotated[date | None, Field(description="None: no rule on the time is signed off")]
    overdue: bool
    settled: bool
    settled_at: AwareDatetime | None
    withheld: bool
    state: State | None
    result: Result | None
    reference: str | None
    note: str | None
    valid_until: date | None
    evidence_by: str | None
    confirmed_by: str | None
    extensions_left: int
    replaced_by: Annotated[UUID | None, Field(description="The inquiry that asked the same again")]


class InquiryFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    application_id: UUID | None = None
    system: SystemCode | None = None
    state: Annotated[
        State | None, Field(description="By what security and selection answered nothing is found: it is sealed")
    ] = None
    overdue: bool = False


class NationalSystemRead(BaseModel):
    code: SystemCode
    version: int
    name_fa: str
    name_en: str
    stage: Stage
    connected: Annotated[bool, Field(description="Whether it is asked by events; otherwise a paper is the answer")]
    down_since: AwareDatetime | None


class NationalSystems(BaseModel):
    items: list[NationalSystemRead]
