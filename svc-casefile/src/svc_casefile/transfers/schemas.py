"""What the API says about transfers."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import PersianText
from svc_casefile.households.schemas import CaseFileNumber, PayerCategory, Subject


class TransferStatus(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    EFFECTIVE = "effective"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class TransferKind(StrEnum):
    MOVE = "move"
    """The household moved."""
    REBALANCING = "rebalancing"
    """The loads of the centers are to be evened out."""
    CLOSING = "closing"
    """The origin closes."""


class RefusalReason(StrEnum):
    NO_ROOM = "no-room"
    ADDRESS_NOT_IN_AREA = "address-not-in-area"
    HOUSEHOLD_NOT_FOUND = "household-not-found"
    HOUSEHOLD_OBJECTS = "household-objects"
    OPEN_MATTERS = "open-matters"
    OTHER = "other"


class LapseReason(StrEnum):
    FILE_CLOSED = "file-closed"
    FILE_LEFT = "file-left"
    DESTINATION_NOT_OPEN = "destination-not-open"


class TransferCreate(BaseModel):
    """By the origin, with the file's id; or by the destination, with its number and the identity of a member."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal[TransferKind.MOVE, TransferKind.REBALANCING] = TransferKind.MOVE
    case_file_id: Annotated[UUID | None, Field(description="Of a file inside the caller's scope")] = None
    number: Annotated[CaseFileNumber | None, Field(description="Of a file anywhere, with `identity`")] = None
    identity: Annotated[PersonIdentity | None, Field(description="Of a present member of that household")] = None
    destination: Annotated[Jurisdiction, Field(description="An open center, or a county that will choose one")]
    note: Annotated[
        PersianText | None, Field(description="For both sides; the origin no longer sees it afterwards")
    ] = None

    @model_validator(mode="after")
    def _one_way_to_name_a_file(self) -> Self:
        named = (self.case_file_id is not None, self.number is not None, self.identity is not None)
        if named not in {(True, False, False), (False, True, True)}:
            raise InvalidValue(
                "one-way-to-name-a-file",
                fa="یا case_file_id بیاید، یا number و identity با هم",
                en="send case_file_id, or number and identity together",
            )
        return self


class Confirmation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    carry_over: Annotated[bool, Field(description="Whether open matters go on at the destination")] = False


class Acceptance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    center: Annotated[
        Jurisdiction | None, Field(description="Which center takes the file, where a county was asked")
    ] = None
    effective_on: Annotated[Day | None, Field(description="Absent: today, at once")] = None
    worker: Annotated[Subject | None, Field(description="Who has the file from then on; absent: nobody yet")] = None
    payer_category: Annotated[PayerCategory | None, Field(description="Absent: as before")] = None


class Refusal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: RefusalReason
    note: PersianText | None = None


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: PersianText | None = None


class Place(BaseModel):
    """A center or county, as everybody may know it."""

    code: Jurisdiction
    name_fa: Annotated[str | None, Field(description="None for a county: registry knows its name")]
    name_en: str | None


class TransferRead(BaseModel):
    """What both sides see of a transfer. When it has taken effect this is what the origin keeps of the file."""

    id: UUID
    version: int
    status: TransferStatus
    kind: TransferKind
    case_file_id: UUID
    number: Annotated[str, Field(description="Of the file")]
    origin: Place
    destination: Place
    asked_from: Annotated[Jurisdiction, Field(description="The side that asked, and may withdraw")]
    requested_at: AwareDatetime
    requested_by: str
    open_matters: Annotated[dict[str, int], Field(description="What goes on at the destination, by kind and number")]
    answer_due_on: Annotated[
        date | None,
        Field(description="Then it goes to the office above; null: no rule says when, or nobody is to answer"),
    ]
    escalated_at: AwareDatetime | None
    escalated_to: Jurisdiction | None
    effective_on: date | None
    effective_at: AwareDatetime | None
    refusal_reason: RefusalReason | None
    lapse_reason: LapseReason | None
    closing_id: Annotated[UUID | None, Field(description="Of the closing of a center that it is part of")]
    note: Annotated[str | None, Field(description="Not shown to the origin once the file has left")]
    worker: Annotated[str | None, Field(description="Shown to the destination only")]
    payer_category: Annotated[PayerCategory | None, Field(description="Shown to the destination only")]
    possible: Annotated[
        list[str], Field(description="Steps that the status allows; whose they are is another question")
    ]


class TransferStepRead(BaseModel):
    version: int
    step: str
    at: AwareDatetime
    actor: str
    jurisdiction: Annotated[Jurisdiction, Field(description="The scope from which it was taken")]
    reason: str | None
    note: Annotated[str | None, Field(description="Not shown to the origin once the file has left")]


class Side(StrEnum):
    ORIGIN = "origin"
    DESTINATION = "destination"


class TransferFilters(ListQuery):
    status: TransferStatus | None = None
    kind: TransferKind | None = None
    side: Annotated[Side | None, Field(description="On which side the caller's scope is")] = None
    escalated: Annotated[bool | None, Field(description="Whether nobody answered in time")] = None
    case_file_id: UUID | None = None
    closing_id: UUID | None = None


class StepFilters(ListQuery):
    pass
