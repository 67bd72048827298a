"""Plans that give waiting files to centers. A plan is written once; afterwards only its status changes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
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
    """The files that the plan gives to one center, or leaves with one county; a file at each position of the arrays.

    A row for each of 15,000 files would cost more to write than the plan costs to find.
    """

    __tablename__ = "distribution_placement"

    distribution_id: UUID = Field(
        sa_column=Column("distribution_id", ForeignKey("distribution.id", ondelete="CASCADE"), primary_key=True)
    )
    place: str = Field(sa_column=Column("place", JURISDICTION, primary_key=True))
    """A center (7 digits), or the county (4 digits) whose files stay."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """That of the plan."""
    case_file_ids: list[UUID] = Field(sa_column=Column("case_file_ids", ARRAY(Uuid), nullable=False))
    file_versions: list[int] = Field(sa_column=Column("file_versions", ARRAY(Integer), nullable=False))
    """The files as the plan saw them."""
    metres: list[int] = Field(sa_column=Column("metres", ARRAY(Integer), nullable=False))
    """-1 where no distance is known."""
    choices: list[int] = Field(sa_column=Column("choices", ARRAY(Integer), nullable=False))
    """1 for the nearest center, 2 for the second nearest; 0 where no distance is known."""
    reasons: list[str] = Field(sa_column=Column("reasons", ARRAY(Text), nullable=False))
