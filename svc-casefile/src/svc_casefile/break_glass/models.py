"""Who opened another center's file in an emergency."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class BreakGlass(Table, table=True):
    """One file, open to one person acting at one place, until it expires or is revoked.

    The policies of `case_file` and `member` read these rows: in a transaction that cannot write, the file and what
    hangs on it are visible to `actor` at `opened_from` as they are to its own center.
    """

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint("expires_at > opened_at", name="ends"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_whole"),
        Index("ix_break_glass_actor", "actor", "opened_from", "expires_at"),
        Index("ix_break_glass_jurisdiction_opened", "jurisdiction", "opened_at", "id"),
        Index("ix_break_glass_case_file_id", "case_file_id", "opened_at"),
    )

    id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was: who is told, sees this and may revoke it."""
    version: int
    actor: str = Field(sa_type=Text)
    opened_from: str = Field(sa_column=Column("opened_from", JURISDICTION, nullable=False))
    """The scope that the actor had, and has to have when reading."""
    reason: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_by: str | None = Field(default=None, sa_type=Text)
