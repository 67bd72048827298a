"""Campaigns: for whom, where and when a programme is carried out."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table


class CampaignStatus(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Campaign(Table, table=True):
    """A birth cohort, a season and an area (nation, province or county); all days are included."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("jurisdiction ~ '^([0-9]{2}|[0-9]{4})?$'", name="jurisdiction"),
        CheckConstraint("status IN ('planned', 'open', 'closed')", name="status"),
        CheckConstraint("born_from <= born_to", name="cohort_in_order"),
        CheckConstraint("opens_on <= closes_on", name="season_in_order"),
        Index("ix_campaign_programme_code", "programme_code", "opens_on"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    programme_code: str = Field(sa_column=Column("programme_code", Text, ForeignKey("programme.code"), nullable=False))
    status: str = Field(sa_type=Text)
    name_fa: str = Field(sa_type=Text)
    name_en: str | None = Field(default=None, sa_type=Text)
    born_from: date
    born_to: date
    opens_on: date
    closes_on: date
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)
