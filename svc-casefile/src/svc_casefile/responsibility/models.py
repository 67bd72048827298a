"""Who was responsible for a file, from when to when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Responsibility(Table, table=True):
    """A time in which one place, one worker and one payer had a file in one status.

    The database itself writes these rows whenever one of the four changes in `case_file`, so that at every instant
    from its opening to its closing a file has exactly one. They are seen by the place that was responsible: what a
    former place sees is that it was, until when, and who came next.
    """

    __tablename__ = "responsibility"
    __table_args__ = (
        CheckConstraint("until >= since", name="in_order"),
        Index("uq_responsibility_now", "case_file_id", unique=True, postgresql_where=text("until IS NULL")),
        Index("ix_responsibility_jurisdiction_since", "jurisdiction", "since"),
    )

    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), primary_key=True))
    since: datetime = Field(sa_column=Column("since", DateTime(timezone=True), primary_key=True))
    until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """The first instant of the next responsibility, or of the file's closing; none while this one lasts."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    status: str = Field(sa_type=Text)
    worker: str | None = Field(default=None, sa_type=Text)
    payer_category: str | None = Field(default=None, sa_type=Text)
    area_class: str | None = Field(default=None, sa_type=Text)
    next_jurisdiction: str | None = Field(default=None, sa_type=JURISDICTION)
    """Where the file went, when it left."""
