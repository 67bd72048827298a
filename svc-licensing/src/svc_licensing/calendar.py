"""Working days of the offices: Saturday to Wednesday, without the official holidays that somebody has set."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

WEEKEND: Final = frozenset({3, 4})
"""Thursday and Friday, as `date.weekday` counts."""


def is_working(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() not in WEEKEND and day not in holidays


def after(day: date, days: int, holidays: Collection[date]) -> date:
    """The last of so many working days; the first that counts is the one after `day`. For none: `day` itself."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working(day, holidays)
    return day


def between(start: date, end: date, holidays: Collection[date]) -> int:
    """How many working days have gone by from `start`, which does not count, to `end`, which does."""
    return sum(is_working(start + timedelta(days=passed), holidays) for passed in range(1, (end - start).days + 1))
