"""What a licence takes, what lacks, and how working days are counted, without a service."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from svc_licensing import calendar
from svc_licensing.completeness import Known, lacks
from svc_licensing.rules import About, Act, Kind, LicenceKind, Person, PersonRole, Rule, Rules

NEW_YEAR = frozenset({date(2026, 3, 21), date(2026, 3, 22), date(2026, 3, 23), date(2026, 3, 24)})
ON = date(2026, 11, 22)
DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def rule(kind: Kind = Kind.DOCUMENT, code: str = "photos", **fields: object) -> Rule:
    said = {"about": About.FOUNDER, "name_fa": "عکس", "name_en": "Photos", "figures": {}}
    return Rule(kind=kind, code=code, **said | fields)  # type: ignore[arg-type]


def somebody(role: PersonRole, number: int = 1, **fields: object) -> Person:
    return Person(id=UUID(int=number), role=role, name="الف ب", **fields)  # type: ignore[arg-type]


def test_working_days_leave_out_thursday_friday_and_holidays() -> None:
    wednesday = date(2026, 3, 18)
    assert calendar.after(wednesday, 1, frozenset()) == date(2026, 3, 21), "Saturday"
    assert calendar.after(wednesday, 1, NEW_YEAR) == date(2026, 3, 25)
    assert calendar.after(wednesday, 3, NEW_YEAR) == date(2026, 3, 29)
    assert calendar.after(wednesday, 0, NEW_YEAR) == wednesday
    assert calendar.between(wednesday, date(2026, 3, 29), NEW_YEAR) == 3


@given(DAYS, st.integers(0, 60), st.frozensets(DAYS, max_size=20))
def test_counting_there_and_back_agrees(day: date, days: int, holidays: frozenset[date]) -> None:
    end = calendar.after(day, days, holidays)
    assert calendar.between(day, end, holidays) == days
    assert days == 0 or calendar.is_working(end, holidays)
    assert calendar.between(day, end - timedelta(days=1), holidays) == max(0, days - 1)


@given(DAYS, st.integers(0, 40), st.integers(0, 40), st.frozensets(DAYS, max_size=20))
def test_a_pause_costs_nobody_a_day(day: date, gone: int, left: int, holidays: frozenset[date]) -> None:
    paused = calendar.after(day, gone, holidays)
    assert calendar.after(paused, left, holidays) == calendar.after(day, gone + left, holidays)


def test_the_rule_for_fewer_clauses_holds_and_of_equals_the_later() -> None:
    general = rule(Kind.VALIDITY, "validity", about=None, figures={"months": 12}, clauses=12)
    ours = rule(Kind.VALIDITY, "validity", about=None, figures={"months": 3}, clauses=1)
    later = rule(Kind.VALIDITY, "validity", about=None, figures={"months": 4}, clauses=1, valid_from=ON)
    assert Rules([ours, general]).validity_months == 3
    assert Rules([later, ours, general]).validity_months == 4
    assert Rules([]).validity_months is None


def test_who_stands_for_whom() -> None:
    people = [
        somebody(PersonRole.BOARD_MEMBER, 1),
        somebody(PersonRole.ALTERNATE_MEMBER, 2),
        somebody(PersonRole.TECHNICAL_MANAGER, 3),
        somebody(PersonRole.TECHNICAL_MANAGER, 4),
    ]
    asked = Rules([rule(), rule(code="letter", about=About.TECHNICAL_MANAGER), rule(code="form", about=None)])

    found = asked.required(Kind.DOCUMENT, people, manager=UUID(int=4), on=ON)

    of = {(each.rule.code, each.person and each.person.id.int) for each in found}
    assert of == {("photos", 1), ("photos", 2), ("letter", 4), ("form", None)}


def test_a_military_card_is_asked_of_men_under_fifty_and_of_those_whose_age_is_not_known() -> None:
    card = Rules([rule(code="military-card", figures={"men_under": 50})])

    def asked_of(**fields: object) -> bool:
        return bool(card.required(Kind.DOCUMENT, [somebody(PersonRole.FOUNDER, **fields)], manager=None, on=ON))

    assert asked_of(sex="male", birth_date=date(1980, 1, 1))
    assert not asked_of(sex="male", birth_date=date(1970, 1, 1))
    assert not asked_of(sex="female", birth_date=date(1980, 1, 1))
    assert not asked_of(sex="female")
    assert asked_of(sex="male")


def test_what_lacks_is_said_in_plain_words() -> None:
    rules = Rules(
        [rule(), rule(Kind.CAPITAL, "capital", about=None, figures={"county": 500_000_000, "nation": 10_000_000_000})]
    )
    founder = somebody(PersonRole.FOUNDER)
    known = Known(
        licence=LicenceKind.ACTIVITY,
        act=Act.ISSUE,
        manager=None,
        address=None,
        field_of_work="county",
        capital_rials=400_000_000,
    )

    found = lacks(known, rules, [founder], set(), on=ON)

    assert [each.code for each in found] == ["address", "photos", "capital"]
    assert found[1].fa == "عکس از الف ب نرسیده است"
    assert "500,000,000" in found[2].en
    assert [each.code for each in lacks(known, rules, [founder], {("photos", founder.id)}, on=ON)] == [
        "address",
        "capital",
    ]
