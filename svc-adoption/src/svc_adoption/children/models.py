"""Children who may be placed: a sealed reference, and what the search for a family goes by."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


class Child(Table, table=True):
    """In the clear is only what thousands share: sex, month of birth, health in one of three words."""

    __tablename__ = "child"
    __table_args__ = (
        CheckConstraint("sex IN ('girl', 'boy')", name="sex"),
        CheckConstraint("health IN ('healthy', 'treatable', 'lasting')", name="health"),
        CheckConstraint("together BETWEEN 1 AND 10", name="together"),
        CheckConstraint("state IN ('eligible', 'proposed', 'matched', 'trial', 'adopted', 'withdrawn')", name="state"),
        Index("ix_child_jurisdiction", "jurisdiction", "id"),
        Index("ix_child_queue", "queue", "state"),
        Index("ix_child_siblings_id", "siblings_id", postgresql_where=text("siblings_id IS NOT NULL")),
        Index("ix_child_identities", "identities", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    queue: str = Field(sa_column=Column("queue", JURISDICTION, nullable=False))
    """The province, in whose queue a family is looked for."""
    state: str = Field(sa_type=Text)
    sex: str = Field(sa_type=Text)
    born_in: date
    """The first day of the Jalali month of birth."""
    health: str = Field(sa_type=Text)
    together: int = Field(sa_type=SmallInteger)
    """How many brothers and sisters stay together, this one included."""
    siblings_id: UUID | None = None
    """The same for all who stay together."""
    registered_at: datetime = Field(sa_type=DateTime(timezone=True))
    registered_by: str = Field(sa_type=Text)
    key_id: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    """A `schemas.Kept`, bound to this row."""
    identities: list[bytes] = Field(sa_column=Column("identities", ARRAY(LargeBinary), nullable=False))
    """Blind: keyed digests, by which a child is found who is registered already."""
