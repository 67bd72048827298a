"""What is due about a request by which day, and what became of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table

OPEN = "done_on IS NULL AND dropped_at IS NULL"


class Deadline(Table, table=True):
    """One thing that is to be done about a request."""

    __tablename__ = "deadline"
    __table_args__ = (
        CheckConstraint("kind IN ('court-opinion', 'document', 'follow-up-visit', 'trial-end')", name="kind"),
        CheckConstraint("done_on IS NULL OR dropped_at IS NULL", name="one_end"),
        Index("ix_deadline_request_id", "request_id", "id"),
        Index("ix_deadline_open", "jurisdiction", "due_on", "id", postgresql_where=text(OPEN)),
        Index("ix_deadline_untold", "due_on", postgresql_where=text(f"told_at IS NULL AND {OPEN}")),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    request_id: UUID = Field(sa_column=Column("request_id", ForeignKey("request.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    about: str | None = Field(default=None, sa_type=Text)
    """What it is about, in a code: a kind of certificate and whose it is, or the id of a placement."""
    since: date
    due_on: date | None = None
    """None: no rule says by when, and nobody has agreed on a day."""
    rule: str | None = Field(default=None, sa_type=Text)
    """The parameter that the day follows from."""
    done_on: date | None = None
    done_by: str | None = Field(default=None, sa_type=Text)
    reference: str | None = Field(default=None, sa_type=Text)
    """Of the letter with which it was done."""
    dropped_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When it was not to be done any more."""
    told_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When it was announced that the day is over."""
