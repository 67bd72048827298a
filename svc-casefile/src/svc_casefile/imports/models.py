"""Files of other systems on their way into case files."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class ImportJob(Table, table=True):
    """One upload; its counts are of lines already dealt with."""

    __tablename__ = "import_job"
    __table_args__ = (
        CheckConstraint("ended IN ('whole', 'cut')", name="ended"),
        Index(
            "uq_import_job_key", "created_by", "idempotency_key", unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index("ix_import_job_receiving", "heard_at", postgresql_where=text("ended IS NULL")),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False, index=True))
    """The scope of who sent it, in which all its lines have to be."""
    source: str = Field(sa_type=Text)
    idempotency_key: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)
    heard_at: datetime = Field(sa_type=DateTime(timezone=True))
    """When the last of it came in."""
    ended: str | None = Field(default=None, sa_type=Text)
    """How the stream ended: whole, or cut in the middle; null while it comes in."""
    settled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    lines: int = 0
    landed: int = 0
    unchanged: int = 0
    refused: int = 0


class ImportChunk(Table, table=True):
    """Lines that have come in and wait to be taken in. Deleted in the transaction in which they are."""

    __tablename__ = "import_chunk"

    import_id: UUID = Field(sa_column=Column("import_id", ForeignKey("import_job.id"), primary_key=True))
    number: int = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    first_line: int
    lines: int
    body: bytes = Field(sa_type=LargeBinary)
    failures: int = Field(default=0, sa_type=SmallInteger)


class LineError(Table, table=True):
    """Why a line was refused; one row for each thing wrong with it. Never what the line said."""

    __tablename__ = "import_error"

    import_id: UUID = Field(sa_column=Column("import_id", ForeignKey("import_job.id"), primary_key=True))
    line: int = Field(primary_key=True)
    position: int = Field(primary_key=True, sa_type=SmallInteger)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    pointer: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    message_fa: str = Field(sa_type=Text)
    message_en: str = Field(sa_type=Text)
    case_file_id: UUID | None = None


class ImportedLine(Table, table=True):
    """By what a line is known again: the same line of the same source is taken in once."""

    __tablename__ = "imported_line"

    province: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    """SHA-256 of the line's content in one canonical form."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
