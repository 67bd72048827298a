"""Files on their way from one place to another, and each step of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table

UNDER_WAY = "status IN ('requested', 'confirmed', 'accepted')"


class Transfer(Table, table=True):
    """A transfer of one file. Both sides see the row, before and after; nothing in it is personal."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint(
            "status IN ('requested', 'confirmed', 'accepted', 'effective', 'refused', 'withdrawn', 'lapsed')",
            name="status",
        ),
        CheckConstraint("kind IN ('move', 'rebalancing', 'closing')", name="kind"),
        CheckConstraint("origin <> destination", name="goes_somewhere"),
        CheckConstraint("status NOT IN ('accepted', 'effective') OR effective_on IS NOT NULL", name="effective_on"),
        CheckConstraint("(status = 'effective') = (effective_at IS NOT NULL)", name="effective_at"),
        CheckConstraint("(status = 'refused') = (refusal_reason IS NOT NULL)", name="refused_for_a_reason"),
        Index("uq_transfer_under_way", "case_file_id", unique=True, postgresql_where=text(UNDER_WAY)),
        Index("ix_transfer_origin", "origin", "id"),
        Index("ix_transfer_destination", "destination", "id"),
        Index("ix_transfer_case_file_id", "case_file_id"),
        Index("ix_transfer_closing_id", "closing_id", postgresql_where=text("closing_id IS NOT NULL")),
        # what the worker looks for
        Index("ix_transfer_due", "effective_on", postgresql_where=text("status = 'accepted'")),
        Index("ix_transfer_unanswered", "answer_due_on", postgresql_where=text("escalated_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    number: str = Field(sa_type=Text)
    """Of the file: what the origin still knows it by when it is gone."""
    version: int
    status: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    origin: str = Field(sa_column=Column("origin", JURISDICTION, nullable=False))
    destination: str = Field(sa_column=Column("destination", JURISDICTION, nullable=False))
    asked_from: str = Field(sa_column=Column("asked_from", JURISDICTION, nullable=False))
    """The scope of who asked: that side may withdraw."""
    note: str | None = Field(default=None, sa_type=Text)
    open_matters: dict[str, Any] = Field(sa_column=Column("open_matters", JSONB, nullable=False))
    """What goes on at the destination, as the origin confirmed it: kind → how many."""
    answer_due_on: date | None = None
    escalated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    escalated_to: str | None = Field(default=None, sa_type=JURISDICTION)
    effective_on: date | None = None
    effective_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    worker: str | None = Field(default=None, sa_type=Text)
    """Who is to have the file at the destination."""
    payer_category: str | None = Field(default=None, sa_type=Text)
    """Who is to pay from then on; none: as before."""
    refusal_reason: str | None = Field(default=None, sa_type=Text)
    lapse_reason: str | None = Field(default=None, sa_type=Text)
    closing_id: UUID | None = Field(
        default=None, sa_column=Column("closing_id", ForeignKey("center_closing.id"), nullable=True)
    )
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    requested_by: str = Field(sa_type=Text)


class TransferStep(Table, table=True):
    """Who made a version of a transfer, from where. Rows are only added; `told_at` is when both sides were told."""

    __tablename__ = "transfer_step"
    __table_args__ = (Index("ix_transfer_step_untold", "at", postgresql_where=text("told_at IS NULL")),)

    transfer_id: UUID = Field(sa_column=Column("transfer_id", ForeignKey("transfer.id"), primary_key=True))
    version: int = Field(primary_key=True)
    step: str = Field(sa_type=Text)
    """The status that it led to, or `escalated`."""
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """The scope from which it was taken."""
    reason: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    told_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
