"""The queue of a province: who waits, in which order, and what changed it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


class QueueEntry(Table, table=True):
    """A request that waits, or has waited. What the order follows from is here; whom it is about is sealed."""

    __tablename__ = "queue_entry"
    __table_args__ = (
        CheckConstraint("rank BETWEEN 1 AND 4", name="rank"),
        CheckConstraint("state IN ('waiting', 'paused', 'left')", name="state"),
        # the order itself
        Index(
            "ix_queue_entry_order",
            "queue",
            "form",
            "rank",
            "senior",
            "since",
            "id",
            postgresql_where=text("state = 'waiting'"),
            postgresql_include=["jurisdiction"],
        ),
        # led by what the policy asks for, so that counting reads this alone
        Index(
            "ix_queue_entry_place",
            "jurisdiction",
            "queue",
            "form",
            "rank",
            "senior",
            "since",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_queue_entry_jurisdiction", "jurisdiction", "id"),
        Index("ix_queue_entry_looked_on", "looked_on", postgresql_where=text("state = 'waiting' AND NOT senior")),
    )

    id: UUID = Field(sa_column=Column("id", ForeignKey("request.id"), primary_key=True))
    """The request's."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    queue: str = Field(sa_column=Column("queue", JURISDICTION, nullable=False))
    """The province, whose committee decides."""
    form: str = Field(sa_type=Text)
    rank: int = Field(sa_type=SmallInteger)
    """The group of Article 5, note 3."""
    senior: bool
    """Note 4: comes after its equals."""
    since: datetime = Field(sa_type=DateTime(timezone=True))
    """Since when it waits; a child whom the family declines does not change it."""
    state: str = Field(sa_type=Text)
    looked_on: date
    """When it was last looked at whether the family has come to the later age."""
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `priority.Facts`, bound to this row."""


class QueueChange(Table, table=True):
    """How an entry stood after a change, and why it changed; only ever added. The order follows from these alone."""

    __tablename__ = "queue_change"
    __table_args__ = (Index("ix_queue_change_request_id", "request_id", "id"),)

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(sa_column=Column("request_id", ForeignKey("queue_entry.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    rank: int = Field(sa_type=SmallInteger)
    senior: bool
    since: datetime = Field(sa_type=DateTime(timezone=True))
