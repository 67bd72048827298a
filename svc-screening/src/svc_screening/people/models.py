"""Whom there is to screen."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table

STANDS_FOR_A_PERSON = "counts_as = id AND merged_into IS NULL AND id_type <> 'temporary'"


class Origin(StrEnum):
    HOUSEHOLD = "household"
    ON_THE_SPOT = "on-the-spot"


class Household(Table, table=True):
    """How far the events of a case file have been followed."""

    __tablename__ = "household"

    case_file_id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int


class Person(Table, table=True):
    """Somebody who may be screened; `jurisdiction` is who is responsible now.

    Of a child of a covered household this service knows what casefile announces: no name and no number.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("origin IN ('household', 'on-the-spot')", name="origin"),
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
        CheckConstraint("(id_type IS NULL) = (id_value IS NULL)", name="identity_whole"),
        CheckConstraint("merged_into IS NULL OR NOT present", name="merged_counts_as"),
        Index("uq_person_identity", "id_type", "id_value", unique=True, postgresql_where=text(STANDS_FOR_A_PERSON)),
        Index("ix_person_due", "jurisdiction", "birth_date", "id", postgresql_where=text("present")),
        Index("ix_person_case_file_id", "case_file_id", postgresql_where=text("case_file_id IS NOT NULL")),
        Index("ix_person_case_file_number", "case_file_number", postgresql_where=text("case_file_number IS NOT NULL")),
        Index("ix_person_jurisdiction", "jurisdiction"),
        Index("ix_person_counts_as", "counts_as"),
        Index("ix_person_id_value", "id_value", postgresql_where=text("id_value IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    """Of a child of a household, the id of the member."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    origin: str = Field(sa_type=Text)
    present: bool
    """To be screened here: in an open file, or registered on the spot, and not merged into another."""
    case_file_id: UUID | None = None
    case_file_number: str | None = Field(default=None, sa_type=Text)
    relation: str | None = Field(default=None, sa_type=Text)
    birth_date: date
    sex: str | None = Field(default=None, sa_type=Text)
    id_type: str | None = Field(default=None, sa_type=Text)
    id_value: str | None = Field(default=None, sa_type=Text)
    given_name: str | None = Field(default=None, sa_type=Text)
    family_name: str | None = Field(default=None, sa_type=Text)
    guardian_mobile: str | None = Field(default=None, sa_type=Text)
    counts_as: UUID
    """The person that is counted: `id`, until this proves to be somebody who was known before."""
    merged_into: UUID | None = Field(default=None, foreign_key="person.id")
    digest: bytes | None = Field(default=None, sa_column=Column("digest", LargeBinary))
    """Of what was registered, to tell a repetition from another person under the same id."""
    registered_at: datetime = Field(sa_type=DateTime(timezone=True))
    registered_by: str = Field(sa_type=Text)
