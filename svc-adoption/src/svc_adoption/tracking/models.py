"""By what applicants follow their request without an account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


class Tracking(Table, table=True):
    """The code of one request, and what code and PIN are found by together."""

    __tablename__ = "tracking"

    request_id: UUID = Field(sa_column=Column("request_id", ForeignKey("request.id"), primary_key=True))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the request was when the code was given out; who sees it follows the request."""
    secret: bytes = Field(sa_column=Column("secret", LargeBinary, nullable=False, unique=True))
    """Made of tracking code and PIN; neither is kept."""
    issued_at: datetime = Field(sa_type=DateTime(timezone=True))
    issued_by: str = Field(sa_type=Text)


class TrackingAttempt(Table, table=True):
    """How often a tracking code was tried since its hour began, whether any request has it or none."""

    __tablename__ = "tracking_attempt"

    tracking_code: str = Field(sa_column=Column("tracking_code", Text, primary_key=True))
    since: datetime = Field(sa_type=DateTime(timezone=True))
    tries: int
