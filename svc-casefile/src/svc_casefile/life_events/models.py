"""What happened in a household's life, and what became of the report."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class LifeEvent(Table, table=True):
    """A birth, a death, a move: the report of it, and its effect on the file once it took effect."""

    __tablename__ = "life_event"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'applied', 'refused', 'withdrawn')", name="status"),
        CheckConstraint("happened_on <= reported_on", name="reported_after"),
        CheckConstraint("status = 'applied' OR last_version IS NULL", name="only_applied_makes_versions"),
        CheckConstraint("(status = 'pending') = (settled_at IS NULL)", name="settled"),
        Index("ix_life_event_case_file_id", "case_file_id", "id"),
        Index("ix_life_event_pending", "case_file_id", "id", postgresql_where=text("status = 'pending'")),
    )

    id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was when it was recorded. Who may see it follows the file, not this."""
    version: int
    kind: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    member_id: UUID | None = None
    happened_on: date
    reported_on: date
    source: str = Field(sa_type=Text)
    evidence: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    details: dict[str, Any] = Field(sa_column=Column("details", JSONB, nullable=False))
    """What was reported, by the schema of its kind."""
    seen: dict[str, Any] = Field(sa_column=Column("seen", JSONB, nullable=False))
    """Field → its value when the event was recorded, of what its effect replaces."""
    proposed_head: UUID | None = None
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
    settled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When it took effect, was refused or withdrawn."""
    approved_by: str | None = Field(default=None, sa_type=Text)
    """None where no approval was needed."""
    refused_by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    """Why it was refused or withdrawn."""
    first_version: int | None = None
    """The first version of the file that the effect made, if it made any."""
    last_version: int | None = None
