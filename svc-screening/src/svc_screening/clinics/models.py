"""Where people are referred to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_screening.db import Table


class Clinic(Table, table=True):
    """Somebody who examines the referred: an optometrist, an audiology, a center for autism."""

    __tablename__ = "clinic"
    __table_args__ = (
        Index("ix_clinic_jurisdiction", "jurisdiction", "id"),
        Index("ix_clinic_client", "client"),
    )

    id: UUID = Field(primary_key=True)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    version: int
    kind: str = Field(sa_type=Text)
    """What a stage of a protocol refers to."""
    name_fa: str = Field(sa_type=Text)
    name_en: str | None = Field(default=None, sa_type=Text)
    client: str | None = Field(default=None, sa_type=Text)
    """OIDC subject of the integration client that reports for it."""
    active: bool = Field(sa_type=Boolean)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_by: str = Field(sa_type=Text)
