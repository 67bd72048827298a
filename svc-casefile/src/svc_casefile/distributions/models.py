"""Plans that give waiting files to centers. A plan is written once; afterwards only its status changes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Distribution(Table, table=True):
    """A plan for the files that wait in a county, or in the counties of a province."""

    __tablename__ = "distribution"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'applied', 'dropped')", name="status"),
        CheckConstraint("placed + unplaced = files", name="every_file_counted"),
        CheckConstraint("(status = 'planned') = (decided_at IS NULL)", name="decided_at"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False, index=True))
    version: int
    status: str = Field(sa_type=Text)
    rules_on: date
    """The day whose rules on files per center the plan keeps to."""
    files: int
    placed: int
    unplaced: int
    total_metres: int = Field(sa_type=BigInteger)
    """Of the placed files that have a map point."""
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    decided_by: str | None = Field(default=None, sa_type=Text)


class DistributionCenter(Table, table=True):
    """What the plan means for one open center."""

    __tablename__ = "distribution_center"

    distribution_id: UUID = Field(
        sa_column=Column("distribution_id", ForeignKey("distribution.id", ondelete="CASCADE"), primary_key=True)
    )
    center: str = Field(sa_column=Column("center", JURISDICTION, primary_key=True))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """That of the plan: who reads the plan reads all of it."""
    minimum: int
    maximum: int
    load_before: int
    load_after: int
    nearest_metres: int | None = None
    mean_metres: int | None = None
    farthest_metres: int | None = None
    county_files: int
    """Files that wait in the center's county."""
    county_need: int
    """Files that the open centers of the county together lack to their minima."""


class DistributionPlacement(Table, table=True):
    """What the plan means for one file. It has no foreign keys: it is written with its plan, in one statement."""

    __tablename__ = "distribution_placement"

    distribution_id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """That of the plan."""
    county: str = Field(sa_column=Column("county", JURISDICTION, nullable=False))
    """Where the file waits."""
    file_version: int
    """The file as the plan saw it."""
    center: str | None = Field(default=None, sa_column=Column("center", JURISDICTION))
    metres: int | None = None
    choice: int | None = None
    reason: str = Field(sa_type=Text)
