"""What this service keeps of the registry's tariffs."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_casefile.db import Table


class Tariff(Table, table=True):
    """A signed-off amount for one unit of a service, and the days on which it holds, the last one included."""

    __tablename__ = "tariff"
    __table_args__ = (Index("ix_tariff_service_code_area_class", "service_code", "area_class"),)

    id: UUID = Field(primary_key=True)
    version: int
    service_code: str = Field(sa_type=Text)
    area_class: str = Field(sa_type=Text)
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    """It holds here and in all within, unless a narrower place has its own."""
    valid_from: date
    valid_to: date | None = None
    amount_rials: int = Field(sa_type=BigInteger)
