"""What was seen when somebody was screened, and what followed from it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table


class Attendance(StrEnum):
    EXAMINED = "examined"
    REFUSED = "refused"
    ABSENT = "absent"


class Encounter(Table, table=True):
    """One test of one person, or that it was refused or missed. Never changed: a correction is an encounter of its own.
    What no rule could decide on is decided once that rule is signed off.

    `jurisdiction` is the center where it was made, for good; who sees it is who sees the person.
    """

    __tablename__ = "encounter"
    __table_args__ = (
        CheckConstraint("attendance IN ('examined', 'refused', 'absent')", name="attendance"),
        CheckConstraint("(attendance = 'examined') = (result IS NOT NULL)", name="result_when_examined"),
        CheckConstraint("(corrects IS NULL) = (correction_reason IS NULL)", name="correction_whole"),
        Index("ix_encounter_person_id", "person_id", "made_at"),
        Index("ix_encounter_base_id", "base_id", "made_at"),
        Index("ix_encounter_jurisdiction", "jurisdiction", "made_at"),
        Index(
            "ix_encounter_undecided",
            "protocol_id",
            "rules_as_of",
            postgresql_where=text("outcome = 'undecided' AND corrected_by IS NULL"),
        ),
        Index("uq_encounter_corrects", "corrects", unique=True, postgresql_where=text("corrects IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    """Made by the client, so that what was recorded without a network is sent twice without harm."""
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    person_id: UUID = Field(sa_column=Column("person_id", ForeignKey("person.id"), nullable=False))
    registered_as: UUID
    """The person as whom it was recorded; another than `person_id` once the two proved to be one."""
    programme_code: str = Field(sa_type=Text)
    programme_year: int
    protocol_id: UUID = Field(sa_column=Column("protocol_id", ForeignKey("protocol.id"), nullable=False))
    protocol_number: int
    campaign_id: UUID | None = Field(default=None, foreign_key="campaign.id")
    base_id: UUID = Field(sa_column=Column("base_id", ForeignKey("base.id"), nullable=False))
    device_id: UUID | None = None
    screener: str = Field(sa_type=Text)
    stage: str = Field(sa_type=Text)
    instrument: str | None = Field(default=None, sa_type=Text)
    made_at: datetime = Field(sa_type=DateTime(timezone=True))
    repeat_of: UUID | None = None
    attendance: str = Field(sa_type=Text)
    result: dict[str, Any] | None = Field(default=None, sa_column=Column("result", JSONB(none_as_null=True)))
    age_months: int
    rules_as_of: datetime = Field(sa_type=DateTime(timezone=True))
    """When the protocol had last changed that decided: what was undecided is looked at again after its next change."""
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """None: when it was recorded."""
    outcome: str = Field(sa_type=Text)
    rule: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)
    found: dict[str, Any] = Field(sa_column=Column("found", JSONB, nullable=False))
    next_stage: str | None = Field(default=None, sa_type=Text)
    refers_to: str | None = Field(default=None, sa_type=Text)
    repeat_from: date | None = None
    repeat_by: date | None = None
    corrects: UUID | None = Field(default=None, foreign_key="encounter.id")
    correction_reason: str | None = Field(default=None, sa_type=Text)
    corrected_by: UUID | None = None
    digest: bytes = Field(sa_column=Column("digest", LargeBinary, nullable=False))
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str = Field(sa_type=Text)
    """The screener; of a correction, whoever made that."""


class Screening(Table, table=True):
    """A person in a programme in a Jalali year, which is what is counted: its latest test, or that there was none.

    Made from encounters alone, in whatever order they came. A test outweighs a refusal and an absence.
    """

    __tablename__ = "screening"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    programme_code: str = Field(sa_column=Column("programme_code", Text, primary_key=True))
    programme_year: int = Field(primary_key=True)
    examined: bool = Field(sa_type=Boolean)
    last_at: datetime = Field(sa_type=DateTime(timezone=True))
    encounter_id: UUID
    campaign_id: UUID | None = None
    stage: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    next_stage: str | None = Field(default=None, sa_type=Text)
    repeat_from: date | None = None
    repeat_by: date | None = None


class ScreenedElsewhere(Table, table=True):
    """That somebody who counts as the same person was examined at another place, and when; kept by the database.

    What that came to is told to nobody here.
    """

    __tablename__ = "screened_elsewhere"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    programme_code: str = Field(sa_column=Column("programme_code", Text, primary_key=True))
    programme_year: int = Field(primary_key=True)
    last_at: datetime = Field(sa_type=DateTime(timezone=True))
