"""The clocks of an application: by when which office has to act, and the founder to complete the file."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_licensing.db import Table


class Code(StrEnum):
    OPEN_INQUIRIES = "open-inquiries"
    SEND_ON = "send-on"
    REVIEW = "review"
    COMPLETE_FILE = "complete-file"


class Office(StrEnum):
    COUNTY = "county"
    PROVINCE = "province"
    FOUNDER = "founder"


OFFICE = {
    Code.OPEN_INQUIRIES: Office.COUNTY,
    Code.SEND_ON: Office.COUNTY,
    Code.REVIEW: Office.PROVINCE,
    Code.COMPLETE_FILE: Office.FOUNDER,
}
"""Whose turn it is."""
RUNS = "stopped_at IS NULL AND paused_at IS NULL"


class Deadline(Table, table=True):
    """It runs from `counted_from`, which does not count, for `days` working days; both are new after a pause.

    Without `days` nobody has vouched for how long it may take: it runs, and nothing falls due.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        CheckConstraint("(due_on IS NULL) = (days IS NULL OR paused_at IS NOT NULL)", name="due_by_rule"),
        Index("uq_deadline_open", "application_id", "code", unique=True, postgresql_where=text("stopped_at IS NULL")),
        Index("ix_deadline_due_on", "due_on", "jurisdiction", "office", postgresql_where=text(RUNS)),
        Index("ix_deadline_jurisdiction", "jurisdiction", "id"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(
        sa_column=Column("application_id", ForeignKey("application.id"), nullable=False, index=True)
    )
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    code: str = Field(sa_type=Text)
    office: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=DateTime(timezone=True))
    counted_from: date
    days: int | None = None
    """While it is paused, those that are left."""
    due_on: date | None = None
    paused_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    stopped_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    reminders_left: int
    """The founder's: so often it starts anew before the application lapses."""
    reminded_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    escalated_to: str | None = Field(default=None, sa_type=Text)
    escalated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
