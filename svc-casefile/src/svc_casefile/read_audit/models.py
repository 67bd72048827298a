"""Who read which personal file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class PersonalRead(Table, table=True):
    """One request for a personal file, or for several, as the gateway has it. Rows are only ever added."""

    __tablename__ = "personal_read"
    __table_args__ = (
        Index("ix_personal_read_jurisdiction_at", "jurisdiction", "at", "id"),
        Index("ix_personal_read_case_file_id_at", "case_file_id", "at", "id"),
        Index("ix_personal_read_reader_at", "reader", "at", "id"),
    )

    id: UUID = Field(primary_key=True)
    """The gateway's `audit_id`."""
    at: datetime = Field(sa_type=DateTime(timezone=True))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was then; where the reader acted, when the request was not about one file that exists."""
    case_file_id: UUID | None = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id")))
    reader: str = Field(sa_type=Text)
    roles: list[str] = Field(sa_column=Column("roles", ARRAY(Text), nullable=False))
    reader_scope: str = Field(sa_column=Column("reader_scope", JURISDICTION, nullable=False))
    operation: str = Field(sa_type=Text)
    resource: str = Field(sa_type=Text)
    status: int = Field(sa_type=SmallInteger)
    request_id: str = Field(sa_type=Text)
    purpose: str | None = Field(default=None, sa_type=Text)
    break_glass_id: UUID | None = Field(sa_column=Column("break_glass_id", ForeignKey("break_glass.id")))
    """What let the reader in, when the scope did not."""
