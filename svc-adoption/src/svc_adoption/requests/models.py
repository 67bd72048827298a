"""Requests: where each stands can be read in the database, and nothing of whom it is about."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Column, DateTime, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    INTERVIEW = "interview"
    ASSESSMENT = "assessment"
    HOME_VISIT = "home-visit"
    REPORTED = "reported"
    COMMITTEE = "committee"
    DEFERRED = "deferred"
    WAITING = "waiting"
    MATCHED = "matched"
    INTRODUCED = "introduced"
    TRIAL = "trial"
    FINAL = "final"
    PLACED = "placed"
    ENDED = "ended"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ReportKind(StrEnum):
    INTERVIEW = "interview"
    HOME_VISIT = "home-visit"
    RETURN = "return"
    ORDER = "order"
    WITHDRAWAL = "withdrawal"
    CARE_BEGUN = "care-begun"
    CARE_ENDED = "care-ended"


class AdoptionRequest(Table, table=True):
    __tablename__ = "request"
    __table_args__ = (
        CheckConstraint(
            f"status IN ({', '.join(repr(status.value) for status in Status)})",
            name="status",
        ),
        CheckConstraint("child_from_months < child_to_months", name="ages_in_order"),
        Index("ix_request_jurisdiction", "jurisdiction", "id"),
        Index("ix_request_status", "status", "jurisdiction"),
        Index("ix_request_identities", "identities", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """The center that registered it, or the county or province whose office did."""
    version: int
    form: str = Field(sa_type=Text)
    category: str = Field(sa_type=Text)
    relatives: bool = Field(sa_type=Boolean)
    """Whether a child of the family's own kin is asked for."""
    status: str = Field(sa_type=Text)
    status_since: datetime = Field(sa_type=DateTime(timezone=True))
    process: str | None = Field(default=None, sa_type=Text)
    """Who gives the child, by the requirement that held when it was submitted."""
    requirement_id: UUID | None = Field(default=None, foreign_key="requirement.id")
    registered_at: datetime = Field(sa_type=DateTime(timezone=True))
    registered_by: str = Field(sa_type=Text)
    submitted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    referred_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When it first went to the committee: from then on no center sees it."""
    waiting_since: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When it was first approved."""
    child_sex: str = Field(sa_type=Text)
    child_from_months: int
    child_to_months: int
    """Below this."""
    child_health: str = Field(sa_type=Text)
    siblings: int
    """How many together at most."""
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.Kept`."""
    identities: list[bytes] = Field(sa_column=Column("identities", ARRAY(LargeBinary), nullable=False))
    """Blind: keyed digests of the applicants' identities, under the key that seals."""


class Document(Table, table=True):
    """A paper that was shown."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_request_id", "request_id", "id"),
        Index("ix_document_valid_until", "valid_until"),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="request.id")
    kind: str = Field(sa_type=Text)
    applicant: int | None = None
    """Whose, counted from 0; null for a paper of both."""
    valid_until: date | None = None
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.DocumentKept`."""


class Exempted(Table, table=True):
    """What frees the family from a condition, with its evidence."""

    __tablename__ = "exemption"
    __table_args__ = (Index("ix_exemption_request_id", "request_id", "id"),)

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="request.id")
    kind: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.ExemptionKept`."""


class Report(Table, table=True):
    """What was seen, said or ordered."""

    __tablename__ = "report"
    __table_args__ = (Index("ix_report_request_id", "request_id", "id"),)

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="request.id")
    kind: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.ReportKept`."""


class RequestStep(Table, table=True):
    """One line of a request's history: codes and ids, and no text of anybody's."""

    __tablename__ = "request_step"
    __table_args__ = (Index("ix_request_step_request_id", "request_id", "id"),)

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="request.id")
    step: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    """After it."""
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    about: dict[str, Any] = Field(sa_column=Column("about", JSONB, nullable=False))
