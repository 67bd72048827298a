"""What follows from a result: a pure function of a protocol, a result and an age. Nothing is decided elsewhere.

A rule that nobody has vouched for (neither a published source nor a second person's signature) decides nothing. It is
not passed over either: where it might have failed a person whom no other rule fails, the decision is `undecided` and
names it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.kit.problems import InvalidValue
from shared.kit.text import Code


class Acuity(Code):
    """How well an eye sees, as charts are read: `6/10` or `20/30`. Compared as fractions, so that charts agree."""

    pattern = "^[0-9۰-۹٠-٩]{1,2}/[0-9۰-۹٠-٩]{1,3}$"
    examples = ("6/10", "20/30")
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        numerator, slash, denominator = text.partition("/")
        if not (
            slash
            and numerator.isdecimal()
            and denominator.isdecimal()
            and 0 < len(numerator) < 3
            and 0 < len(denominator) < 4
            and 0 < int(numerator) <= 2 * int(denominator)
        ):
            raise InvalidValue("acuity", fa="دید باید مانند 6/10 یا 20/30 باشد", en="an acuity is like 6/10 or 20/30")
        return f"{int(numerator)}/{int(denominator)}"

    @property
    def fraction(self) -> Fraction:
        return _fraction(self)


_fraction = lru_cache(maxsize=1000)(Fraction)  # a chart has ten lines, and reading one costs more than all the rest


class Shape(StrEnum):
    """What a result consists of."""

    EYES = "eyes"
    EARS = "ears"
    ITEMS = "items"


class Kind(StrEnum):
    """What a rule of a protocol says, and which figures it needs for that (`FIGURES`)."""

    ACUITY_BELOW = "acuity-below"
    LINES_APART = "lines-apart"
    STRABISMUS_SEEN = "strabismus-seen"
    REFRACTION_BEYOND = "refraction-beyond"
    EAR_REFERRED = "ear-referred"
    YES_MORE_THAN = "yes-more-than"
    RETEST_WITHIN = "retest-within"
    SCREENED_EVERY = "screened-every"
    FOLLOWED_UNTIL = "followed-until"
    DONE_BEFORE = "done-before"
    REFERRAL_DUE = "referral-due"


FIGURES: Mapping[Kind, tuple[str, ...]] = {
    Kind.ACUITY_BELOW: ("numerator", "denominator"),
    Kind.LINES_APART: ("lines",),
    Kind.STRABISMUS_SEEN: (),
    Kind.REFRACTION_BEYOND: ("myopia", "hyperopia", "astigmatism", "anisometropia"),
    Kind.EAR_REFERRED: (),
    Kind.YES_MORE_THAN: ("yes",),
    Kind.RETEST_WITHIN: ("from_days", "to_days"),
    Kind.SCREENED_EVERY: ("months",),
    Kind.FOLLOWED_UNTIL: ("years",),
    Kind.DONE_BEFORE: ("months",),
    Kind.REFERRAL_DUE: ("days",),
}
"""The figures that a rule of each kind needs. Refraction is in hundredths of a dioptre."""

SHAPE_OF: Mapping[Kind, Shape] = {
    Kind.ACUITY_BELOW: Shape.EYES,
    Kind.LINES_APART: Shape.EYES,
    Kind.STRABISMUS_SEEN: Shape.EYES,
    Kind.REFRACTION_BEYOND: Shape.EYES,
    Kind.EAR_REFERRED: Shape.EARS,
    Kind.YES_MORE_THAN: Shape.ITEMS,
}
"""The kinds that decide on a result, and on which; the others set times."""

Word = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,39}$")]
Months = Annotated[int, Field(ge=0, le=1440)]


class Instrument(BaseModel):
    """With what a person is tested, and what a result of it looks like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Word
    name_fa: Annotated[str, Field(min_length=1, max_length=100)]
    name_en: Annotated[str, Field(min_length=1, max_length=100)]
    shape: Shape
    lines: Annotated[
        tuple[Acuity, ...], Field(max_length=30, description="Of a chart, from the worst to the best")
    ] = ()
    items: Annotated[int | None, Field(ge=1, le=200, description="How many questions it has")] = None

    @cached_property
    def places(self) -> Mapping[Fraction, int]:
        """Which line of the chart an acuity is."""
        return {line.fraction: place for place, line in enumerate(self.lines)}


class Stage(BaseModel):
    """A step of screening: what who fails it is sent to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Word
    name_fa: Annotated[str, Field(min_length=1, max_length=100)]
    name_en: Annotated[str, Field(min_length=1, max_length=100)]
    instruments: Annotated[tuple[Word, ...], Field(min_length=1, max_length=20)]
    then: Annotated[Word | None, Field(description="The stage that failing leads to: the test is repeated there")] = (
        None
    )
    refers_to: Annotated[Word | None, Field(description="Whom failing leads to, where no stage follows")] = None
    repeats: Annotated[Word | None, Field(description="The stage whose failed test this one must name")] = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if (self.then is None) == (self.refers_to is None):
            raise InvalidValue(
                "leads-nowhere",
                fa="هر گام یا به گام دیگری می‌رسد یا به ارجاع",
                en="a stage leads either to another stage or to a referral",
            )
        return self


class Rule(BaseModel):
    """One figure, or a few that belong together, that a programme goes by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Word
    kind: Kind
    stages: Annotated[tuple[Word, ...], Field(max_length=10, description="Empty: every stage")] = ()
    instruments: Annotated[tuple[Word, ...], Field(max_length=20, description="Empty: every instrument")] = ()
    from_months: Annotated[Months | None, Field(description="From this age on, in whole months")] = None
    to_months: Annotated[Months | None, Field(description="Below this age, in whole months")] = None
    figures: Annotated[
        dict[str, Annotated[int, Field(ge=0, le=100_000)]] | None, Field(description="None: nobody has set them yet")
    ] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.figures is not None and set(self.figures) != set(FIGURES[self.kind]):
            names = ", ".join(FIGURES[self.kind]) or "–"
            raise InvalidValue(
                "figures-of-another-kind", fa=f"رقم‌های این قاعده: {names}", en=f"a rule of this kind takes: {names}"
            )
        if self.kind == Kind.ACUITY_BELOW and self.figures is not None and not self.figures["denominator"]:
            raise InvalidValue("acuity", fa="مخرج صفر نمی‌شود", en="a denominator is not zero")
        if self.from_months is not None and self.to_months is not None and self.to_months <= self.from_months:
            raise InvalidValue("ages-out-of-order", fa="سن‌ها به ترتیب نیست", en="the ages are out of order")
        return self

    def applies(self, *, stage: str, instrument: str, age_months: int) -> bool:
        return (
            (not self.stages or stage in self.stages)
            and (not self.instruments or instrument in self.instruments)
            and (self.from_months is None or age_months >= self.from_months)
            and (self.to_months is None or age_months < self.to_months)
        )


@dataclass(frozen=True)
class Protocol:
    """A version of a programme's rules, as deciding needs it."""

    stages: Mapping[str, Stage]
    instruments: Mapping[str, Instrument]
    rules: Sequence[Rule]
    vouched: frozenset[str]
    """The codes of the rules that may decide: confirmed by a source, or signed off."""

    def timing(self, kind: Kind, *, stage: str | None = None) -> Mapping[str, int] | None:
        """The figures of the rule of that kind (for that stage), if there is one that may be gone by."""
        for rule in self.rules:
            if rule.kind == kind and rule.code in self.vouched and (not rule.stages or stage in rule.stages):
                return rule.figures
        return None


class Eye(BaseModel):
    """One eye. Everything empty: it could not be tested."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acuity: Acuity | None = None
    sphere: Annotated[int | None, Field(ge=-3000, le=3000, description="Hundredths of a dioptre")] = None
    cylinder: Annotated[int | None, Field(ge=-2000, le=2000, description="Hundredths of a dioptre")] = None


class Eyes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Literal[Shape.EYES]
    right: Eye
    left: Eye
    strabismus: Annotated[Literal["seen", "not-seen"] | None, Field(description="By torch; None: not looked for")] = (
        None
    )


Ear = Literal["pass", "refer", "not-testable"]


class Ears(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Literal[Shape.EARS]
    right: Ear
    left: Ear


class Items(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Literal[Shape.ITEMS]
    answers: Annotated[
        tuple[Literal["yes", "no"] | None, ...], Field(min_length=1, max_length=200, description="null: not answered")
    ]


Result = Annotated[Eyes | Ears | Items, Field(discriminator="shape")]


class Outcome(StrEnum):
    NORMAL = "normal"
    RESCREEN = "rescreen"
    REFER = "refer"
    NOT_TESTABLE = "not-testable"
    REFUSED = "refused"
    ABSENT = "absent"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows, by which rule, and why."""

    outcome: Outcome
    reason: str
    rule: str | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    """What the reason is about: which eye, which line, how many."""
    then: str | None = None
    """The stage at which the test is repeated."""
    refers_to: str | None = None
    within_days: tuple[int, int] | None = None
    """From when to when the repeat is due, counted from the test; None: no rule says."""


def misfit(protocol: Protocol, *, stage: str, instrument: str, result: Result | None) -> str | None:
    """Why a result cannot be one of that stage and instrument, as a code; None when it can."""
    if stage not in protocol.stages:
        return "stage-unknown"
    if instrument not in protocol.stages[stage].instruments or instrument not in protocol.instruments:
        return "instrument-unknown"
    if result is None:
        return None
    used = protocol.instruments[instrument]
    if result.shape != used.shape:
        return "result-of-another-shape"
    if isinstance(result, Items) and used.items is not None and len(result.answers) != used.items:
        return "number-of-answers"
    if isinstance(result, Eyes) and used.lines:
        read = [eye.acuity for eye in (result.right, result.left) if eye.acuity is not None]
        if any(acuity.fraction not in used.places for acuity in read):
            return "not-a-line-of-the-chart"
    return None


def decide(protocol: Protocol, result: Result, *, stage: str, instrument: str, age_months: int) -> Decision:
    """What follows from the result of a test; `misfit` must have said None of it."""
    rules = [
        rule
        for rule in protocol.rules
        if SHAPE_OF.get(rule.kind) == result.shape
        and rule.applies(stage=stage, instrument=instrument, age_months=age_months)
    ]
    if not rules:
        return Decision(Outcome.UNDECIDED, "no-rule-for-this-test", found={"age_months": age_months})
    used = protocol.instruments[instrument]
    for rule in rules:
        if rule.code in protocol.vouched:
            for reason, found in _failed(rule, result, used):
                return _sent_on(protocol, protocol.stages[stage], rule, reason, found)
    if missing := _untested(result, rules):
        return Decision(Outcome.NOT_TESTABLE, "not-testable", found={"missing": missing})
    for rule in rules:
        if rule.code not in protocol.vouched:
            return Decision(Outcome.UNDECIDED, "rule-not-signed-off", rule.code)
    return Decision(Outcome.NORMAL, "within-the-rules", rules[0].code)


def _sent_on(protocol: Protocol, stage: Stage, rule: Rule, reason: str, found: Mapping[str, Any]) -> Decision:
    if stage.then is None:
        return Decision(Outcome.REFER, reason, rule.code, found, refers_to=stage.refers_to)
    window = protocol.timing(Kind.RETEST_WITHIN, stage=stage.code)
    within = None if window is None else (window["from_days"], window["to_days"])
    return Decision(Outcome.RESCREEN, reason, rule.code, found, then=stage.then, within_days=within)


def _failed(rule: Rule, result: Result, used: Instrument) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Why the rule fails the result, with what was found; nothing when it does not."""
    figures = rule.figures or {}
    match rule.kind, result:
        case Kind.ACUITY_BELOW, Eyes():
            cut_off = f"{figures['numerator']}/{figures['denominator']}"
            limit = _fraction(cut_off)
            below = [side for side, eye in _sides(result) if eye.acuity is not None and eye.acuity.fraction < limit]
            if below:
                yield "below-cut-off", {"eyes": below, "cut_off": cut_off}
        case Kind.LINES_APART, Eyes():
            right, left = result.right.acuity, result.left.acuity
            if right is not None and left is not None and used.lines:
                apart = abs(used.places[right.fraction] - used.places[left.fraction])
                if apart >= figures["lines"]:
                    yield "lines-apart", {"lines": apart, "limit": figures["lines"]}
        case Kind.STRABISMUS_SEEN, Eyes() if result.strabismus == "seen":
            yield "strabismus-seen", {}
        case Kind.REFRACTION_BEYOND, Eyes():
            beyond = [side for side, eye in _sides(result) if _refracts(eye, figures)]
            spheres = [eye.sphere for _, eye in _sides(result) if eye.sphere is not None]
            if beyond:
                yield "refraction-beyond", {"eyes": beyond}
            elif len(spheres) == 2 and abs(spheres[0] - spheres[1]) >= figures["anisometropia"]:
                yield "eyes-differ", {"limit": figures["anisometropia"]}
        case Kind.EAR_REFERRED, Ears():
            ears = [side for side in ("right", "left") if getattr(result, side) == "refer"]
            if ears:
                yield "ear-referred", {"ears": ears}
        case Kind.YES_MORE_THAN, Items():
            yes = result.answers.count("yes")
            if yes > figures["yes"]:
                yield "more-yes-than-the-limit", {"yes": yes, "limit": figures["yes"]}
        case _:
            return


def _sides(result: Eyes) -> tuple[tuple[str, Eye], tuple[str, Eye]]:
    return ("right", result.right), ("left", result.left)


def _refracts(eye: Eye, limits: Mapping[str, int]) -> bool:
    return (eye.sphere is not None and (eye.sphere <= -limits["myopia"] or eye.sphere >= limits["hyperopia"])) or (
        eye.cylinder is not None and abs(eye.cylinder) >= limits["astigmatism"]
    )


def _untested(result: Result, rules: Sequence[Rule]) -> list[str]:
    """What of the result is missing, without which nobody can say that all is well."""
    match result:
        case Eyes():
            refraction = any(rule.kind == Kind.REFRACTION_BEYOND for rule in rules)
            return [side for side, eye in _sides(result) if (eye.sphere if refraction else eye.acuity) is None]
        case Ears():
            return [side for side in ("right", "left") if getattr(result, side) == "not-testable"]
        case Items():
            missing = [str(place) for place, answer in enumerate(result.answers, start=1) if answer is None]
            limits = [rule.figures["yes"] for rule in rules if rule.figures is not None]
            enough = bool(limits) and result.answers.count("yes") + len(missing) <= min(limits)
            return [] if enough else missing
