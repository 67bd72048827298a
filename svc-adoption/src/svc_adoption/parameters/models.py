"""What this service keeps of the registry's dated rules."""

from datetime import date
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


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
