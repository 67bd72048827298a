"""Certificates of erasure: that a request is gone, by which rule, and nothing of whom it was about."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table

# the narrowest jurisdiction decides, then the latest beginning
RULE = """
    LEFT JOIN LATERAL (
        SELECT p.value FROM parameter p
         WHERE p.name = e.rule AND starts_with(r.jurisdiction, p.jurisdiction)
           AND p.valid_from <= {day} AND (p.valid_to IS NULL OR p.valid_to >= {day})
         ORDER BY length(p.jurisdiction) DESC, p.valid_from DESC LIMIT 1) rule ON true
"""
"""SQL: the value of the rule `e.rule` on a day where the request `r` is."""
ENDED_ON = "(r.status_since AT TIME ZONE 'Asia/Tehran')::date"
"""SQL: the day in Iran on which the request `r` ended."""


class Erasure(Table, table=True):
    """What is left of a request that was erased."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_jurisdiction", "jurisdiction", "id"),)

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    request_id: UUID = Field(unique=True)
    form: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    """How the request had ended."""
    ended_on: date
    rule: str = Field(sa_type=Text)
    days: int
    """What the rule said on that day."""
    erased_at: datetime = Field(sa_type=DateTime(timezone=True))
    rows: dict[str, Any] = Field(sa_column=Column("rows", JSONB, nullable=False))
    """Table → rows that are gone."""
