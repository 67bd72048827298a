"""The service catalogue: what centers do, as dated data."""

from datetime import date, datetime

from sqlalchemy import Column, DateTime, Text
from sqlmodel import Field

from svc_registry.db import Table


class CatalogueService(Table, table=True):
    """One service of the national catalogue, active from `active_from` to `active_to`, both days included."""

    __tablename__ = "catalogue_service"

    code: str = Field(primary_key=True)
    version: int = 1
    name_fa: str
    name_en: str
    domain: str
    active_from: date
    active_to: date | None = None
    source: str = Field(sa_column=Column(Text, nullable=False))
    """Where the entry comes from."""
    announced_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it was first published; null for what a migration brought and nobody has announced yet."""
