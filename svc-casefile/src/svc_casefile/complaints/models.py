"""Complaints, what became of them, and who made them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Complaint(Table, table=True):
    """A request, an anonymous report or a complaint, with the place that handles it."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("kind IN ('request', 'report', 'complaint')", name="kind"),
        CheckConstraint("status IN ('received', 'in-hand', 'answered')", name="status"),
        Index("ix_complaint_jurisdiction", "jurisdiction", "id"),
        Index("ix_complaint_open", "due_on", postgresql_where=text("status <> 'answered'")),
        Index("ix_complaint_unannounced", "id", postgresql_where=text("announced_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Who handles it: never whom it is about, and never anybody beneath them."""
    version: int
    kind: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text)
    about_place: str = Field(sa_column=Column("about_place", JURISDICTION, nullable=False))
    about_person: str | None = Field(default=None, sa_type=Text)
    """The subject of whom it is about, if it was named: the row is not shown to them."""
    body: str = Field(sa_type=Text)
    tracking_digest: bytes = Field(sa_column=Column("tracking_digest", LargeBinary, nullable=False, unique=True))
    """Of the tracking code, which is kept nowhere."""
    identity_sealed: bool
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_by: str = Field(sa_type=Text)
    handled_since: datetime = Field(sa_type=DateTime(timezone=True))
    due_on: date | None = None
    """None: no rule on the time for an answer is in force."""
    refer_up: bool
    """The place that handles it wants it to go one level up, which is done beside the requests."""
    announced_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    taken_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    taken_by: str | None = Field(default=None, sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    answer: str | None = Field(default=None, sa_type=Text)
    answered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    answered_by: str | None = Field(default=None, sa_type=Text)
    satisfaction: str | None = Field(default=None, sa_type=Text)
    rated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ComplaintEntry(Table, table=True):
    """What was done with a complaint, in one line each. Rows are only ever added: no policy lets them be changed."""

    __tablename__ = "complaint_entry"
    __table_args__ = (Index("ix_complaint_entry_complaint_id", "complaint_id", "id"),)

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(sa_column=Column("complaint_id", ForeignKey("complaint.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Who handled it then."""
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)


class ComplaintIdentity(Table, table=True):
    """Who made a complaint, sealed. Those who handle the complaint cannot read the row, nor anybody its content without
    the key."""

    __tablename__ = "complaint_identity"

    complaint_id: UUID = Field(sa_column=Column("complaint_id", ForeignKey("complaint.id"), primary_key=True))
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
