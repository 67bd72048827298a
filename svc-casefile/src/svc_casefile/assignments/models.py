"""Plans that give a center's files to its workers. A plan is written once; afterwards only its status changes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class AssignmentPlan(Table, table=True):
    """A plan for the files of one center that have no worker, or one who is no longer there."""

    __tablename__ = "assignment_plan"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'applied', 'dropped')", name="status"),
        CheckConstraint("placed + unplaced = files", name="every_file_counted"),
        CheckConstraint("(status = 'planned') = (decided_at IS NULL)", name="decided_at"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False, index=True))
    """The center."""
    version: int
    status: str = Field(sa_type=Text)
    leaving: list[str] = Field(sa_column=Column("leaving", ARRAY(Text), nullable=False))
    """Workers whose files are given away though they are still posted."""
    rules_on: date
    maximum: int | None = None
    """Files per worker by the rule in force on that day; none where there is no rule."""
    files: int
    placed: int
    unplaced: int
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    decided_by: str | None = Field(default=None, sa_type=Text)


class AssignmentPlanWorker(Table, table=True):
    """What the plan gives to one worker; a file at each position of the arrays."""

    __tablename__ = "assignment_plan_worker"

    plan_id: UUID = Field(
        sa_column=Column("plan_id", ForeignKey("assignment_plan.id", ondelete="CASCADE"), primary_key=True)
    )
    worker: str = Field(sa_column=Column("worker", Text, primary_key=True))
    """Empty: the files for which nobody has room."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    load_before: int
    load_after: int
    case_file_ids: list[UUID] = Field(sa_column=Column("case_file_ids", ARRAY(Uuid), nullable=False))
    file_versions: list[int] = Field(sa_column=Column("file_versions", ARRAY(Integer), nullable=False))
    """The files as the plan saw them."""
    metres: list[int] = Field(sa_column=Column("metres", ARRAY(Integer), nullable=False))
    """To the middle of the worker's files; -1 where no distance is known."""
    reasons: list[str] = Field(sa_column=Column("reasons", ARRAY(Text), nullable=False))
