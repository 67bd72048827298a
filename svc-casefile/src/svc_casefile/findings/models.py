"""People in need who were found and have no file yet."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Finding(Table, table=True):
    """A person or household found in a center's neighbourhood, on the way to a file or to an answer."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint(
            "status IN ('found', 'screened', 'assessed', 'supported', 'waiting', 'admitted', 'referred',"
            " 'not-eligible', 'appealed')",
            name="status",
        ),
        CheckConstraint("jurisdiction ~ '^[0-9]{7}$'", name="at_a_center"),
        CheckConstraint("(status = 'admitted') = (case_file_id IS NOT NULL)", name="admitted_to_a_file"),
        CheckConstraint("(id_type IS NULL) = (id_value IS NULL)", name="identity_whole"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="map_point_whole"),
        Index("ix_finding_jurisdiction", "jurisdiction", "id"),
        Index(
            "ix_finding_waiting",
            "jurisdiction",
            "turn",
            "found_on",
            "id",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_finding_identity", "id_value", postgresql_where=text("id_value IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    status: str = Field(sa_type=Text)
    found_on: date
    found_by: str = Field(sa_type=Text)
    given_name: str | None = Field(default=None, sa_type=Text)
    family_name: str | None = Field(default=None, sa_type=Text)
    id_type: str | None = Field(default=None, sa_type=Text)
    id_value: str | None = Field(default=None, sa_type=Text)
    mobile: str | None = Field(default=None, sa_type=Text)
    address: str = Field(sa_type=Text)
    latitude: float | None = None
    longitude: float | None = None
    persons: int | None = None
    situation: str = Field(sa_type=Text)
    visited_on: date | None = None
    coverage_reason: str | None = Field(default=None, sa_type=Text)
    turn: int | None = Field(default=None, sa_type=SmallInteger)
    """1 for the urgent, who come before all others; 2 for those. Among equals the date of finding decides."""
    refused_from: str | None = Field(default=None, sa_type=Text)
    """The status in which it was refused, and to which an appeal leads back."""
    refused_on: date | None = None
    refused_by: str | None = Field(default=None, sa_type=Text)
    final: bool = False
    """An appeal was turned down: there is no second one."""
    case_file_id: UUID | None = None
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)


class FindingStep(Table, table=True):
    """What made each version of a finding, by whom and why. Rows are only ever added."""

    __tablename__ = "finding_step"

    finding_id: UUID = Field(sa_column=Column("finding_id", ForeignKey("finding.id"), primary_key=True))
    version: int = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    step: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    """After the step."""
    reason: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)


class FindingInquiry(Table, table=True):
    """What another support body said when it was asked (استعلام). Rows are only ever added."""

    __tablename__ = "finding_inquiry"
    __table_args__ = (Index("ix_finding_inquiry_finding_id", "finding_id"),)

    id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(sa_column=Column("finding_id", ForeignKey("finding.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    body: str = Field(sa_type=Text)
    answer: str = Field(sa_type=Text)
    reference: str = Field(sa_type=Text)
    asked_on: date
    valid_until: date
    asked_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class FindingSkip(Table, table=True):
    """Somebody on the waiting list was passed over, and why."""

    __tablename__ = "finding_skip"

    finding_id: UUID = Field(sa_column=Column("finding_id", ForeignKey("finding.id"), primary_key=True))
    admitted_id: UUID = Field(sa_column=Column("admitted_id", ForeignKey("finding.id"), primary_key=True))
    """Who was admitted instead."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    reason: str = Field(sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
