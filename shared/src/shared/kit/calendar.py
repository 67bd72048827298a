"""The Jalali calendar at the edges: months of account, and dates for people. Everything kept is Gregorian and UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate
from pydantic import BeforeValidator, WithJsonSchema

from shared.kit.problems import InvalidValue
from shared.kit.text import Code

TEHRAN: Final = ZoneInfo("Asia/Tehran")
_ISO_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The date in Iran, which is what a worker means by today."""
    return datetime.now(TEHRAN).date()


def _written_out(value: Any) -> Any:
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise InvalidValue(
        "date-parsing", fa="باید تاریخ میلادی مانند 2021-03-08 باشد", en="must be a date such as 2021-03-08"
    )


Day = Annotated[date, BeforeValidator(_written_out)]
"""A date as it comes in: ISO 8601 and nothing else. Pydantic's own would read a number as seconds since 1970."""


def _in_either_calendar(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"1[2-4][0-9]{2}([/-])[0-9]{2}\1[0-9]{2}", value):
        return _written_out(value)
    try:
        return _jalali_date(int(value[:4]), int(value[5:7]), int(value[8:])).to_gregorian()
    except ValueError:
        raise InvalidValue(
            "jalali-date", fa="چنین روزی در تقویم شمسی نیست", en="is no day of the Jalali calendar"
        ) from None


JalaliOrIsoDay = Annotated[
    date,
    BeforeValidator(_in_either_calendar),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{4}[/-][0-9]{2}[/-][0-9]{2}$",
            "description": "A Jalali day (`1398/07/01`) or an ISO one (`2019-09-23`)",
            "examples": ["1398/07/01", "2019-09-23"],
        }
    ),
]
"""A day as people of the field write it, for what is fixed by the Jalali calendar."""


def jalali(day: date) -> str:
    """A day as people of Iran write it: `1404/10/15`."""
    return str(_jalali_date(day).strftime("%Y/%m/%d"))


def years_between(born: date, on: date) -> int:
    """Whole years of the Jalali calendar, by which age is counted in Iran.

    Who was born on a leap day, 30 Esfand, is a year older on 1 Farvardin where a year has none.
    """
    first, last = _jalali_date(born), _jalali_date(on)
    return int(last.year - first.year - ((last.month, last.day) < (first.month, first.day)))


def jalali_year(day: date) -> int:
    """The year that a day belongs to, such as 1404."""
    return int(_jalali_date(day).year)


def months_later(day: date, months: int) -> date:
    """The same day of the Jalali calendar so many months later (earlier, if negative), or the last day of that month
    where it is shorter."""
    start = _jalali_date(day)
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    wanted = JalaliMonth(f"{years:04}-{month + 1:02}")
    return min(wanted.first_day + timedelta(days=start.day - 1), wanted.last_day)


def _jalali_date(*parts: date | int) -> JalaliDate:
    return JalaliDate(*parts)  # type: ignore[no-untyped-call]  # persiantools leaves its constructor untyped


class JalaliMonth(Code):
    """A month of account, `1404-09`; years 1300 to 1499. Sorts as it reads."""

    pattern = "^1[34][0-9]{2}-(0[1-9]|1[0-2])$"
    examples = ("1404-09",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(cls.pattern, text):
            raise InvalidValue(
                "jalali-month", fa="باید ماه شمسی مانند 1404-09 باشد", en="must be a Jalali month such as 1404-09"
            )
        return text

    @classmethod
    def from_date(cls, day: date) -> Self:
        jalali_day = _jalali_date(day)
        return cls(f"{jalali_day.year:04}-{jalali_day.month:02}")

    @property
    def first_day(self) -> date:
        return _jalali_date(int(self[:4]), int(self[5:]), 1).to_gregorian()

    @property
    def last_day(self) -> date:
        return JalaliMonth.from_date(self.first_day + timedelta(days=31)).first_day - timedelta(days=1)
