"""Decisions of the committee: one member proposes, another confirms or objects."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, LargeBinary, Text, text
from sqlmodel import Field

from svc_adoption.db import Table


class Outcome(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    DEFER = "defer"


class DecisionState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"


class Decision(Table, table=True):
    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('approve', 'reject', 'defer')", name="outcome"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'objected')", name="state"),
        CheckConstraint("answered_by <> proposed_by", name="two_people"),
        Index("ix_decision_request_id", "request_id", "id"),
        Index("uq_decision_open", "request_id", unique=True, postgresql_where=text("state = 'proposed'")),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="request.id")
    version: int
    outcome: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    session_on: date
    proposed_at: datetime = Field(sa_type=DateTime(timezone=True))
    proposed_by: str = Field(sa_type=Text)
    answered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    answered_by: str | None = Field(default=None, sa_type=Text)
    """Who confirmed it, or objected."""
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.DecisionKept`."""
