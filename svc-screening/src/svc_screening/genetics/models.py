"""Genetic cases: nothing of whom they are about or what was found can be read in the database."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, LargeBinary, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table


class State(StrEnum):
    """`open`: not decided yet. `done`: nothing more to do. `referred`: to counselling. `counselled`: that has been."""

    OPEN = "open"
    DONE = "done"
    REFERRED = "referred"
    COUNSELLED = "counselled"


class GeneticCase(Table, table=True):
    __tablename__ = "genetic_case"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'referred', 'counselled')", name="state"),
        Index("ix_genetic_case_jurisdiction", "jurisdiction", "id"),
        Index("ix_genetic_case_identities", "identities", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    state: str = Field(sa_type=Text)
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.Kept`, bound to this row."""
    identities: list[bytes] = Field(sa_column=Column("identities", ARRAY(LargeBinary), nullable=False))
    """Blind: keyed digests of the persons' identities, under the key that seals."""
    opened_at: datetime = Field(sa_type=DateTime(timezone=True))
    changed_at: datetime = Field(sa_type=DateTime(timezone=True))
