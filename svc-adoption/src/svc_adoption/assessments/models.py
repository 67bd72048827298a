"""Checks: what others are asked about a family before its home visit, side by side, each at its own pace."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, LargeBinary, Text
from sqlmodel import Field

from svc_adoption.db import Table


class CheckState(StrEnum):
    """`awaited`: nobody was asked yet. `asked`: the answer is to come. The last two are answers."""

    AWAITED = "awaited"
    ASKED = "asked"
    PASSED = "passed"
    FAILED = "failed"


class Assessment(Table, table=True):
    __tablename__ = "assessment"
    __table_args__ = (
        CheckConstraint("state IN ('awaited', 'asked', 'passed', 'failed')", name="state"),
        Index("uq_assessment_kind", "request_id", "kind", unique=True),
        Index("ix_assessment_valid_until", "valid_until"),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="request.id")
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    asked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    asked_by: str | None = Field(default=None, sa_type=Text)
    answered_on: date | None = None
    answered_by: str | None = Field(default=None, sa_type=Text)
    """Who recorded the answer here."""
    valid_until: date | None = None
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.CheckKept`."""
