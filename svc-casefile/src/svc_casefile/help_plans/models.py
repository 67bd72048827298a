"""What a household needs, what is planned about it, and what came of that."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Assessment(Table, table=True):
    """The needs of a household as somebody saw them on a day. Never changed: another day has another assessment."""

    __tablename__ = "assessment"
    __table_args__ = (Index("ix_assessment_case_file_id", "case_file_id", "id"),)

    id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was then."""
    assessed_on: date
    summary: str | None = Field(default=None, sa_type=Text)
    needs: list[dict[str, Any]] = Field(sa_column=Column("needs", JSONB, nullable=False))
    """The most pressing first: `kind`, `urgency`, `member_id`, `description`."""
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)


class HelpPlan(Table, table=True):
    """What household and center set out to reach. One of a household's plans is in force at a time."""

    __tablename__ = "help_plan"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'agreed', 'completed', 'stopped')", name="status"),
        CheckConstraint("status NOT IN ('agreed', 'completed') OR agreed_on IS NOT NULL", name="agreed"),
        CheckConstraint("(status IN ('completed', 'stopped')) = (closed_at IS NOT NULL)", name="closed"),
        Index("ix_help_plan_case_file_id", "case_file_id", "id"),
        Index("uq_help_plan_in_force", "case_file_id", unique=True, postgresql_where=text("status = 'agreed'")),
    )

    id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """Where the file was when the plan was drawn up."""
    version: int
    assessment_id: UUID = Field(sa_column=Column("assessment_id", ForeignKey("assessment.id"), nullable=False))
    status: str = Field(sa_type=Text)
    responsible: str = Field(sa_type=Text)
    review_on: date
    """The next day on which household and center look at it together."""
    agreed_on: date | None = None
    agreed_with: UUID | None = Field(default=None, sa_column=Column("agreed_with", ForeignKey("member.id")))
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    stop_reason: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    """Said at its end."""
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)


class HelpPlanGoal(Table, table=True):
    """One thing to reach, how it will be seen, and what came of it."""

    __tablename__ = "help_plan_goal"
    __table_args__ = (
        UniqueConstraint("help_plan_id", "position"),
        CheckConstraint("(outcome IS NULL) = (outcome_on IS NULL)", name="outcome"),
    )

    id: UUID = Field(primary_key=True)
    help_plan_id: UUID = Field(sa_column=Column("help_plan_id", ForeignKey("help_plan.id"), nullable=False))
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    position: int = Field(sa_type=SmallInteger)
    need: str = Field(sa_type=Text)
    member_id: UUID | None = Field(default=None, sa_column=Column("member_id", ForeignKey("member.id")))
    title: str = Field(sa_type=Text)
    indicator: str = Field(sa_type=Text)
    target_on: date | None = None
    measures: list[dict[str, Any]] = Field(sa_column=Column("measures", JSONB, nullable=False))
    """Who does what until when: `what`, `responsible`, `due_on`, `service_code`."""
    outcome: str | None = Field(default=None, sa_type=Text)
    outcome_on: date | None = None


class HelpPlanEntry(Table, table=True):
    """How things went with a goal, or with the plan as a whole at a review. Rows are only ever added."""

    __tablename__ = "help_plan_entry"
    __table_args__ = (
        CheckConstraint("(goal_id IS NULL) = (direction IS NULL)", name="direction"),
        CheckConstraint("outcome IS NULL OR goal_id IS NOT NULL", name="outcome"),
        CheckConstraint("(goal_id IS NULL) = (next_review_on IS NOT NULL)", name="review"),
        Index("ix_help_plan_entry_help_plan_id", "help_plan_id", "id"),
        Index("ix_help_plan_entry_goal_id", "goal_id", "id", postgresql_where=text("goal_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    help_plan_id: UUID = Field(sa_column=Column("help_plan_id", ForeignKey("help_plan.id"), nullable=False))
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    goal_id: UUID | None = Field(default=None, sa_column=Column("goal_id", ForeignKey("help_plan_goal.id")))
    """None for a review."""
    seen_on: date
    direction: str | None = Field(default=None, sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    next_review_on: date | None = None
    note: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
