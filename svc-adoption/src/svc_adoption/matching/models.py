"""Children proposed to families, and what became of each proposal."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Text, Uuid, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table

STILL_OPEN = ("proposed", "decided", "matched", "introduced", "accepted")
OPEN = f"state IN {STILL_OPEN!r}"


class Match(Table, table=True):
    """One proposal: children who stay together, and one family."""

    __tablename__ = "match"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'decided', 'refused', 'matched', 'introduced', 'accepted', 'declined', 'cancelled',"
            " 'placed')",
            name="state",
        ),
        CheckConstraint("confirmed_by <> decided_by AND confirmed_by <> proposed_by", name="four_eyes"),
        Index("ix_match_jurisdiction", "jurisdiction", "id"),
        Index("uq_match_open", "request_id", unique=True, postgresql_where=text(OPEN)),
        Index("ix_match_request_id", "request_id"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """The family's."""
    version: int
    request_id: UUID = Field(sa_column=Column("request_id", ForeignKey("request.id"), nullable=False))
    child_ids: list[UUID] = Field(sa_column=Column("child_ids", ARRAY(Uuid), nullable=False))
    state: str = Field(sa_type=Text)
    state_since: datetime = Field(sa_type=DateTime(timezone=True))
    proposed_at: datetime = Field(sa_type=DateTime(timezone=True))
    proposed_by: str = Field(sa_type=Text)
    out_of_turn: bool
    """Families ahead of this one would have fitted; why it is this one is sealed."""
    decided_by: str | None = Field(default=None, sa_type=Text)
    confirmed_by: str | None = Field(default=None, sa_type=Text)
    introduced_on: date | None = None
    answered_on: date | None = None
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.Kept`, bound to this row."""
