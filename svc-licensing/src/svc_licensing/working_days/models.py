"""Official holidays, as somebody has set them."""

from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, Text
from sqlmodel import Field

from svc_licensing.db import Table


class OfficialHoliday(Table, table=True):
    __tablename__ = "official_holiday"

    day: date = Field(sa_column=Column("day", Date, primary_key=True))
    name_fa: str = Field(sa_type=Text)
    set_by: str = Field(sa_type=Text)
    set_at: datetime = Field(sa_type=DateTime(timezone=True))
