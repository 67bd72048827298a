"""What other bodies are asked about founders, managers and premises, and what they answered."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_licensing.db import Table


class State(StrEnum):
    QUEUED = "queued"
    ASKED = "asked"
    NO_ANSWER = "no-answer"
    EVIDENCE_GIVEN = "evidence-given"
    OK = "ok"
    MISMATCH = "mismatch"
    MANUAL_EVIDENCE = "manual-evidence"


class Stage(StrEnum):
    """When it is asked, and who sees the answer: of vetting, the commission's secretary alone."""

    LOCAL = "local"
    VETTING = "vetting"


OPEN = frozenset({State.QUEUED, State.ASKED, State.NO_ANSWER, State.EVIDENCE_GIVEN})
SETTLED = frozenset(State) - OPEN
IS_OPEN = "state IN ('queued', 'asked', 'no-answer', 'evidence-given') AND settled_at IS NULL AND replaced_by IS NULL"
IS_IN_THE_CLEAR = f"stage = '{Stage.VETTING}' AND sealed IS NULL AND result IS NOT NULL"
"""An answer to be sealed: from before answers were, or by a release of that time that still runs beside this one."""


class NationalSystem(Table, table=True):
    """A body that is asked. One that is not connected is asked by letter; one that is down is asked once it is up."""

    __tablename__ = "national_system"

    code: str = Field(sa_column=Column("code", Text, primary_key=True))
    version: int
    name_fa: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    stage: str = Field(sa_type=Text)
    connected: bool = Field(sa_type=Boolean)
    down_since: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Inquiry(Table, table=True):
    """`result` is what is known in the end, whether the system said so or a paper did.

    Of vetting that lies in `sealed`, and the columns from `state` to `note` stay as they were before the answer.
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'asked', 'no-answer', 'evidence-given', 'ok', 'mismatch', 'manual-evidence')",
            name="state",
        ),
        CheckConstraint(
            "sealed IS NOT NULL OR (state IN ('ok', 'mismatch', 'manual-evidence')) = (settled_at IS NOT NULL)",
            name="settled",
        ),
        CheckConstraint(
            "(key_id IS NULL) = (sealed IS NULL) AND (sealed IS NULL"
            " OR state IN ('queued', 'asked', 'no-answer') AND num_nonnulls(result, reference, note) = 0)",
            name="sealed",
        ),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> evidence_by", name="two_eyes"),
        Index("ix_inquiry_application_id", "application_id", "id"),
        Index("ix_inquiry_jurisdiction", "jurisdiction", "id"),
        Index("ix_inquiry_due_on", "due_on", "jurisdiction", "system", postgresql_where=text(IS_OPEN)),
        Index("ix_inquiry_queued", "system", "id", postgresql_where=text("state = 'queued' AND replaced_by IS NULL")),
        Index(
            "ix_inquiry_valid_until",
            "valid_until",
            postgresql_where=text("settled_at IS NOT NULL AND replaced_by IS NULL"),
        ),
        Index("ix_inquiry_unsealed", "id", postgresql_where=text(IS_IN_THE_CLEAR)),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(sa_column=Column("application_id", ForeignKey("application.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    system: str = Field(sa_column=Column("system", Text, ForeignKey("national_system.code"), nullable=False))
    stage: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text)
    person_id: UUID | None = Field(
        default=None, sa_column=Column("person_id", ForeignKey("institution_person.id"), index=True)
    )
    legal_purpose: str = Field(sa_type=Text)
    asked_by: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=DateTime(timezone=True))
    sent_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When the question left; None while it waits for the system."""
    counted_from: date
    days: int | None = None
    extensions_left: int
    valid_days: int | None = None
    due_on: date | None = None
    overdue_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    state: str = Field(sa_type=Text)
    result: str | None = Field(default=None, sa_type=Text)
    reference: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    key_id: str | None = Field(default=None, sa_type=Text)
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    """A `schemas.Answer`, bound to this row."""
    valid_until: date | None = None
    settled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    evidence_by: str | None = Field(default=None, sa_type=Text)
    confirmed_by: str | None = Field(default=None, sa_type=Text)
    replaced_by: UUID | None = None
    """The inquiry that asked the same again."""
