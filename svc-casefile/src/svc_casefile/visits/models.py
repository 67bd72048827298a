"""Home visits, and the rule by which files are due one."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class HomeVisit(Table, table=True):
    """A visit as it was reported. It is never edited; only what becomes of its changes to the file is still open."""

    __tablename__ = "home_visit"
    __table_args__ = (
        CheckConstraint("outcome IN ('met', 'not-at-home', 'refused', 'moved-away')", name="outcome"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="map_point_whole"),
        CheckConstraint("(changes IS NULL) = (file_version IS NULL)", name="changes_of_a_version"),
        CheckConstraint(
            "changes_state IN ('none', 'applied', 'conflict', 'resolved')"
            " AND (changes_state = 'none') = (changes IS NULL)",
            name="changes_state",
        ),
        CheckConstraint("(changes_state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_at"),
        Index("ix_home_visit_case_file_id_visited_at", "case_file_id", "visited_at", "id"),
        # what a center or a worker did in a month
        Index("ix_home_visit_jurisdiction_visited_at", "jurisdiction", "visited_at"),
        Index("ix_home_visit_conflict", "id", postgresql_where=text("changes_state = 'conflict'")),
    )

    id: UUID = Field(primary_key=True)
    """Made by the device where it was offline: the same visit sent again is known by it."""
    version: int
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was when the visit came in. Who may read it follows the file, not this."""
    visited_at: datetime = Field(sa_type=DateTime(timezone=True))
    visited_by: str = Field(sa_type=Text)
    planned: bool
    outcome: str = Field(sa_type=Text)
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    distance_m: int | None
    """From the home on file as it was then."""
    place_plausible: bool | None
    met_members: list[UUID] = Field(sa_column=Column("met_members", ARRAY(Uuid), nullable=False))
    met_other: str | None = Field(sa_type=Text)
    findings: str | None = Field(sa_type=Text)
    next_visit_on: date | None
    changes: dict[str, Any] | None = Field(sa_column=Column("changes", JSONB))
    """Field of the file → what it should be."""
    file_version: int | None
    """Of the file that the visitor had before them."""
    changes_state: str = Field(sa_type=Text)
    applied_version: int | None = None
    """Of the file that the changes are in."""
    digest: bytes = Field(sa_type=LargeBinary)
    """Of what was reported: another visit under the same id is refused."""
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
    resolved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    resolved_by: str | None = Field(default=None, sa_type=Text)
    taken: list[str] | None = Field(default=None, sa_column=Column("taken", ARRAY(Text)))
    """The fields that were taken over when a conflict was resolved."""
    resolution_note: str | None = Field(default=None, sa_type=Text)


class VisitInterval(Table, table=True):
    """The months between visits by which the due dates of a center's files were last worked out."""

    __tablename__ = "visit_interval"

    center: str = Field(sa_column=Column("center", JURISDICTION, primary_key=True))
    months: int | None
    """None: no rule was in force."""
    worked_out_on: date


class LateVisit(Table, table=True):
    """A visit made while the file was here, which came in after the file had left: it goes after the file."""

    __tablename__ = "late_visit"
    __table_args__ = (Index("ix_late_visit_waiting", "id", postgresql_where=text("outcome IS NULL")),)

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """The place that sent it, and may see it."""
    case_file_id: UUID
    body: dict[str, Any] = Field(sa_column=Column("body", JSONB, nullable=False))
    digest: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_by: str = Field(sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    """What became of it at the file's present place; None: it is on its way."""
