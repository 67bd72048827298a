"""What this service keeps of the registry: the centers, and the dated rules they work by."""

from datetime import date
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Center(Table, table=True):
    """A center as the registry last announced it; its code is its jurisdiction."""

    __tablename__ = "center"

    code: str = Field(sa_column=Column("code", JURISDICTION, primary_key=True))
    version: int
    status: str = Field(sa_type=Text)
    name_fa: str = Field(sa_type=Text)
    name_en: str | None = Field(default=None, sa_type=Text)
    area_class: str = Field(sa_type=Text)
    latitude: float
    longitude: float


class Parameter(Table, table=True):
    """A rule and the days on which it holds, the last one included, for a jurisdiction and all within it."""

    __tablename__ = "parameter"
    __table_args__ = (Index("ix_parameter_name_jurisdiction", "name", "jurisdiction"),)

    id: UUID = Field(primary_key=True)
    version: int
    name: str = Field(sa_type=Text)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    value: int
    valid_from: date
    valid_to: date | None = None
