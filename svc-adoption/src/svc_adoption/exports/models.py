"""Exports: asked for by one person, allowed by another, fetched by the first."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


class ExportState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class Export(Table, table=True):
    __tablename__ = "export"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'approved', 'refused')", name="state"),
        CheckConstraint("decided_by <> asked_by", name="two_people"),
        Index("ix_export_jurisdiction", "jurisdiction", "id"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Whose requests are asked for: the asker's scope, when they asked."""
    version: int
    state: str = Field(sa_type=Text)
    purpose: str = Field(sa_type=Text)
    letter: str = Field(sa_type=Text)
    filters: dict[str, Any] = Field(sa_column=Column("filters", JSONB, nullable=False))
    asked_at: datetime = Field(sa_type=DateTime(timezone=True))
    asked_by: str = Field(sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    decided_by: str | None = Field(default=None, sa_type=Text)
