"""Centers, where they have been, what became of them, and how many files each has."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_registry.db import Table


class CenterStatus(StrEnum):
    PLANNED = "planned"
    READY = "ready"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class AreaClass(StrEnum):
    URBAN = "urban"
    RURAL = "rural"
    HARD_TO_REACH = "hard-to-reach"


class Center(Table, table=True):
    """A center; its code is its jurisdiction, and the first four digits are its county."""

    __tablename__ = "center"

    code: str = Field(sa_column=Column("code", JURISDICTION, primary_key=True))
    county: str = Field(sa_column=Column("county", JURISDICTION, ForeignKey("county.code"), nullable=False, index=True))
    """The first four digits, kept by themselves so that the county must exist."""
    version: int = 1
    status: str = CenterStatus.PLANNED
    name_fa: str
    name_en: str | None = None
    name_search: str
    """Both names as `search_key` makes them, so that spelling variants find each other."""
    licence_reference: str | None = None
    area_class: str
    address: str | None = None
    postal_code: str | None = None
    latitude: float
    longitude: float
    service_area: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    opened_on: date | None = None
    closed_on: date | None = None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CenterAddress(Table, table=True):
    """Where a center was from `valid_from` until the day before `valid_to`."""

    __tablename__ = "center_address"

    id: UUID = Field(primary_key=True)
    center: str = Field(sa_column=Column("center", JURISDICTION, ForeignKey("center.code"), nullable=False, index=True))
    address: str | None = None
    postal_code: str | None = None
    latitude: float
    longitude: float
    valid_from: date
    valid_to: date | None = None
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CenterTransition(Table, table=True):
    """One step of a center's life, with who took it; centers moved together share an `operation_id`."""

    __tablename__ = "center_transition"

    id: UUID = Field(primary_key=True)
    operation_id: UUID
    center: str = Field(sa_column=Column("center", JURISDICTION, ForeignKey("center.code"), nullable=False, index=True))
    status_from: str | None = None
    status_to: str
    effective_on: date
    reason: str | None = Field(default=None, sa_column=Column(Text))
    done_by: str
    done_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CenterLicence(Table, table=True):
    """A licence to be active of a center, as licensing's events tell it."""

    __tablename__ = "center_licence"

    licence_id: UUID = Field(primary_key=True)
    version: int
    center: str = Field(sa_column=Column("center", JURISDICTION, nullable=False, index=True))
    number: str
    status: str


class CaseFileLocation(Table, table=True):
    """Where each case file is, as casefile's events tell it; nothing personal, only which centers have files."""

    __tablename__ = "case_file_location"
    __table_args__ = (Index("ix_case_file_location_open", "jurisdiction", postgresql_where=text("status <> 'closed'")),)

    case_file_id: UUID = Field(primary_key=True)
    version: int
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    status: str
