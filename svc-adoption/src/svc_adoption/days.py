"""Days as the law counts them, by months of the Jalali calendar, and days that cannot be."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.kit.calendar import Day, JalaliMonth, today
from shared.kit.problems import FieldError, Problem

LikelyDay = Annotated[Day, Field(ge=date(1925, 1, 1), le=date(2100, 1, 1))]
"""A day of somebody's life or file, which months of the Jalali calendar can be counted from."""


class DayImpossible(Problem):
    code, status = "day-impossible", 422
    title = {
        "fa": "این روز در آینده است یا پیش از گامی که در پی آن می‌آید",
        "en": "The day is in the future, or before what it follows",
    }


def months_later(day: date, months: int) -> date:
    """The same day of a later Jalali month, or its last when it has none; `months` is not negative."""
    month = JalaliMonth.from_date(day)
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + months
    later = JalaliMonth(f"{index // 12:04}-{index % 12 + 1:02}")
    return min(later.first_day + (day - month.first_day), later.last_day)


def that_was(pointer: str, day: date, *, since: date | None = None) -> date:
    """A day that is over, or today, and not before what it follows. Raises DayImpossible."""
    if day > today() or (since is not None and day < since):
        raise DayImpossible(errors=[FieldError(pointer, DayImpossible.code, DayImpossible.title)])
    return day
