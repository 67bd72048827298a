"""What follows from a result, for any result."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svc_screening.decisions import (
    Ears,
    Eyes,
    Instrument,
    Items,
    Outcome,
    Protocol,
    Result,
    Rule,
    Stage,
    decide,
    misfit,
)

SEEDED = json.loads((Path(__file__).parents[1] / "migrations" / "data" / "programmes.json").read_text("utf-8"))
TENTHS = [f"{line}/10" for line in range(1, 11)]
RULE = {"code", "kind", "stages", "instruments", "from_months", "to_months", "figures"}


def protocol(code: str, *, vouched: set[str] | None = None, **figures: dict[str, int]) -> Protocol:
    """A programme as it comes, or with other rules vouched for and figures set."""
    (said,) = [each for each in SEEDED if each["code"] == code]
    rules = []
    for each in said["rules"]:
        document: dict[str, Any] = {name: value for name, value in each.items() if name in RULE}
        rules.append(Rule.model_validate(document | {"figures": figures.get(each["code"], document.get("figures"))}))
    confirmed = {each["code"] for each in said["rules"] if each["standing"] == "confirmed"}
    return Protocol(
        stages={each["code"]: Stage.model_validate(each) for each in said["stages"]},
        instruments={each["code"]: Instrument.model_validate(each) for each in said["instruments"]},
        rules=rules,
        vouched=frozenset(confirmed if vouched is None else vouched),
    )


VISION, NEWBORN, AUTISM = protocol("vision"), protocol("hearing-newborn"), protocol("autism")


def eyes(right: str | None, left: str | None, **said: Any) -> Eyes:
    return Eyes.model_validate({"shape": "eyes", "right": {"acuity": right}, "left": {"acuity": left}, **said})


def vision(result: Result, *, stage: str = "repeat", age: int = 60, instrument: str = "e-chart") -> tuple[Outcome, str]:
    made = decide(VISION, result, stage=stage, instrument=instrument, age_months=age)
    return made.outcome, made.reason


@pytest.mark.parametrize(
    ("right", "left", "outcome", "reason"),
    [
        ("10/10", "10/10", "normal", "within-the-rules"),
        ("7/10", "8/10", "normal", "within-the-rules"),
        ("6/10", "7/10", "refer", "below-cut-off"),
        ("10/10", "6/10", "refer", "below-cut-off"),
        ("10/10", "8/10", "refer", "lines-apart"),
        ("10/10", "9/10", "normal", "within-the-rules"),
        ("3/10", None, "refer", "below-cut-off"),
        ("10/10", None, "not-testable", "not-testable"),
        (None, None, "not-testable", "not-testable"),
    ],
)
def test_the_repeat_test_refers_below_20_30_in_either_eye_or_two_lines_apart(
    right: str | None, left: str | None, outcome: str, reason: str
) -> None:
    assert vision(eyes(right, left)) == (outcome, reason)


def test_20_30_itself_is_not_below() -> None:
    assert vision(eyes("20/30", "20/25"), instrument="e-chart-feet") == ("normal", "within-the-rules")
    assert vision(eyes("20/40", "20/30"), instrument="e-chart-feet") == ("refer", "below-cut-off")


def test_failing_the_first_test_leads_to_the_repeat_and_nothing_else() -> None:
    made = decide(VISION, eyes("1/10", "10/10"), stage="first", instrument="e-chart", age_months=60)
    assert (made.outcome, made.then, made.refers_to, made.within_days) == ("rescreen", "repeat", None, None)
    made = decide(VISION, eyes("1/10", "10/10"), stage="repeat", instrument="e-chart", age_months=60)
    assert (made.outcome, made.then, made.refers_to) == ("refer", None, "optometrist")
    assert (made.rule, made.found) == ("either-eye-below", {"eyes": ["right"], "cut_off": "20/30"})


def test_what_the_torch_shows_fails_even_who_cannot_read_the_chart() -> None:
    assert vision(eyes(None, None, strabismus="seen")) == ("refer", "strabismus-seen")


def test_no_rule_was_found_for_younger_children_so_nothing_is_decided() -> None:
    assert vision(eyes("1/10", "1/10"), age=35) == ("undecided", "no-rule-for-this-test")
    assert vision(eyes("1/10", "1/10"), age=84) == ("undecided", "no-rule-for-this-test")
    assert vision(eyes("1/10", "1/10"), age=36) == ("refer", "below-cut-off")


def test_a_photoscreener_decides_nothing_until_its_limits_are_signed_off() -> None:
    said = Eyes.model_validate({"shape": "eyes", "right": {"sphere": -400, "cylinder": 0}, "left": {"sphere": 0}})
    made = decide(VISION, said, stage="first", instrument="photoscreener", age_months=60)
    assert (made.outcome, made.reason, made.rule) == ("undecided", "rule-not-signed-off", "photoscreener-limits")
    limits = {"myopia": 150, "hyperopia": 250, "astigmatism": 150, "anisometropia": 100}
    signed = protocol("vision", vouched={"photoscreener-limits"}, **{"photoscreener-limits": limits})
    assert decide(signed, said, stage="first", instrument="photoscreener", age_months=60).outcome == "rescreen"


def test_an_ear_that_teoae_refers_is_tested_again_in_two_to_four_weeks_and_then_goes_to_audiology() -> None:
    said = Ears(shape="ears", right="pass", left="refer")  # type: ignore[arg-type]
    first = decide(NEWBORN, said, stage="teoae", instrument="teoae", age_months=0)
    assert (first.outcome, first.then, first.within_days) == ("rescreen", "aabr", (14, 28))
    again = decide(NEWBORN, said, stage="aabr", instrument="aabr", age_months=1)
    assert (again.outcome, again.refers_to, again.found) == ("refer", "audiology", {"ears": ["left"]})


@given(st.lists(st.sampled_from(["yes", "no", None]), min_size=10, max_size=10))
def test_more_than_three_yes_refer_and_what_cannot_reach_that_is_normal(answers: list[str | None]) -> None:
    said = Items.model_validate({"shape": "items", "answers": answers})
    outcome = decide(AUTISM, said, stage="questions", instrument="ten-questions", age_months=36).outcome
    yes, unknown = answers.count("yes"), answers.count(None)
    assert outcome == ("refer" if yes > 3 else "normal" if yes + unknown <= 3 else "not-testable")


acuities = st.none() | st.sampled_from(TENTHS)


@given(acuities, acuities, st.sampled_from([None, "seen", "not-seen"]), st.sampled_from(["first", "repeat"]))
def test_eyes_are_equal_and_seeing_better_never_makes_it_worse(
    right: str | None, left: str | None, strabismus: str | None, stage: str
) -> None:
    made = vision(eyes(right, left, strabismus=strabismus), stage=stage)
    assert made == vision(eyes(left, right, strabismus=strabismus), stage=stage)
    if right is not None and right == left and strabismus != "seen":
        better = f"{min(10, int(right.partition('/')[0]) + 1)}/10"
        if made[0] == "normal":
            assert vision(eyes(better, better, strabismus=strabismus), stage=stage)[0] == "normal"


@given(acuities, acuities, st.sets(st.sampled_from(["either-eye-below", "two-lines-apart", "strabismus-by-torch"])))
def test_a_rule_that_nobody_vouches_for_never_fails_and_never_clears_anybody(
    right: str | None, left: str | None, vouched: set[str]
) -> None:
    some = decide(
        protocol("vision", vouched=vouched), eyes(right, left), stage="repeat", instrument="e-chart", age_months=60
    )
    every = decide(VISION, eyes(right, left), stage="repeat", instrument="e-chart", age_months=60)
    if some.outcome == "refer":
        assert every.outcome == "refer"
        assert some.rule in vouched
    if some.outcome == "normal":
        assert every.outcome == "normal"
    if len(vouched) < 3:
        assert some.outcome != "normal"


@pytest.mark.parametrize(
    ("stage", "instrument", "result", "wrong"),
    [
        ("third", "e-chart", eyes("1/10", "1/10"), "stage-unknown"),
        ("first", "ruler", eyes("1/10", "1/10"), "instrument-unknown"),
        ("first", "e-chart", Ears(shape="ears", right="pass", left="pass"), "result-of-another-shape"),  # type: ignore[arg-type]
        ("first", "e-chart", eyes("20/30", "1/10"), "not-a-line-of-the-chart"),
        ("first", "e-chart", eyes("1/10", None), None),
    ],
)
def test_a_result_fits_its_stage_and_instrument(stage: str, instrument: str, result: Result, wrong: str | None) -> None:
    assert misfit(VISION, stage=stage, instrument=instrument, result=result) == wrong
