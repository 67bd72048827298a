"""What the API says about encounters."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import PersianText
from svc_screening.decisions import Outcome, Result, Word
from svc_screening.encounters.models import Attendance
from svc_screening.programmes.schemas import ProgrammeCode

MOST_ENCOUNTERS = 500
"""Of one batch."""


class _Test(BaseModel):
    """What happened, and nothing of what follows from it: that is decided here."""

    model_config = ConfigDict(extra="forbid")

    stage: Word
    instrument: Annotated[Word | None, Field(description="Needed when somebody was examined")] = None
    made_at: AwareDatetime
    repeat_of: Annotated[UUID | None, Field(description="The failed test that this one repeats")] = None
    attendance: Attendance = Attendance.EXAMINED
    result: Annotated[Result | None, Field(description="Needed when somebody was examined, and only then")] = None

    @model_validator(mode="after")
    def _examined_with_a_result(self) -> Self:
        examined = self.attendance == Attendance.EXAMINED
        if examined != (self.result is not None) or (examined and self.instrument is None):
            raise InvalidValue(
                "result-when-examined",
                fa="نتیجه و ابزار با معاینه می‌آید و بی آن نه",
                en="a result and its instrument come with an examination, and a result never without",
            )
        return self


class EncounterCreate(_Test):
    id: Annotated[UUID, Field(description="Of the client's making: the same encounter can be sent any number of times")]
    person_id: UUID
    programme: ProgrammeCode
    base_id: UUID
    device_id: UUID | None = None


class Correction(_Test):
    """What should have been recorded; the original stays as it is."""

    id: UUID
    reason: PersianText


class DecisionRead(BaseModel):
    """What followed, by which rule of which version, and why."""

    outcome: Outcome
    reason: Annotated[str, Field(examples=["below-cut-off"])]
    rule: Annotated[str | None, Field(description="Of the protocol version", examples=["either-eye-below"])]
    protocol: Annotated[int, Field(description="Number of the protocol version")]
    decided_at: Annotated[AwareDatetime, Field(description="After the recording, where a rule was signed off since")]
    found: Annotated[dict[str, Any], Field(description="What the reason is about")]
    next_stage: Annotated[str | None, Field(description="Where the test is repeated")]
    refers_to: str | None
    repeat_from: date | None
    repeat_by: Annotated[date | None, Field(description="None: no rule that is signed off says")]


class EncounterRead(BaseModel):
    id: UUID
    person_id: UUID
    registered_as: Annotated[UUID, Field(description="Another than `person_id` after two proved to be one")]
    programme: ProgrammeCode
    programme_year: int
    center: Annotated[Jurisdiction, Field(description="Where it was made")]
    campaign_id: UUID | None
    base_id: UUID
    device_id: UUID | None
    screener: str
    stage: str
    instrument: str | None
    made_at: AwareDatetime
    repeat_of: UUID | None
    attendance: Attendance
    result: Annotated[Result | None, Field()]
    age_months: int
    decision: DecisionRead
    corrects: UUID | None
    correction_reason: str | None
    corrected_by: Annotated[UUID | None, Field(description="The encounter that counts instead of this one")]
    recorded_at: AwareDatetime
    recorded_by: str


class EncounterBatch(BaseModel):
    """Encounters made without a network, in any order."""

    model_config = ConfigDict(extra="forbid")

    encounters: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MOST_ENCOUNTERS,
            description="Each as the body of `POST /v1/screening-encounters`. One that is wrong is refused by itself;"
            " the others land.",
        ),
    ]


class BatchOutcome(StrEnum):
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class LineError(BaseModel):
    pointer: Annotated[str, Field(description="JSON Pointer into the encounter")]
    code: str
    fa: str
    en: str


class BatchItem(BaseModel):
    """What became of the encounter at the same position of the batch."""

    id: Annotated[UUID | None, Field(description="As it was sent; None when it was no UUID")]
    outcome: Annotated[
        BatchOutcome,
        Field(
            description="`recorded`: it is there. `unchanged`: it had come before. `refused`: keep it, and see"
            " `errors`."
        ),
    ]
    decision: Annotated[Outcome | None, Field(description="Of what was recorded now")] = None
    errors: list[LineError] = []


class BatchResult(BaseModel):
    recorded: int
    unchanged: int
    refused: int
    items: Annotated[list[BatchItem], Field(description="In the order of the batch")]


class EncounterFilters(ListQuery):
    person_id: UUID | None = None
    base_id: UUID | None = None
    programme: ProgrammeCode | None = None
    outcome: Outcome | None = None
    made_from: Day | None = None
    made_to: Annotated[Day | None, Field(description="The last day")] = None
