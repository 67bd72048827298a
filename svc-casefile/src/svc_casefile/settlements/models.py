"""Monthly settlements of centers: what counted, by which tariff, and what did not and why."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Settlement(Table, table=True):
    """The statement of one center for one Jalali month. A draft is made anew; afterwards only its status changes."""

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("length(jurisdiction) = 7", name="of_a_center"),
        CheckConstraint("status IN ('draft', 'closed', 'approved', 'paid')", name="status"),
        CheckConstraint("(status = 'draft') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(status IN ('approved', 'paid')) = (approved_at IS NOT NULL)", name="approved"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid"),
        UniqueConstraint("jurisdiction", "month"),
        Index("ix_settlement_month_jurisdiction", "month", "jurisdiction"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """The center."""
    month: str = Field(sa_type=Text)
    """As `1404-09`."""
    first_day: date
    last_day: date
    counted_to: date
    """The last day that was counted: that of the month, or the day of a draft that was made before it was over."""
    version: int
    status: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    """Of all that the lines say: the same digest is the same statement."""
    lines: int
    counted: int
    unpriced: int
    """Lines that lack nothing but a tariff or a rule; should one be set later, they come again."""
    total_rials: int = Field(sa_type=BigInteger)
    drafted_at: datetime = Field(sa_type=DateTime(timezone=True))
    drafted_by: str = Field(sa_type=Text)
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    closed_by: str | None = Field(default=None, sa_type=Text)
    approved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    approved_by: str | None = Field(default=None, sa_type=Text)
    paid_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    paid_by: str | None = Field(default=None, sa_type=Text)
    paid_on: date | None = None
    payment_reference: str | None = Field(default=None, sa_type=Text)


class SettlementLine(Table, table=True):
    """One thing that counted, or did not. Of a closed statement no line is changed or deleted: no policy lets it be."""

    __tablename__ = "settlement_line"
    __table_args__ = (
        UniqueConstraint("settlement_id", "position"),
        CheckConstraint("kind IN ('care', 'visit', 'delivery')", name="kind"),
        CheckConstraint("entry IN ('original', 'reversal', 'correction')", name="entry"),
        CheckConstraint("counted = (reason IS NULL) AND (counted OR total_rials = 0)", name="counts_or_says_why_not"),
        CheckConstraint("NOT counted OR tariff_id IS NOT NULL", name="counts_by_a_tariff"),
        Index("ix_settlement_line_case_file_id", "case_file_id", "month"),
        Index("ix_settlement_line_ref", "ref", postgresql_where=text("ref IS NOT NULL")),
        Index("ix_settlement_line_follows", "follows", postgresql_where=text("follows IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    """The same whenever the draft is made anew, as long as the line is about the same."""
    settlement_id: UUID = Field(sa_column=Column("settlement_id", ForeignKey("settlement.id"), nullable=False))
    position: int
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    month: str = Field(sa_type=Text)
    """The month it belongs to: earlier than the statement's for what was recorded late."""
    kind: str = Field(sa_type=Text)
    entry: str = Field(sa_type=Text)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    ref: UUID | None = None
    """The visit or the service request; for files in care there is none."""
    worker: str | None = Field(default=None, sa_type=Text)
    payer_category: str | None = Field(default=None, sa_type=Text)
    area_class: str = Field(sa_type=Text)
    """Of the household, or of the center where the file names none."""
    service_code: str | None = Field(default=None, sa_type=Text)
    from_day: date
    to_day: date
    days: int
    of_days: int | None = None
    """The days of the month, when the tariff counts in their proportion; none when it counts whole."""
    counted: bool
    reason: str | None = Field(default=None, sa_type=Text)
    tariff_id: UUID | None = None
    tariff_version: int | None = None
    tariff_rials: int | None = Field(default=None, sa_type=BigInteger)
    total_rials: int = Field(sa_type=BigInteger)
    follows: UUID | None = None
    """The line of an earlier statement that this one reverses, corrects or counts after all."""


class SettlementShare(Table, table=True):
    """What a statement comes to for one worker, or ('') for files that no worker has."""

    __tablename__ = "settlement_share"

    settlement_id: UUID = Field(sa_column=Column("settlement_id", ForeignKey("settlement.id"), primary_key=True))
    worker: str = Field(sa_column=Column("worker", Text, primary_key=True))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    lines: int
    counted: int
    total_rials: int = Field(sa_type=BigInteger)


class SettlementCorrection(Table, table=True):
    """A decision that a closed line was wrong: two new lines in the center's next statement."""

    __tablename__ = "settlement_correction"
    __table_args__ = (Index("ix_settlement_correction_jurisdiction", "jurisdiction"),)

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    line_id: UUID = Field(sa_column=Column("line_id", ForeignKey("settlement_line.id"), nullable=False, unique=True))
    counts: bool
    days: int
    reason: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=DateTime(timezone=True))
    made_by: str = Field(sa_type=Text)
    settlement_id: UUID | None = Field(default=None, foreign_key="settlement.id")
    """The closed statement that has the new lines; until one is closed they are in every draft."""


class SettlementDispute(Table, table=True):
    """A line that somebody does not accept, and the answer."""

    __tablename__ = "settlement_dispute"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'upheld', 'rejected')", name="status"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL) AND (status = 'open') = (answer IS NULL)",
                        name="answered"),
        Index("uq_settlement_dispute_open", "line_id", unique=True, postgresql_where=text("status = 'open'")),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    settlement_id: UUID = Field(
        sa_column=Column("settlement_id", ForeignKey("settlement.id"), nullable=False, index=True)
    )
    line_id: UUID
    """Not a foreign key: a draft may be made anew without the line."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    status: str = Field(sa_type=Text)
    worker: str | None = Field(default=None, sa_type=Text)
    """Whose line it is."""
    reason: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=DateTime(timezone=True))
    opened_by: str = Field(sa_type=Text)
    answer: str | None = Field(default=None, sa_type=Text)
    answered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    answered_by: str | None = Field(default=None, sa_type=Text)
