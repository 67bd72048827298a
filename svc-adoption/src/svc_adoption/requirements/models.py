"""What each form of care asks for, in dated versions."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from svc_adoption.db import Table


class Standing(StrEnum):
    """Who vouches for a version: a published source, nobody yet, or a second person of headquarters."""

    CONFIRMED = "confirmed"
    PROPOSED = "proposed"
    SIGNED_OFF = "signed-off"


class Process(StrEnum):
    """Who gives the child: a court after a trial (Articles 11 to 14), the province's working group without a court,
    or a judge's order without a queue."""

    COURT_TRIAL = "court-trial"
    WORKING_GROUP = "working-group"
    JUDGES_ORDER = "judges-order"


class Requirement(Table, table=True):
    """A version: in force from its first day until the next one's, once somebody vouches for it."""

    __tablename__ = "requirement"
    __table_args__ = (
        CheckConstraint("standing IN ('confirmed', 'proposed', 'signed-off')", name="standing"),
        Index("uq_requirement_number", "form", "number", unique=True),
    )

    id: UUID = Field(primary_key=True)
    form: str = Field(sa_type=Text)
    number: int
    version: int
    standing: str = Field(sa_type=Text)
    valid_from: date
    process: str = Field(sa_type=Text)
    documents: list[dict[str, Any]] = Field(sa_column=Column("documents", JSONB, nullable=False))
    """Each a `schemas.DocumentNeeded`."""
    checks: list[str] = Field(sa_column=Column("checks", ARRAY(Text), nullable=False))
    source: str = Field(sa_type=Text)
    proposed_by: str = Field(sa_type=Text)
    proposed_at: datetime = Field(sa_type=DateTime(timezone=True))
    signed_off_by: str | None = Field(default=None, sa_type=Text)
    signed_off_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
