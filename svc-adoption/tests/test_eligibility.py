"""Articles 5 to 7, condition by condition."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kit.calendar import years_between
from svc_adoption.eligibility import (
    Category,
    Check,
    Eligibility,
    Exemption,
    Facts,
    Finding,
    Form,
    Person,
    Seen,
    examine,
)

TODAY = date(2026, 11, 22)
NUMBERS = {
    "adoption-marriage-years": 5,
    "adoption-one-spouse-over-years": 30,
    "adoption-single-from-years": 30,
    "adoption-children-at-most": 2,
}


def person(age: int, sex: str = "female", **said: object) -> Person:
    known = {"religion": "islam", "education": "diploma", "under_guardianship": False}
    return Person(birth_date=date(TODAY.year - age, 1, 1), sex=sex, **{**known, **said})  # type: ignore[arg-type]


COUPLE = Facts(
    form=Form.ADOPTION,
    category=Category.CHILDLESS_COUPLE,
    applicants=(person(35), person(38, "male")),
    married_on=date(2015, 1, 1),
    own_children=0,
    lives_in_iran=True,
    checks=dict.fromkeys(Check, True),
    seen=dict.fromkeys(Seen, True),
)
SINGLE = replace(COUPLE, category=Category.SINGLE_WOMAN, applicants=(person(33),), married_on=None, child_sex="girl")


def examined(facts: Facts, *, on: date = TODAY, **numbers: int) -> Eligibility:
    return examine(facts, on=on, numbers={**NUMBERS, **{name.replace("_", "-"): n for name, n in numbers.items()}})


def finding(facts: Facts, code: str, *, on: date = TODAY) -> Finding:
    (found,) = [each for each in examined(facts, on=on).findings if each.code == code]
    return found


@pytest.mark.parametrize(
    "facts",
    [
        COUPLE,
        SINGLE,
        replace(COUPLE, category=Category.COUPLE_WITH_CHILDREN, own_children=2, married_on=date(2025, 1, 1)),
    ],
)
def test_who_meets_every_condition_is_eligible(facts: Facts) -> None:
    found = examined(facts)
    assert (found.outcome, {each.met for each in found.findings}) == ("eligible", {True})
    assert {each.article for each in found.findings} == {"5", "6", "7"}


def test_a_reason_says_the_rule_and_the_facts_in_both_languages() -> None:
    young = replace(COUPLE, applicants=(person(29), person(28, "male")))
    found = finding(young, "one-spouse-over")
    assert (found.met, found.article) == (False, "5")
    assert found.en == "One of the spouses must be over 30: 29 and 28"
    assert found.fa == "یکی از زوجین باید بیش از 30 سال داشته باشد: 29 و 28"


def test_over_thirty_is_not_thirty() -> None:
    born = date(1996, 11, 22)  # 1375/09/02, thirty on 1405/09/02
    birthday = date(2026, 11, 23)
    assert (years_between(born, birthday - timedelta(days=1)), years_between(born, birthday)) == (29, 30)
    pair = replace(COUPLE, applicants=(replace(person(35), birth_date=born), person(25, "male")))
    assert finding(pair, "one-spouse-over", on=birthday).met is False
    assert finding(pair, "one-spouse-over", on=birthday + timedelta(days=1)).met is True
    # a single woman has to be thirty, and is on the day
    alone = replace(SINGLE, applicants=(replace(person(35), birth_date=born),))
    assert finding(alone, "single-from", on=birthday - timedelta(days=1)).met is False
    assert finding(alone, "single-from", on=birthday).met is True


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(COUPLE, married_on=date(2022, 1, 1)), "marriage-years"),
        (replace(COUPLE, own_children=1), "who-asks"),
        (replace(COUPLE, category=Category.COUPLE_WITH_CHILDREN), "who-asks"),
        (replace(COUPLE, applicants=(person(35), person(38))), "who-asks"),
        (replace(SINGLE, married_on=date(2015, 1, 1)), "who-asks"),
        (replace(SINGLE, applicants=(person(29),)), "single-from"),
        (replace(SINGLE, child_sex="any"), "girls-only"),
        (replace(COUPLE, checks={**COUPLE.checks, Check.ADDICTION: False}), "no-addiction"),
        (replace(COUPLE, checks={**COUPLE.checks, Check.CRIMINAL_RECORD: False}), "no-conviction"),
        (replace(COUPLE, checks={**COUPLE.checks, Check.HEALTH: False}), "health"),
        (replace(COUPLE, seen={**COUPLE.seen, Seen.MEANS: False}), "means"),
        (
            replace(COUPLE, applicants=(person(35, under_guardianship=True), person(38, "male"))),
            "not-under-guardianship",
        ),
        (replace(COUPLE, placed_children=2), "children-at-most"),
    ],
)
def test_one_condition_that_is_not_met_is_enough(facts: Facts, code: str) -> None:
    found = examined(facts)
    assert found.outcome == "not-eligible"
    assert [each.code for each in found.findings if each.met is False] == [code]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(COUPLE, married_on=None), "marriage-years"),
        (replace(COUPLE, own_children=None), "who-asks"),
        (replace(COUPLE, checks={**COUPLE.checks, Check.HEALTH: None}), "health"),
        (replace(COUPLE, seen={}), "observance"),
        (replace(COUPLE, applicants=(person(35, religion=None), person(38, "male"))), "religion"),
        (
            replace(COUPLE, applicants=(person(35, under_guardianship=None), person(38, "male"))),
            "not-under-guardianship",
        ),
    ],
)
def test_what_nobody_has_said_is_open_and_never_assumed(facts: Facts, code: str) -> None:
    assert (examined(facts).outcome, finding(facts, code).met) == ("open", None)


def test_without_its_number_a_condition_is_open() -> None:
    for facts, code in (
        (COUPLE, "marriage-years"),
        (COUPLE, "one-spouse-over"),
        (SINGLE, "single-from"),
        (COUPLE, "children-at-most"),
    ):
        found = examine(facts, on=TODAY, numbers={})
        assert found.outcome == "open"
        assert [each.met for each in found.findings if each.code == code] == [None]


def test_what_frees_from_a_condition_frees_from_that_alone() -> None:
    newly_wed = replace(COUPLE, married_on=date(2025, 1, 1))
    infertile = replace(newly_wed, exemptions=frozenset({Exemption.INFERTILITY}))
    assert examined(newly_wed).outcome == "not-eligible"
    assert (examined(infertile).outcome, finding(infertile, "marriage-years").exempted_by) == (
        "eligible",
        "infertility",
    )
    young = replace(infertile, applicants=(person(25), person(24, "male")))
    assert examined(young).outcome == "not-eligible"
    by_court = replace(young, exemptions=frozenset({Exemption.RELATIVES}))
    assert examined(by_court).outcome == "not-eligible", "the court's exemption is for relatives"
    assert examined(replace(by_court, relatives=True)).outcome == "eligible"
    # no court makes an exception of what Article 6 asks for, or gives a boy to a single woman
    addicted = replace(by_court, relatives=True, checks={**COUPLE.checks, Check.ADDICTION: False})
    assert examined(addicted).outcome == "not-eligible"
    woman = replace(SINGLE, relatives=True, exemptions=frozenset(Exemption), child_sex="boy")
    assert examined(woman).outcome == "not-eligible"


def test_temporary_care_asks_what_its_practice_note_does() -> None:
    host = replace(SINGLE, form=Form.TEMPORARY_CARE, child_sex="boy", child_to_months=72)
    found = examined(host)
    assert (found.outcome, [each.code for each in found.findings if each.met is None]) == ("open", ["age-gap"])
    assert examined(host, temporary_care_age_gap_years=20).outcome == "eligible"
    assert examined(host, temporary_care_age_gap_years=30).outcome == "not-eligible"
    unschooled = replace(host, applicants=(person(33, education="below-diploma"),))
    abroad = replace(host, lives_in_iran=False)
    for facts, code in ((unschooled, "diploma"), (abroad, "residence")):
        assert finding(facts, code).met is False


@pytest.mark.parametrize("form", [Form.GUARDIANSHIP, Form.TRUSTEESHIP])
def test_where_no_published_text_says_anything_people_decide(form: Form) -> None:
    found = examined(replace(COUPLE, form=form))
    assert (found.outcome, [each.met for each in found.findings]) == ("open", [None])


people = st.builds(
    Person,
    birth_date=st.dates(date(1940, 1, 1), date(2015, 1, 1)),
    sex=st.sampled_from(["female", "male"]),
    religion=st.none() | st.just("islam"),
    education=st.none() | st.sampled_from(["none", "diploma"]),
    under_guardianship=st.none() | st.booleans(),
)
anything = st.builds(
    Facts,
    form=st.sampled_from(Form),
    category=st.sampled_from(Category),
    relatives=st.booleans(),
    applicants=st.lists(people, min_size=1, max_size=2).map(tuple),
    married_on=st.none() | st.dates(date(1980, 1, 1), TODAY),
    own_children=st.none() | st.integers(0, 3),
    placed_children=st.integers(0, 3),
    child_sex=st.sampled_from(["girl", "boy", "any"]),
    child_to_months=st.none() | st.integers(1, 216),
    lives_in_iran=st.none() | st.booleans(),
    checks=st.dictionaries(st.sampled_from(Check), st.none() | st.booleans()),
    seen=st.dictionaries(st.sampled_from(Seen), st.booleans()),
    exemptions=st.frozensets(st.sampled_from(Exemption)),
)


@settings(max_examples=50, deadline=None)
@given(facts=anything, later=st.integers(0, 4_000))
def test_nobody_becomes_too_young_by_waiting(facts: Facts, later: int) -> None:
    before = {each.code: each for each in examined(facts).findings}
    after = {each.code: each for each in examined(facts, on=TODAY + timedelta(days=later)).findings}
    assert before.keys() == after.keys()
    assert all(after[code].met for code, found in before.items() if found.met)


@settings(max_examples=50, deadline=None)
@given(facts=anything, more=st.sampled_from(Exemption))
def test_an_exemption_never_takes_anything_away(facts: Facts, more: Exemption) -> None:
    order = {"not-eligible": 0, "open": 1, "eligible": 2}
    with_more = replace(facts, exemptions=facts.exemptions | {more})
    assert order[examined(with_more).outcome] >= order[examined(facts).outcome]


@settings(max_examples=50, deadline=None)
@given(facts=anything)
def test_the_outcome_is_what_the_findings_say_and_each_has_its_reason(facts: Facts) -> None:
    found = examined(facts)
    met = {each.met for each in found.findings}
    assert found.outcome == ("not-eligible" if False in met else "open" if None in met else "eligible")
    assert all(each.fa and each.en and each.article for each in found.findings)
    assert len({each.code for each in found.findings}) == len(found.findings)
