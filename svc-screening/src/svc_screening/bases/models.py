"""Where people are screened, and with what."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table


class BaseKind(StrEnum):
    FIXED = "fixed"
    MOBILE = "mobile"


class Base(Table, table=True):
    """A base (پایگاه) of a center: permanent, or for one campaign."""

    __tablename__ = "base"
    __table_args__ = (
        CheckConstraint("jurisdiction ~ '^[0-9]{7}$'", name="jurisdiction"),
        CheckConstraint("kind IN ('fixed', 'mobile')", name="kind"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="map_point_whole"),
        CheckConstraint("opens_on <= closes_on", name="days_in_order"),
        Index("ix_base_jurisdiction", "jurisdiction", "id"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    name_fa: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    programmes: list[str] = Field(sa_column=Column("programmes", ARRAY(Text), nullable=False))
    campaign_id: UUID | None = Field(default=None, foreign_key="campaign.id")
    address: str | None = Field(default=None, sa_type=Text)
    latitude: float | None = None
    longitude: float | None = None
    opens_on: date
    closes_on: date | None = None
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)


class Device(Table, table=True):
    """An instrument of a base, by its serial number."""

    __tablename__ = "device"
    __table_args__ = (Index("uq_device_serial", "base_id", "instrument", "serial_number", unique=True),)

    id: UUID = Field(primary_key=True)
    base_id: UUID = Field(sa_column=Column("base_id", ForeignKey("base.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    instrument: str = Field(sa_type=Text)
    model: str | None = Field(default=None, sa_type=Text)
    serial_number: str = Field(sa_type=Text)
    calibrated_until: date | None = None
    withdrawn_on: date | None = None
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)
