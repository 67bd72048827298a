"""Applications for licences, their papers and what happened to them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_licensing.db import Table


class Status(StrEnum):
    REGISTERED = "registered"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    ACCEPTED = "accepted"
    NEEDED = "needed"
    INQUIRING = "inquiring"
    SENT_ON = "sent-on"
    VETTING = "vetting"
    REVIEWED = "reviewed"
    TABLED = "tabled"
    APPROVED = "approved"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Application(Table, table=True):
    """What a founder asks of the commission. `jurisdiction` is where it was registered, for good; the requirements
    are those of `rules_on`, the day on which it was."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("clause BETWEEN 1 AND 13", name="clause"),
        CheckConstraint("jurisdiction ~ '^([0-9]{4}|[0-9]{7})$'", name="jurisdiction"),
        CheckConstraint("(decision IS NULL) = (decided_on IS NULL)", name="decision_whole"),
        Index("ix_application_jurisdiction", "jurisdiction", "id"),
        Index("uq_application_number", "number", unique=True),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    number: str = Field(sa_type=Text)
    licence_kind: str = Field(sa_type=Text)
    act: str = Field(sa_type=Text)
    clause: int
    founder_id: UUID = Field(sa_column=Column("founder_id", ForeignKey("institution.id"), nullable=False, index=True))
    institution_id: str | None = Field(default=None, sa_type=Text)
    """The eleven digits of a legal person."""
    holder_name: str = Field(sa_type=Text)
    manager_id: UUID | None = Field(
        default=None, sa_column=Column("manager_id", ForeignKey("institution_person.id"), index=True)
    )
    """The technical manager, where the application is about one."""
    center: str | None = Field(default=None, sa_type=Text)
    licence_id: UUID | None = None
    """The licence that is to be renewed, extended, moved or given another manager."""
    address: str | None = Field(default=None, sa_type=Text)
    postal_code: str | None = Field(default=None, sa_type=Text)
    activity_scope: str | None = Field(default=None, sa_type=Text)
    field_of_work: str | None = Field(default=None, sa_type=Text)
    capital_rials: int | None = Field(default=None, sa_type=BigInteger)
    rules_on: date
    status: str = Field(sa_type=Text)
    status_since: datetime = Field(sa_type=DateTime(timezone=True))
    returned_from: str | None = Field(default=None, sa_type=Text)
    remarks: str | None = Field(default=None, sa_type=Text)
    """Why it was returned last."""
    need_stated_by: str | None = Field(default=None, sa_type=Text)
    needed: bool | None = Field(default=None, sa_type=Boolean)
    need_reason: str | None = Field(default=None, sa_type=Text)
    opinion: str | None = Field(default=None, sa_type=Text)
    opinion_reason: str | None = Field(default=None, sa_type=Text)
    session_id: UUID | None = Field(
        default=None, sa_column=Column("session_id", ForeignKey("commission_session.id"), index=True)
    )
    round: int
    """1, and 2 once it was appealed."""
    decision: str | None = Field(default=None, sa_type=Text)
    decision_reason: str | None = Field(default=None, sa_type=Text)
    conditions: list[str] = Field(sa_column=Column("conditions", JSONB, nullable=False))
    decided_on: date | None = None
    appeal_grounds: str | None = Field(default=None, sa_type=Text)
    registered_at: datetime = Field(sa_type=DateTime(timezone=True))
    registered_by: str = Field(sa_type=Text)
    received_on: date | None = None
    """When it first came in with all that it needs."""


class ApplicationDocument(Table, table=True):
    """A paper that was seen, and where it is kept. One that was seen again takes the place of the former."""

    __tablename__ = "application_document"
    __table_args__ = (
        Index(
            "uq_application_document_paper",
            "application_id",
            "code",
            "person_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(sa_column=Column("application_id", ForeignKey("application.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    code: str = Field(sa_type=Text)
    person_id: UUID | None = None
    reference: str = Field(sa_type=Text)
    issued_on: date | None = None
    valid_until: date | None = None
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_by: str = Field(sa_type=Text)


class ApplicationStep(Table, table=True):
    """What happened to an application, in one line each; only ever added."""

    __tablename__ = "application_step"
    __table_args__ = (Index("ix_application_step_application_id", "application_id", "id"),)

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(sa_column=Column("application_id", ForeignKey("application.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    about: dict[str, Any] = Field(sa_column=Column("about", JSONB, nullable=False))
