"""Provinces and counties under the official division codes, each list as published, loaded by migration."""

from sqlalchemy import Column
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_registry.db import Table


class Province(Table, table=True):
    """A province; its two-digit code is the jurisdiction of all that lies in it."""

    __tablename__ = "province"

    code: str = Field(sa_column=Column("code", JURISDICTION, primary_key=True))
    iso_3166_2: str
    name_fa: str
    name_en: str


class County(Table, table=True):
    """A county; the first two of its four digits are its province."""

    __tablename__ = "county"

    code: str = Field(sa_column=Column("code", JURISDICTION, primary_key=True))
    name_fa: str
    name_en: str
    latitude: float
    longitude: float
    """The county's seat or middle, for maps; not a border."""
