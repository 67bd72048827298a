"""Article 5, notes 3 and 4: whose turn it is."""

from datetime import date

import pytest

from svc_adoption.priority import Facts, Group, months, standing

DAY = date(2026, 11, 22)


def family(*born: int, children: int = 0) -> Facts:
    """Of people born on this day in these years."""
    return Facts(couple=len(born) == 2, children=children, born=[date(year, 11, 22) for year in born], religion="islam")


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        (family(1990, 1991), Group.CHILDLESS_COUPLE),
        (family(1990), Group.SINGLE_CHILDLESS_WOMAN),
        (family(1990, 1991, children=1), Group.COUPLE_WITH_CHILDREN),
        (family(1990, children=1), Group.NOT_NAMED),
    ],
)
def test_note_3_names_the_order(facts: Facts, group: Group) -> None:
    assert standing(facts, on=DAY, senior_from=50).group == group


def test_groups_come_in_the_order_of_note_3() -> None:
    assert [each.word for each in sorted(Group)] == [
        "childless-couple",
        "single-childless-woman",
        "couple-with-children",
        "not-named",
    ]


def test_who_is_fifty_today_comes_after_who_is_not() -> None:
    def senior(*born: int, on: date = DAY, needed: int | None = None) -> bool:
        return standing(family(*born), on=on, senior_from=50, younger_needed=needed).senior

    assert senior(1976)
    assert not senior(1976, on=date(2026, 11, 21))
    assert not senior(1977)
    # the law does not say how many of a couple have to be younger: a person sets it, until then one is enough
    assert not senior(1976, 1977)
    assert senior(1976, 1976)
    assert senior(1976, 1977, needed=2)
    assert not senior(1977, 1977, needed=2)


def test_months_are_whole_ones() -> None:
    assert (months(date(2026, 1, 31), date(2026, 2, 28)), months(date(2026, 1, 31), date(2026, 3, 31))) == (0, 2)
