"""What happened to a household, in one line each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class TimelineEntry(Table, table=True):
    """One thing that happened, and where its whole record is. Rows are only ever added."""

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_entry_kind", "case_file_id", "kind", "at", "id"),)

    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), primary_key=True))
    at: datetime = Field(sa_column=Column("at", DateTime(timezone=True), primary_key=True))
    """When it happened, which may be long before it was recorded."""
    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was then. Who may read the entry follows the file, not this."""
    kind: str = Field(sa_type=Text)
    ref: UUID | None = None
    """The record itself: a visit, a request, a life event; the kind says which."""
    about: dict[str, Any] = Field(sa_column=Column("about", JSONB, nullable=False))
    """A few words of code (an outcome, a state), never a narrative or a name."""
    actor: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
