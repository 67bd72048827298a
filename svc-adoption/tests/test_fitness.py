"""Which child may be placed with whom, and what stands against it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svc_adoption.fitness import Child, Wanted, misfits
from svc_adoption.priority import Facts

DAY = date(2026, 11, 22)
COUPLE = Facts(couple=True, children=0, born=[date(1990, 1, 1)] * 2, religion="islam")
SINGLE = COUPLE.model_copy(update={"couple": False, "born": (date(1990, 1, 1),)})
GIRL = Child(sex="girl", born=date(2024, 5, 1), health="healthy", religion="islam")
BOY = GIRL.model_copy(update={"sex": "boy"})


def against(*children: Child, facts: Facts = COUPLE, wanted: Wanted | None = None, **said: Any) -> list[str]:
    wanted = wanted or Wanted(to_months=200, siblings=len(children))
    return [each.code for each in misfits(children, facts, wanted, on=DAY, at_most=2, child_under=16, **said)]


@pytest.mark.parametrize(
    ("children", "facts", "codes"),
    [
        ([GIRL], COUPLE, []),
        ([BOY], COUPLE, []),
        ([GIRL], SINGLE, []),
        ([BOY], SINGLE, ["girls-only"]),
        ([GIRL, BOY], SINGLE, ["girls-only"]),
        ([GIRL, BOY], COUPLE, []),
        ([GIRL, BOY], COUPLE.model_copy(update={"placed": 1}), ["too-many-children"]),
        ([GIRL], COUPLE.model_copy(update={"placed": 2}), ["too-many-children"]),
        ([GIRL.model_copy(update={"born": date(2010, 11, 22)})], COUPLE, ["too-old"]),
        ([GIRL.model_copy(update={"born": date(2010, 11, 23)})], COUPLE, []),
        ([GIRL.model_copy(update={"religion": "christianity"})], COUPLE, ["religion-not-shared"]),
        ([GIRL], COUPLE.model_copy(update={"religion": "zoroastrianism"}), ["religion-not-shared"]),
        ([GIRL.model_copy(update={"religion": None})], COUPLE, []),
    ],
)
def test_what_the_law_says(children: list[Child], facts: Facts, codes: list[str]) -> None:
    assert against(*children, facts=facts) == codes


def test_a_court_may_except_from_two_of_them_alone() -> None:
    christian = GIRL.model_copy(update={"religion": "christianity"})
    assert against(christian, permits=frozenset({"religion"})) == []
    # only towards Muslims
    other = COUPLE.model_copy(update={"religion": "judaism"})
    assert against(christian, facts=other, permits=frozenset({"religion"})) == ["religion-not-shared"]
    assert against(GIRL, BOY, GIRL, permits=frozenset({"siblings"})) == []
    assert against(BOY, facts=SINGLE, permits=frozenset({"religion", "siblings"})) == ["girls-only"]


def test_a_wish_is_no_law_and_says_so() -> None:
    wanted = Wanted(sex="boy", from_months=0, to_months=12, health="healthy", siblings=1)
    lasting = GIRL.model_copy(update={"health": "lasting"})
    found = misfits([lasting, GIRL], COUPLE, wanted, on=DAY, at_most=2, child_under=16)
    assert [each.code for each in found] == [
        "other-sex-wanted",
        "other-age-wanted",
        "healthier-child-wanted",
        "fewer-children-wanted",
    ]
    assert not any(each.law for each in found)
    # the day on which a child is as old as the wish ends is outside of it
    assert against(GIRL, wanted=Wanted(from_months=30, to_months=31)) == []
    assert against(GIRL, wanted=Wanted(from_months=29, to_months=30)) == ["other-age-wanted"]


CHILDREN = st.builds(
    Child,
    sex=st.sampled_from(["girl", "boy"]),
    born=st.dates(date(2009, 1, 1), DAY),
    health=st.sampled_from(["healthy", "treatable", "lasting"]),
    religion=st.sampled_from([None, "islam", "christianity"]),
)
WISHES = st.builds(
    Wanted,
    sex=st.sampled_from(["girl", "boy", "any"]),
    from_months=st.integers(0, 100),
    to_months=st.integers(101, 192),
    health=st.sampled_from(["healthy", "treatable", "any"]),
    siblings=st.integers(1, 3),
)


@given(st.lists(CHILDREN, min_size=1, max_size=3), WISHES)
def test_a_wider_wish_never_takes_a_child_away(children: list[Child], wanted: Wanted) -> None:
    wider = Wanted(sex="any", from_months=0, to_months=192, health="any", siblings=3)
    assert set(against(*children, wanted=wider)) <= set(against(*children, wanted=wanted))
