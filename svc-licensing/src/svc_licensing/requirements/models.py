"""What a licence takes, clause by clause, each requirement with its days, its source and who vouches for it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from svc_licensing.db import Table


class Standing(StrEnum):
    """Who vouches for a requirement: a published source, nobody yet, or a second person of headquarters."""

    CONFIRMED = "confirmed"
    PROPOSED = "proposed"
    SIGNED_OFF = "signed-off"


VOUCHED_FOR = frozenset({Standing.CONFIRMED, Standing.SIGNED_OFF})


class Requirement(Table, table=True):
    """In force from `valid_from` to the day before `valid_to`, once somebody vouches for it."""

    __tablename__ = "requirement"
    __table_args__ = (
        CheckConstraint("standing IN ('confirmed', 'proposed', 'signed-off')", name="standing"),
        CheckConstraint("1 <= clause_from AND clause_from <= clause_to AND clause_to <= 13", name="clauses"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="days_in_order"),
        Index("ix_requirement_in_force", "licence", "position", postgresql_where=text("standing <> 'proposed'")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    position: int
    licence: str = Field(sa_type=Text)
    act: str | None = Field(default=None, sa_type=Text)
    """None: for every act."""
    clause_from: int
    clause_to: int
    kind: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    about: str | None = Field(default=None, sa_type=Text)
    name_fa: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    figures: dict[str, int] | None = Field(default=None, sa_column=Column("figures", JSONB(none_as_null=True)))
    valid_from: date
    valid_to: date | None = None
    standing: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    proposed_by: str = Field(sa_type=Text)
    proposed_at: datetime = Field(sa_type=DateTime(timezone=True))
    signed_off_by: str | None = Field(default=None, sa_type=Text)
    signed_off_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
