from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.kit.calendar import Day, JalaliMonth, JalaliOrIsoDay, jalali, jalali_year, today, years_between


@pytest.mark.parametrize(
    ("gregorian", "shown"),
    [
        (date(2021, 3, 8), "1399/12/18"),
        (date(2021, 3, 20), "1399/12/30"),
        (date(2025, 3, 20), "1403/12/30"),
        (date(2025, 3, 21), "1404/01/01"),
        (date(2026, 1, 5), "1404/10/15"),
    ],
)
def test_known_days(gregorian: date, shown: str) -> None:
    assert jalali(gregorian) == shown
    assert JalaliMonth.from_date(gregorian) == shown[:7].replace("/", "-")


@given(st.dates(date(1925, 1, 1), date(2080, 1, 1)))
def test_a_day_lies_in_its_month_and_months_follow_one_another(day: date) -> None:
    month = JalaliMonth.from_date(day)

    assert month.first_day <= day <= month.last_day
    assert 29 <= (month.last_day - month.first_day).days + 1 <= 31
    following = JalaliMonth.from_date(month.last_day + timedelta(days=1))
    assert following.first_day == month.last_day + timedelta(days=1)
    assert following > month


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1996, 3, 20), date(2026, 3, 20), 29),  # 1375/01/01 and 1404/12/29: the same day of Gregorian years
        (date(1996, 3, 20), date(2026, 3, 21), 30),
        (date(2021, 3, 20), date(2025, 3, 20), 4),  # 30 Esfand of two leap years
        (date(2021, 3, 20), date(2026, 3, 20), 4),  # 29 Esfand is not the day yet
        (date(2021, 3, 20), date(2026, 3, 21), 5),
        (date(2026, 1, 5), date(2026, 1, 5), 0),
    ],
)
def test_age_is_counted_in_jalali_years(born: date, on: date, years: int) -> None:
    assert years_between(born, on) == years


def test_esfand_of_a_leap_year_has_thirty_days() -> None:
    assert JalaliMonth("1403-12").last_day == date(2025, 3, 20)
    assert JalaliMonth("1404-12").last_day == date(2026, 3, 20)


@pytest.mark.parametrize("text", ["1404-13", "1404-00", "1404-9", "2026-01", "1404/09", "1404-09-01", ""])
def test_what_is_not_a_jalali_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Jalali"):
        JalaliMonth(text)


def test_a_month_may_be_typed_with_persian_digits() -> None:
    assert JalaliMonth("۱۴۰۴-۰۹") == "1404-09"


def test_today_is_a_date_in_iran() -> None:
    assert abs((today() - date.today()).days) <= 1  # noqa: DTZ011 - whatever zone the machine has


def test_a_day_comes_in_written_out() -> None:
    day = TypeAdapter(Day)

    assert day.validate_python("2021-03-08") == day.validate_json('"2021-03-08"') == date(2021, 3, 8)
    assert day.validate_python(date(2021, 3, 8)) == date(2021, 3, 8)
    for wrong in (
        0,
        1615161600,
        0.0,
        "0",
        "1615161600",
        "2021-03-08T00:00:00",
        "2021-3-8",
        "2021-02-30",
        "",
        None,
        True,
    ):
        with pytest.raises(ValidationError):
            day.validate_python(wrong)
    with pytest.raises(ValidationError):
        day.validate_python(datetime(2021, 3, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1398/07/01", date(2019, 9, 23)),
        ("1401-12-29", date(2023, 3, 20)),
        ("1403/12/30", date(2025, 3, 20)),
        ("2019-09-23", date(2019, 9, 23)),
    ],
)
def test_a_day_is_written_in_either_calendar(text: str, day: date) -> None:
    assert TypeAdapter(JalaliOrIsoDay).validate_python(text) == day
    assert jalali_year(day) == int(jalali(day)[:4])


@pytest.mark.parametrize("text", ["1404/12/30", "1398/7/1", "1398/07-01", "1398/13/01", "2019/09/23", 13980701, None])
def test_what_is_a_day_in_neither_calendar_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(JalaliOrIsoDay).validate_python(text)
