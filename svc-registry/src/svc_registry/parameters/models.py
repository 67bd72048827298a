"""Rules of operation as dated numbers: what is in force where and when is a question to this table."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Text, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_registry.db import Table


class Parameter(Table, table=True):
    """A number that holds in a jurisdiction and all within it, unless a narrower one has its own.

    From `valid_from` to `valid_to`, both days included; for one name and jurisdiction the times never overlap.
    """

    __tablename__ = "parameter"
    __table_args__ = (
        ExcludeConstraint(
            ("name", "="),
            ("jurisdiction", "="),
            (text("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="parameter_once",
        ),
    )

    id: UUID = Field(primary_key=True)
    version: int = 1
    name: str
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    value: int
    unit: str
    valid_from: date
    valid_to: date | None = None
    source: str = Field(sa_column=Column(Text, nullable=False))
    """The decision or document that it follows."""
    set_by: str
    set_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    announced_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it was first published; null for what a migration brought and nobody has announced yet."""
