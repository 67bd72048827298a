"""What the API says about working days."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day, JalaliOrIsoDay
from shared.kit.text import Name

FIRST, LAST = date(1979, 3, 21), date(2199, 12, 31)
"""Days that somebody can mean."""


class HolidayCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: Annotated[JalaliOrIsoDay, Field(ge=FIRST, le=LAST)]
    name_fa: Name


class HolidayRead(BaseModel):
    day: date
    day_jalali: Annotated[str, Field(examples=["1405/01/01"])]
    name_fa: str
    set_by: str
    set_at: AwareDatetime


class HolidayFilters(ListQuery):
    since: Annotated[Day | None, Field(description="From this day on; absent: today")] = None


class Counting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    since: Annotated[Day, Field(ge=FIRST, le=LAST, description="The first day that counts is the one after it")]
    days: Annotated[int, Field(ge=1, le=250)]


class Counted(BaseModel):
    """The last of so many working days: Saturday to Wednesday, without official holidays."""

    day: date
    day_jalali: str
