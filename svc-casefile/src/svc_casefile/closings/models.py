"""Centers whose files all went elsewhere, because they close."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class CenterClosing(Table, table=True):
    """One operation that cleared a center. What became of each file is its transfer."""

    __tablename__ = "center_closing"
    __table_args__ = (CheckConstraint("placed + waiting = files", name="every_file_counted"),)

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False, index=True))
    """The center."""
    destination: str = Field(sa_column=Column("destination", JURISDICTION, nullable=False))
    """The one center that takes all, or the place over whose centers they were shared out."""
    reason: str = Field(sa_type=Text)
    rules_on: date
    files: int
    placed: int
    waiting: int
    """Files that went to the waiting list of the county."""
    total_metres: int = Field(sa_type=BigInteger)
    done_at: datetime = Field(sa_type=DateTime(timezone=True))
    done_by: str = Field(sa_type=Text)
