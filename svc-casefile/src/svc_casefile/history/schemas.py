"""Which moment a file is asked for."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, TypeAdapter, WithJsonSchema

from shared.kit.calendar import TEHRAN, Day, now
from shared.kit.problems import InvalidValue

_DAY = TypeAdapter(Day)


def _end_of_day(value: Any) -> Any:
    """Anything but a date or a written-out time is refused: Pydantic would take a number for seconds since 1970."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        day = datetime.combine(_DAY.validate_python(value), time.min, TEHRAN)
        try:
            return min(day + timedelta(days=1, microseconds=-1), max(day, now()))
        except OverflowError:
            raise _in_the_future() from None
    if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]", value):
        return value
    raise InvalidValue(
        "date-or-time",
        fa="باید تاریخ یا زمانی مانند 2021-03-08 یا 2021-03-08T09:00:00Z باشد",
        en="must be a date or a time such as 2021-03-08 or 2021-03-08T09:00:00Z",
    )


def _past(moment: datetime) -> datetime:
    if moment > now():
        raise _in_the_future()
    return moment


def _in_the_future() -> InvalidValue:
    return InvalidValue("date-in-the-future", fa="تاریخ در آینده است", en="is in the future")


PastMoment = Annotated[
    AwareDatetime,
    BeforeValidator(_end_of_day),
    AfterValidator(_past),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}],
            "description": "A day, for its end in Iran (today: now), or a time",
            "examples": ["2021-03-08", "2021-03-08T09:00:00Z"],
        }
    ),
]
"""A moment until now."""
