"""What this service keeps of the registry's centers."""

from sqlalchemy import Column, Text
from sqlmodel import Field

from shared.chassis.tables import JURISDICTION
from svc_adoption.db import Table


class Center(Table, table=True):
    """A center as the registry last announced it; its code is its jurisdiction."""

    __tablename__ = "center"

    code: str = Field(sa_column=Column("code", JURISDICTION, primary_key=True))
    version: int
    status: str = Field(sa_type=Text)
    name_fa: str = Field(sa_type=Text)
    name_en: str | None = Field(default=None, sa_type=Text)
    area_class: str = Field(sa_type=Text)
