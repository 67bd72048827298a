"""What a service is paid, by the class of area and the time; none is invented here, all are entered and signed off."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_registry.db import Table


class TariffStatus(StrEnum):
    DRAFT = "draft"
    SIGNED_OFF = "signed-off"
    WITHDRAWN = "withdrawn"


class Tariff(Table, table=True):
    """An amount in rials for one unit of a service, from `valid_from` to `valid_to`, both days included.

    Only a signed-off one counts; of those, no two overlap.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        ExcludeConstraint(
            ("service_code", "="),
            ("area_class", "="),
            ("jurisdiction", "="),
            (text("daterange(valid_from, valid_to, '[]')"), "&&"),
            where=text("status = 'signed-off'"),
            using="gist",
            name="tariff_once",
        ),
    )

    id: UUID = Field(primary_key=True)
    version: int = 1
    status: str = TariffStatus.DRAFT
    service_code: str = Field(sa_column=Column("service_code", ForeignKey("catalogue_service.code"), nullable=False))
    area_class: str
    jurisdiction: str = Field(sa_column=Column("jurisdiction", JURISDICTION, nullable=False))
    valid_from: date
    valid_to: date | None = None
    amount_rials: int = Field(sa_column=Column("amount_rials", BigInteger, nullable=False))
    drafted_by: str
    drafted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    signed_off_by: str | None = None
    signed_off_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
