"""Case files and what was done to them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Sequence, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table, metadata

NUMBERS = Sequence("case_file_number", metadata=metadata)
NEXT_NUMBER = text("lpad(nextval('case_file_number')::text, 8, '0')")


class CaseFile(Table, table=True):
    """The file of one household: with a county while it waits, with a center once one is responsible."""

    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'waiting', 'active', 'suspended', 'closed')", name="status"),
        CheckConstraint("jurisdiction ~ '^[0-9]{4}([0-9]{3})?$'", name="jurisdiction"),
        CheckConstraint("status NOT IN ('active', 'suspended') OR length(jurisdiction) = 7", name="active_at_a_center"),
        CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_on"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="map_point_whole"),
        CheckConstraint("(legacy_source IS NULL) = (legacy_number IS NULL)", name="legacy_whole"),
        CheckConstraint("decile BETWEEN 1 AND 10", name="decile"),
        Index(
            "uq_case_file_legacy",
            "legacy_province",
            "legacy_source",
            "legacy_number",
            unique=True,
            postgresql_where=text("legacy_number IS NOT NULL"),
        ),
        # a scope is a range of these; the first alone answers the counts
        Index(
            "ix_case_file_jurisdiction_number",
            "jurisdiction",
            "number",
            postgresql_include=["status", "member_count"],
        ),
        Index("ix_case_file_jurisdiction_opened", "jurisdiction", "opened_on", "id"),
        Index("ix_case_file_worker", "jurisdiction", "assigned_worker", "status"),
        # what is due a visit, by worker and by center; with the jurisdiction, or else the planner, who takes any scope
        # for small, would read all of a center for one worker
        Index(
            "ix_case_file_worker_due",
            "assigned_worker",
            "jurisdiction",
            "visit_due_on",
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "ix_case_file_jurisdiction_due",
            "jurisdiction",
            "visit_due_on",
            postgresql_where=text("status = 'active'"),
        ),
        Index("ix_case_file_mobile", "mobile", postgresql_where=text("mobile IS NOT NULL")),
        Index("ix_case_file_landline", "landline", postgresql_where=text("landline IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_column=Column("number", Text, nullable=False, unique=True, server_default=NEXT_NUMBER))
    """What people call the file by: given once, from one sequence for the whole country."""
    version: int
    status: str = Field(sa_type=Text)
    status_reason: str | None = Field(default=None, sa_type=Text)
    status_since: datetime = Field(sa_type=DateTime(timezone=True))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    member_count: int
    """Persons now in the household; kept here so that counting a province reads one index."""
    address: str | None = Field(sa_type=Text)
    postal_code: str | None = Field(sa_type=Text)
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    area_class: str | None = Field(sa_type=Text)
    tenure: str | None = Field(sa_type=Text)
    residence_since: date | None
    mobile: str | None = Field(sa_type=Text)
    landline: str | None = Field(sa_type=Text)
    income_sources: list[str] = Field(sa_column=Column("income_sources", ARRAY(Text), nullable=False))
    decile: int | None = Field(sa_type=SmallInteger)
    insurance: str | None = Field(sa_type=Text)
    support_bodies: list[str] = Field(sa_column=Column("support_bodies", ARRAY(Text), nullable=False))
    coverage_reason: str | None = Field(sa_type=Text)
    pensioner: bool
    payer_category: str | None = Field(sa_type=Text)
    opened_on: date
    closed_on: date | None = None
    assigned_worker: str | None = Field(sa_type=Text)
    visited_on: date | None = None
    """The last day on which a home visit met the household."""
    visit_planned_on: date | None = None
    visit_planned_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """When that was agreed: what was said later stands."""
    visit_due_on: date | None = None
    """Kept by the database: the plan, or sooner where the rule for the center says so; none unless active."""
    look_for_since: date | None = None
    """The second day in a row on which nobody was found at home."""
    legacy_province: str = Field(sa_type=Text)
    """Where the file was opened: an older system's numbers are unique in its province only."""
    legacy_source: str | None = Field(sa_type=Text)
    legacy_number: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))
    updated_by: str = Field(sa_type=Text)


class CaseFileHistory(Table, table=True):
    """What made each version of a file. Rows are only ever added: no policy lets them be changed or deleted."""

    __tablename__ = "case_file_history"

    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), primary_key=True))
    version: int = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was then. Who may read the entry follows the file, not this."""
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    member_id: UUID | None = None
    changes: dict[str, Any] = Field(sa_column=Column("changes", JSONB, nullable=False))
    """Field → [before, after], of the file or of the member: all that is shown of either and is now another, but for
    versions, counts and who changed it when. To read a file as it was is to go back through these."""
    note: str | None = Field(default=None, sa_type=Text)
