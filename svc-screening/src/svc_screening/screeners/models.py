"""Who may screen: where registry posted them, and for what they were trained."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table


class ScreenerPosting(Table, table=True):
    """A posting with the role screener, as registry last announced it."""

    __tablename__ = "screener_posting"
    __table_args__ = (Index("ix_screener_posting_jurisdiction", "jurisdiction", "person"),)

    posting_id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    person: str = Field(sa_type=Text)
    """OIDC subject."""
    valid_from: date
    valid_to: date | None = None
    ended: bool


class Permit(Table, table=True):
    """That a person may screen in a programme at a center, after training, for a limited time; both days included."""

    __tablename__ = "permit"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_to", name="days_in_order"),
        CheckConstraint("(revoked_on IS NULL) = (revoked_by IS NULL)", name="revocation_whole"),
        Index("ix_permit_person", "person", "programme_code", "valid_to"),
        Index("ix_permit_jurisdiction", "jurisdiction", "id"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    person: str = Field(sa_type=Text)
    programme_code: str = Field(sa_column=Column("programme_code", Text, ForeignKey("programme.code"), nullable=False))
    certificate: str = Field(sa_type=Text)
    valid_from: date
    valid_to: date
    granted_by: str = Field(sa_type=Text)
    granted_at: datetime = Field(sa_type=DateTime(timezone=True))
    revoked_on: date | None = None
    """The first day on which it is no longer valid."""
    revoked_by: str | None = Field(default=None, sa_type=Text)
    revocation_reason: str | None = Field(default=None, sa_type=Text)
