"""Who holds which role where."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_registry.db import Table


class Posting(Table, table=True):
    """A person in a role at a place, from `valid_from` to `valid_to`, both days included.

    One that was ended before its time has `ended_at`, from which moment it grants nothing.
    """

    __tablename__ = "posting"
    __table_args__ = (
        ExcludeConstraint(
            ("person", "="),
            ("role", "="),
            ("jurisdiction", "="),
            (text("daterange(valid_from, valid_to, '[]')"), "&&"),
            where=text("ended_at IS NULL"),
            using="gist",
            name="posting_once",
        ),
        Index("ix_posting_jurisdiction_id", "jurisdiction", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = 1
    person: str = Field(index=True)
    role: str
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    valid_from: date
    valid_to: date | None = None
    granted_by: str
    granted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_by: str | None = None
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
