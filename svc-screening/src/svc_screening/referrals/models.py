"""Who was referred, and what became of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table


class Status(StrEnum):
    ISSUED = "issued"
    REMINDED = "reminded"
    NO_SHOW = "no-show"
    ATTENDED = "attended"
    DIAGNOSED = "diagnosed"
    TREATED = "treated"
    FOLLOWED = "followed"
    LOST = "lost"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


AWAITED = frozenset({Status.ISSUED, Status.REMINDED, Status.NO_SHOW})
"""Somebody is expected who has not come yet."""
OVER = frozenset({Status.LOST, Status.CLOSED, Status.WITHDRAWN})
STILL_OPEN = "status NOT IN ('lost', 'closed', 'withdrawn')"
STILL_AWAITED = "status IN ('issued', 'reminded', 'no-show')"


class Referral(Table, table=True):
    """One person sent to be examined further, until nothing is left to do.

    `jurisdiction` is the center whose test referred, for good; who sees it is who sees the person.
    """

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint(
            "status IN ('issued', 'reminded', 'no-show', 'attended', 'diagnosed', 'treated', 'followed', 'lost',"
            " 'closed', 'withdrawn')",
            name="status",
        ),
        CheckConstraint("(diagnosis IS NULL) = (diagnosed_on IS NULL)", name="diagnosis_whole"),
        CheckConstraint("(invoice_number IS NULL) = (invoice_rials IS NULL)", name="invoice_whole"),
        Index("ix_referral_person_id", "person_id"),
        Index("ix_referral_encounter_id", "encounter_id"),
        Index("ix_referral_clinic_id", "clinic_id", "id", postgresql_where=text("clinic_id IS NOT NULL")),
        Index("ix_referral_awaited", "due_on", postgresql_where=text(STILL_AWAITED)),
        Index("uq_referral_open", "person_id", "programme_code", unique=True, postgresql_where=text(STILL_OPEN)),
        Index("uq_referral_token", "token", unique=True),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    person_id: UUID = Field(sa_column=Column("person_id", ForeignKey("person.id"), nullable=False))
    version: int
    encounter_id: UUID = Field(sa_column=Column("encounter_id", ForeignKey("encounter.id"), nullable=False))
    programme_code: str = Field(sa_type=Text)
    programme_year: int
    campaign_id: UUID | None = None
    refers_to: str = Field(sa_type=Text)
    token: str = Field(sa_type=Text)
    """On the slip that the family carries; whoever has it may take the referral for a clinic."""
    status: str = Field(sa_type=Text)
    status_since: datetime = Field(sa_type=DateTime(timezone=True))
    issued_on: date
    issued_by: str = Field(sa_type=Text)
    due_on: date | None = None
    """None: the rule of the protocol is not signed off, and nobody has agreed on a day."""
    followed_until: date | None = None
    """The day on which the person is too old to be followed; None: no rule of the protocol says."""
    clinic_id: UUID | None = Field(default=None, foreign_key="clinic.id")
    reminders: int
    reminded_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    escalated_to: str | None = Field(default=None, sa_type=Text)
    """The place that was told last that nobody came."""
    escalated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    attended_on: date | None = None
    diagnosed_on: date | None = None
    diagnosis: str | None = Field(default=None, sa_type=Text)
    disorder: bool | None = Field(default=None, sa_type=Boolean)
    treated_on: date | None = None
    treatment: str | None = Field(default=None, sa_type=Text)
    aid: str | None = Field(default=None, sa_type=Text)
    invoice_number: str | None = Field(default=None, sa_type=Text)
    invoice_rials: int | None = Field(default=None, sa_type=BigInteger)
    next_follow_up_on: date | None = None
    given_up_on: date | None = None
    """When it was lost last, whether or not it was won back."""
    ended_on: date | None = None
    """When it was lost, closed or withdrawn."""
    end_reason: str | None = Field(default=None, sa_type=Text)


class ReferralStep(Table, table=True):
    """What happened to a referral, in one line each; only ever added."""

    __tablename__ = "referral_step"
    __table_args__ = (Index("ix_referral_step_referral_id", "referral_id", "id"),)

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(sa_column=Column("referral_id", ForeignKey("referral.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    about: dict[str, Any] = Field(sa_column=Column("about", JSONB, nullable=False))
