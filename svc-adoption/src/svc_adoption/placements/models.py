"""Children who live with a family by the court's order: on trial, finally, taken back, or no more by a later word."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, ForeignKey, Index, LargeBinary, SmallInteger, Text, Uuid
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


class Placement(Table, table=True):
    """What followed from one proposal that the family accepted."""

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("state IN ('trial', 'final', 'revoked', 'ended')", name="state"),
        CheckConstraint("(state = 'trial') = (ended_on IS NULL)", name="ended"),
        Index("ix_placement_jurisdiction", "jurisdiction", "id"),
        Index("ix_placement_request_id", "request_id"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    request_id: UUID = Field(sa_column=Column("request_id", ForeignKey("request.id"), nullable=False))
    match_id: UUID = Field(sa_column=Column("match_id", ForeignKey("match.id"), nullable=False, unique=True))
    child_ids: list[UUID] = Field(sa_column=Column("child_ids", ARRAY(Uuid), nullable=False))
    state: str = Field(sa_type=Text)
    ordered_on: date
    ends_on: date
    """The last day of the trial, by the rule in force on the day of the order."""
    ended_on: date | None = None
    visits: int = Field(sa_type=SmallInteger)
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.Kept`, bound to this row."""
