"""What a household asks for, and to whom it was referred."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class ServiceRequest(Table, table=True):
    """One service for a member or the whole household. Seen by whoever sees the file."""

    __tablename__ = "service_request"
    __table_args__ = (
        CheckConstraint(
            "status IN ('requested', 'accepted', 'in-progress', 'delivered', 'referred', 'refused')", name="status"
        ),
        CheckConstraint("(asked_by = 'on-behalf') = (on_behalf IS NOT NULL)", name="consent_noted"),
        CheckConstraint(
            "(status = 'delivered') = (delivered_at IS NOT NULL) AND (delivered_at IS NULL) = (delivered_by IS NULL)",
            name="delivered",
        ),
        CheckConstraint("(status = 'refused') = (refusal_reason IS NOT NULL)", name="refused"),
        CheckConstraint("closed_at IS NOT NULL OR status NOT IN ('delivered', 'refused')", name="closed_when_done"),
        Index("ix_service_request_case_file_id", "case_file_id", "id"),
        Index("ix_service_request_open", "case_file_id", postgresql_where=text("closed_at IS NULL")),
        Index(
            "ix_service_request_to_escalate",
            "expected_on",
            postgresql_where=text("closed_at IS NULL AND escalated_at IS NULL"),
        ),
        # what settlements count: the services that a place delivered in a month
        Index(
            "ix_service_request_delivered",
            "jurisdiction",
            "delivered_at",
            postgresql_where=text("delivered_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was at the last step; of what was delivered, where that was. Who sees it follows the file."""
    version: int
    tracking_code: str = Field(sa_column=Column("tracking_code", Text, nullable=False, unique=True))
    tracking_secret: bytes | None = Field(
        default=None, sa_column=Column("tracking_secret", LargeBinary, nullable=True, unique=True)
    )
    """Made of tracking code and PIN, and found by it as a whole; none until somebody has said a PIN."""
    service_code: str = Field(sa_type=Text)
    member_id: UUID | None = Field(default=None, sa_column=Column("member_id", ForeignKey("member.id"), nullable=True))
    """Whom it is for; the whole household without one."""
    asked_by: str = Field(sa_type=Text)
    on_behalf: dict[str, Any] | None = Field(default=None, sa_column=Column("on_behalf", JSONB(none_as_null=True)))
    """Who asks in the household's place, and how it agreed to that."""
    description: str | None = Field(default=None, sa_type=Text)
    status: str = Field(sa_type=Text)
    status_since: datetime = Field(sa_type=DateTime(timezone=True))
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
    due_on: date | None = None
    due_rule: str | None = Field(default=None, sa_type=Text)
    """The parameter that the day follows from; without one in force there is no day."""
    expected_on: date | None = None
    """The last day for whatever comes next: `due_on`, or the answer to a referral."""
    escalated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When the county was told that the expected day is over."""
    delivered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    delivered_by: str | None = Field(default=None, sa_type=Text)
    refusal_reason: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    """Said with the last step."""
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When nothing more was to be done: delivered, refused, or taken over by whom it was referred to."""


class ServiceReferral(Table, table=True):
    """A request handed to somebody else, whose answer is awaited."""

    __tablename__ = "service_referral"
    __table_args__ = (
        CheckConstraint("(answered_on IS NULL) = (outcome IS NULL)", name="answered"),
        Index("ix_service_referral_service_request_id", "service_request_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    service_request_id: UUID = Field(
        sa_column=Column("service_request_id", ForeignKey("service_request.id"), nullable=False)
    )
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was when it was referred."""
    kind: str = Field(sa_type=Text)
    referred_to: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    referred_at: datetime = Field(sa_type=DateTime(timezone=True))
    referred_by: str = Field(sa_type=Text)
    answer_due_on: date | None = None
    answered_on: date | None = None
    outcome: str | None = Field(default=None, sa_type=Text)
    answer: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    recorded_by: str | None = Field(default=None, sa_type=Text)


class TrackingAttempt(Table, table=True):
    """How often a tracking code was tried since its hour began, whether any request has it or none."""

    __tablename__ = "tracking_attempt"

    tracking_code: str = Field(sa_column=Column("tracking_code", Text, primary_key=True))
    since: datetime = Field(sa_type=DateTime(timezone=True))
    tries: int
