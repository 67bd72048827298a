"""Sessions of the provincial commission of Article 26: who sits there, who came, how they voted."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_licensing.db import Table


class SessionStatus(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Capacity(StrEnum):
    """As whom somebody sits in the commission."""

    DIRECTOR_GENERAL = "director-general"
    DEPUTY_FOR_PARTICIPATION = "deputy-for-participation"
    SPECIALISED_DEPUTY = "specialised-deputy"
    SECURITY = "security"
    INSPECTION = "inspection"
    LEGAL_EXPERT = "legal-expert"


class CommissionSession(Table, table=True):
    __tablename__ = "commission_session"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'open', 'closed')", name="status"),
        CheckConstraint("jurisdiction ~ '^[0-9]{2}$'", name="jurisdiction"),
        Index("ix_commission_session_jurisdiction", "jurisdiction", "held_on"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    status: str = Field(sa_type=Text)
    held_on: date
    seats: list[dict[str, Any]] = Field(sa_column=Column("seats", JSONB, nullable=False))
    """Who is invited, as whom, and whether they came."""
    minutes_number: str | None = Field(default=None, sa_type=Text)
    minutes: str | None = Field(default=None, sa_type=Text)
    called_by: str = Field(sa_type=Text)
    called_at: datetime = Field(sa_type=DateTime(timezone=True))


class CommissionVote(Table, table=True):
    __tablename__ = "commission_vote"
    __table_args__ = (CheckConstraint("vote IN ('for', 'against', 'abstain')", name="vote"),)

    application_id: UUID = Field(sa_column=Column("application_id", ForeignKey("application.id"), primary_key=True))
    round: int = Field(primary_key=True)
    member: str = Field(sa_column=Column("member", Text, primary_key=True))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Of the application."""
    session_id: UUID = Field(
        sa_column=Column("session_id", ForeignKey("commission_session.id"), nullable=False, index=True)
    )
    vote: str = Field(sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    voted_at: datetime = Field(sa_type=DateTime(timezone=True))
