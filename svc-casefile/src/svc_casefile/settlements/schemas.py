"""What the API says about settlements."""

from datetime import date
from enum import IntEnum, StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day, JalaliMonth
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import PersianText


class SettlementStatus(StrEnum):
    DRAFT = "draft"
    CLOSED = "closed"
    APPROVED = "approved"
    PAID = "paid"


class Kind(StrEnum):
    """What a line is about."""

    CARE = "care"
    VISIT = "visit"
    DELIVERY = "delivery"


class Entry(StrEnum):
    ORIGINAL = "original"
    REVERSAL = "reversal"
    CORRECTION = "correction"


class Reason(StrEnum):
    """Why a line does not count."""

    NO_TARIFF = "no-tariff"
    NO_RULE = "no-rule"
    FILE_NOT_ACTIVE = "file-not-active"
    TOO_FEW_DAYS = "too-few-days"
    NOT_HELD_AT_THE_END = "not-held-at-the-end"
    NOT_MET = "not-met"
    VISIT_IMPLAUSIBLE = "visit-implausible"
    VISIT_REPEATED = "visit-repeated"
    DECIDED = "decided"


class CareRule(IntEnum):
    """How files in care count: the values of the dated parameter `settlement-care-rule`.

    Which of them the contracts of the centers follow was never published, so none holds before a person sets it.
    """

    BY_DAYS = 1
    """The tariff in proportion to the days of the month, rounded down to whole rials."""
    AT_THE_END = 2
    """The whole tariff for whoever has the file when the month ends."""
    FROM_A_MINIMUM = 3
    """The whole tariff for whoever has the file on at least `settlement-care-minimum-days` days."""


class DisputeStatus(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


class SettlementDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    month: JalaliMonth
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A place inside the caller's scope; the scope itself when absent")
    ] = None


class SettlementRead(BaseModel):
    id: UUID
    jurisdiction: Annotated[Jurisdiction, Field(description="The center")]
    month: JalaliMonth
    version: int
    status: SettlementStatus
    counted_to: Annotated[date, Field(description="The last day that counted; before the end of a month still running")]
    digest: Annotated[str, Field(description="Of all lines: the same digest is the same statement")]
    own: Annotated[bool, Field(description="The figures are those of the caller's own lines alone")]
    lines: int
    counted: Annotated[int, Field(description="Lines that count; each of the others says why it does not")]
    total_rials: int
    drafted_at: AwareDatetime
    drafted_by: str
    closed_at: AwareDatetime | None
    closed_by: str | None
    approved_at: AwareDatetime | None
    approved_by: str | None
    paid_at: AwareDatetime | None
    paid_by: str | None
    paid_on: date | None
    payment_reference: str | None


class Share(BaseModel):
    worker: Annotated[str | None, Field(description="The worker's subject; none for files that no worker has")]
    lines: int
    counted: int
    total_rials: int


class SettlementDetail(SettlementRead):
    workers: list[Share]


class Drafted(BaseModel):
    month: JalaliMonth
    jurisdiction: Jurisdiction
    items: Annotated[list[SettlementRead], Field(description="One for each center; what is closed stays as it is")]


class SettlementFilters(ListQuery):
    month: JalaliMonth | None = None
    status: SettlementStatus | None = None
    jurisdiction: Annotated[Jurisdiction | None, Field(description="A place inside the caller's scope")] = None


class LineRead(BaseModel):
    id: UUID
    month: Annotated[JalaliMonth, Field(description="The month it belongs to, earlier for what was recorded late")]
    kind: Kind
    entry: Entry
    case_file_id: UUID
    number: Annotated[str | None, Field(description="Of the file; none when it has left the caller's scope")]
    ref: Annotated[UUID | None, Field(description="The visit or the service request")]
    worker: str | None
    payer_category: str | None
    area_class: str
    service_code: str | None
    from_day: date
    to_day: date
    days: Annotated[int, Field(description="File-days; a visit or a delivery has one")]
    of_days: Annotated[int | None, Field(description="The tariff counts in the proportion days/of_days; whole if none")]
    counted: bool
    reason: Annotated[Reason | None, Field(description="Why it does not count")]
    tariff_id: UUID | None
    tariff_version: int | None
    tariff_rials: int | None
    total_rials: int
    follows: Annotated[
        UUID | None,
        Field(description="The line of an earlier statement that it reverses, corrects or counts after all"),
    ]


class LineFilters(ListQuery):
    worker: Annotated[str, StringConstraints(max_length=255)] | None = None
    kind: Kind | None = None
    counted: bool | None = None
    reason: Reason | None = None


class Payment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    paid_on: Day
    reference: Annotated[
        str, StringConstraints(pattern=r"^[0-9A-Za-z/-]{1,60}$"), Field(description="Of the payment order")
    ]


class CorrectionCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    counts: bool
    days: Annotated[
        int | None, Field(ge=1, le=31, strict=True, description="File-days; those of the line when absent")
    ] = None
    reason: PersianText


class CorrectionRead(BaseModel):
    id: UUID
    line_id: UUID
    counts: bool
    days: int
    reason: str
    made_at: AwareDatetime
    made_by: str


class DisputeCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: PersianText


class DisputeAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    upheld: bool
    answer: PersianText


class DisputeRead(BaseModel):
    id: UUID
    settlement_id: UUID
    line_id: UUID
    version: int
    status: DisputeStatus
    worker: Annotated[str | None, Field(description="Whose line it is")]
    reason: str
    opened_at: AwareDatetime
    opened_by: str
    answer: str | None
    answered_at: AwareDatetime | None
    answered_by: str | None


class DisputeFilters(ListQuery):
    status: DisputeStatus | None = None
