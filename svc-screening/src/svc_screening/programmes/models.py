"""Programmes, the dated versions of their protocols, and the rules of each version."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from svc_screening.db import Table


class ProtocolStatus(StrEnum):
    DRAFT = "draft"
    SIGNED_OFF = "signed-off"


class Standing(StrEnum):
    """Who vouches for a rule: a published source, nobody yet, or a second person of headquarters."""

    CONFIRMED = "confirmed"
    PROPOSED = "proposed"
    SIGNED_OFF = "signed-off"


DECIDES = frozenset({Standing.CONFIRMED, Standing.SIGNED_OFF})


class Programme(Table, table=True):
    """What is screened for. `sensitive`: its results are announced to nobody. `sealed`: recorded in its own place."""

    __tablename__ = "programme"

    code: str = Field(sa_column=Column("code", Text, primary_key=True))
    name_fa: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    sensitive: bool = Field(sa_type=Boolean)
    sealed: bool = Field(sa_type=Boolean)


class Protocol(Table, table=True):
    """A version of a programme: in force from `valid_from` until the next one's, once it is signed off."""

    __tablename__ = "protocol"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'signed-off')", name="status"),
        Index("uq_protocol_number", "programme_code", "number", unique=True),
        Index("ix_protocol_in_force", "programme_code", "valid_from", postgresql_where=text("status = 'signed-off'")),
    )

    id: UUID = Field(primary_key=True)
    programme_code: str = Field(sa_column=Column("programme_code", Text, ForeignKey("programme.code"), nullable=False))
    number: int = Field(sa_type=Integer)
    version: int
    """Counts up with every change, that of a rule included."""
    changed_at: datetime = Field(sa_type=DateTime(timezone=True))
    """When the version was: what deciding keeps in memory goes by it."""
    status: str = Field(sa_type=Text)
    valid_from: date
    from_months: int | None = None
    """Who is due, by age in whole months: from here."""
    to_months: int | None = None
    """Below this."""
    stages: list[dict[str, Any]] = Field(sa_column=Column("stages", JSONB, nullable=False))
    instruments: list[dict[str, Any]] = Field(sa_column=Column("instruments", JSONB, nullable=False))
    source: str = Field(sa_type=Text)
    drafted_by: str = Field(sa_type=Text)
    drafted_at: datetime = Field(sa_type=DateTime(timezone=True))
    signed_off_by: str | None = Field(default=None, sa_type=Text)
    signed_off_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ProtocolRule(Table, table=True):
    """A rule of a version. Only one that somebody vouches for decides anything."""

    __tablename__ = "protocol_rule"
    __table_args__ = (
        CheckConstraint("standing IN ('confirmed', 'proposed', 'signed-off')", name="standing"),
        CheckConstraint("standing = 'proposed' OR document ? 'figures'", name="vouched_for_figures"),
    )

    protocol_id: UUID = Field(foreign_key="protocol.id", primary_key=True)
    code: str = Field(sa_column=Column("code", Text, primary_key=True))
    position: int
    standing: str = Field(sa_type=Text)
    document: dict[str, Any] = Field(sa_column=Column("document", JSONB, nullable=False))
    """A `decisions.Rule`."""
    source: str = Field(sa_type=Text)
    proposed_by: str = Field(sa_type=Text)
    proposed_at: datetime = Field(sa_type=DateTime(timezone=True))
    signed_off_by: str | None = Field(default=None, sa_type=Text)
    signed_off_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
