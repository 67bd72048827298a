"""Licences, and what happened to each."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_licensing.db import Table


class Status(StrEnum):
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    USED = "used"
    """An agreement in principle on which the licence that it promised was issued."""


HELD = frozenset({Status.IN_FORCE, Status.SUSPENDED})
STILL_HELD = "status IN ('in-force', 'suspended')"


class Licence(Table, table=True):
    """A licence. Its number stays when it is renewed; the certificate shows the version that is in force.

    `jurisdiction` is where it was applied for, as of everything about it.
    """

    __tablename__ = "licence"
    __table_args__ = (
        CheckConstraint("status IN ('in-force', 'suspended', 'revoked', 'expired', 'used')", name="status"),
        CheckConstraint("clause BETWEEN 1 AND 13", name="clause"),
        CheckConstraint("valid_from <= valid_to", name="days_in_order"),
        Index("uq_licence_number", "number", unique=True),
        Index("uq_licence_application_id", "application_id", unique=True),
        Index("ix_licence_jurisdiction", "jurisdiction", "id"),
        Index("ix_licence_holder_id", "holder_id", "kind"),
        Index("ix_licence_valid_to", "valid_to", postgresql_where=text(STILL_HELD)),
        Index(
            "ix_licence_renewal_opens_on",
            "renewal_opens_on",
            postgresql_where=text("status = 'in-force' AND renewal_announced_at IS NULL"),
        ),
        Index(
            "uq_licence_held",
            "center",
            "kind",
            unique=True,
            postgresql_where=text(f"{STILL_HELD} AND center IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    number: str = Field(sa_column=Column("number", JURISDICTION, nullable=False))
    kind: str = Field(sa_type=Text)
    clause: int
    application_id: UUID = Field(sa_column=Column("application_id", ForeignKey("application.id"), nullable=False))
    """The request on whose approval it was issued."""
    agreement_id: UUID | None = Field(default=None, foreign_key="licence.id")
    """The agreement in principle that it fulfils."""
    holder_id: UUID
    holder_name: str = Field(sa_type=Text)
    """As on the certificate, whatever the holder is called later."""
    institution_id: str | None = Field(default=None, sa_type=Text)
    center: str | None = Field(default=None, sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    manager_name: str | None = Field(default=None, sa_type=Text)
    scope: str | None = Field(default=None, sa_type=Text)
    """What it allows, in the words of the decision."""
    conditions: list[str] = Field(sa_column=Column("conditions", JSONB, nullable=False))
    valid_from: date
    valid_to: date
    """The last day."""
    renewal_opens_on: date | None = None
    """The first day on which the next period can be applied for; None: it is not renewed, or nobody set the rule."""
    renewal_announced_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    extended: bool = False
    status: str = Field(sa_type=Text)
    status_since: datetime = Field(sa_type=DateTime(timezone=True))
    status_reason: str | None = Field(default=None, sa_type=Text)
    """Why it is suspended or was revoked."""
    issued_at: datetime = Field(sa_type=DateTime(timezone=True))
    issued_by: str = Field(sa_type=Text)


class LicenceStep(Table, table=True):
    """What happened to a licence, in one line each; only ever added. A decision has its effect once."""

    __tablename__ = "licence_step"
    __table_args__ = (
        Index("ix_licence_step_licence_id", "licence_id", "id"),
        Index(
            "uq_licence_step_application_id",
            "application_id",
            unique=True,
            postgresql_where=text("application_id IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    licence_id: UUID = Field(sa_column=Column("licence_id", ForeignKey("licence.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    application_id: UUID | None = Field(default=None, foreign_key="application.id")
    about: dict[str, Any] = Field(sa_column=Column("about", JSONB, nullable=False))
