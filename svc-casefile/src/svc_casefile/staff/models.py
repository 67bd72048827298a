"""What this service keeps of registry's postings: who works with households where, and on which days."""

from datetime import date
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Posting(Table, table=True):
    """A social worker or a manager at a center, the last day included."""

    __tablename__ = "posting"
    __table_args__ = (Index("ix_posting_jurisdiction_person", "jurisdiction", "person"),)

    id: UUID = Field(primary_key=True)
    version: int
    person: str = Field(sa_type=Text)
    """OIDC subject."""
    role: str = Field(sa_type=Text)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    valid_from: date
    valid_to: date | None = None
    ended: bool
    """Ended at once: it grants nothing on its last day either."""
