"""The persons of a household."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table

ONE_FILE_PER_PERSON = "in_force AND id_type <> 'temporary'"
"""A temporary id is a number some center agreed on: the same one elsewhere may well be another person."""


class Member(Table, table=True):
    """A person of one household. Who has left stays in the table, out of force."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("(id_type IS NULL) = (id_value IS NULL)", name="identity_whole"),
        CheckConstraint("NOT (in_force AND left_on IS NOT NULL)", name="left_not_in_force"),
        Index("uq_member_identity", "id_type", "id_value", unique=True, postgresql_where=text(ONE_FILE_PER_PERSON)),
        Index(
            "uq_member_head",
            "case_file_id",
            unique=True,
            postgresql_where=text("relation = 'head' AND left_on IS NULL"),
        ),
        Index("ix_member_id_value", "id_value"),
        Index("ix_member_jurisdiction", "jurisdiction"),
        # with the jurisdiction, or else the planner, who takes any scope for small, walks over all of it for each file
        Index("ix_member_case_file_id", "case_file_id", "jurisdiction"),
    )

    id: UUID = Field(primary_key=True)
    case_file_id: UUID = Field(sa_column=Column("case_file_id", ForeignKey("case_file.id"), nullable=False))
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """That of the file; the two move together."""
    version: int
    in_force: bool
    """The person is in the household, and its file is not closed: what makes an identity taken."""
    relation: str = Field(sa_type=Text)
    id_type: str | None = Field(sa_type=Text)
    id_value: str | None = Field(sa_type=Text)
    given_name: str = Field(sa_type=Text)
    family_name: str = Field(sa_type=Text)
    father_name: str | None = Field(sa_type=Text)
    name_search: str = Field(sa_type=Text)
    """As `names.compared_by` makes it."""
    name_bits: int = Field(sa_type=BigInteger)
    """As `names.compared_by` makes them."""
    birth_date: date | None
    sex: str | None = Field(sa_type=Text)
    marital_status: str | None = Field(sa_type=Text)
    education: str | None = Field(sa_type=Text)
    occupation: str | None = Field(sa_type=Text)
    insurance: str | None = Field(sa_type=Text)
    illness: str | None = Field(sa_type=Text)
    disability_type: str | None = Field(sa_type=Text)
    disability_severity: str | None = Field(sa_type=Text)
    guardian: str | None = Field(sa_type=Text)
    addiction: bool
    prison: bool
    missing: bool
    left_on: date | None = None
    left_reason: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
