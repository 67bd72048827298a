"""Who applies: legal persons and natural ones, and the people who stand for them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_licensing.db import Table


class InstitutionKind(StrEnum):
    LEGAL = "legal"
    NATURAL = "natural"


class Institution(Table, table=True):
    """`jurisdiction` is where it was registered. The same legal person may be registered at several places, which do
    not see each other."""

    __tablename__ = "institution"
    __table_args__ = (
        CheckConstraint("kind IN ('legal', 'natural')", name="kind"),
        CheckConstraint("(kind = 'legal') = (institution_id IS NOT NULL)", name="legal_person_has_an_id"),
        Index(
            "uq_institution_institution_id",
            "jurisdiction",
            "institution_id",
            unique=True,
            postgresql_where=text("institution_id IS NOT NULL"),
        ),
        Index("ix_institution_jurisdiction", "jurisdiction", "id"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    kind: str = Field(sa_type=Text)
    institution_id: str | None = Field(default=None, sa_type=Text)
    """Eleven digits."""
    name: str = Field(sa_type=Text)
    registered_at: datetime = Field(sa_type=DateTime(timezone=True))
    registered_by: str = Field(sa_type=Text)


class InstitutionPerson(Table, table=True):
    """Founder, member of the board, chief executive, inspector or technical manager; nobody is deleted, they end."""

    __tablename__ = "institution_person"
    __table_args__ = (
        Index(
            "uq_institution_person_present",
            "institution_id",
            "role",
            "identity_type",
            "identity_value",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    institution_id: UUID = Field(
        sa_column=Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True)
    )
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    role: str = Field(sa_type=Text)
    identity_type: str = Field(sa_type=Text)
    identity_value: str = Field(sa_type=Text)
    given_name: str = Field(sa_type=Text)
    family_name: str = Field(sa_type=Text)
    birth_date: date | None = None
    sex: str | None = Field(default=None, sa_type=Text)
    qualifications: list[dict[str, Any]] = Field(sa_column=Column("qualifications", JSONB, nullable=False))
    added_at: datetime = Field(sa_type=DateTime(timezone=True))
    ended_on: date | None = None
