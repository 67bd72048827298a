"""What this service keeps of the national catalogue: which services there are, and when."""

from datetime import date

from sqlalchemy import Column, Text
from sqlmodel import Field

from svc_casefile.db import Table


class CatalogueService(Table, table=True):
    """A service as the registry last announced it, offered from `active_from` to `active_to`, both days included."""

    __tablename__ = "catalogue_service"

    code: str = Field(sa_column=Column("code", Text, primary_key=True))
    version: int
    name_fa: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    active_from: date
    active_to: date | None = None
