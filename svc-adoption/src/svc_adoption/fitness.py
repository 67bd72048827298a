"""Whether children can be placed with a family: pure rules, each with the article that it comes from."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.kit.calendar import years_between
from svc_adoption.priority import Facts, months

AT_MOST: Final = "adoption-children-at-most"
"""The rule on how many children may be placed with one family (Article 7: two)."""
CHILD_UNDER: Final = "adoption-child-under-years"
"""The rule with the age that a child must be younger than (sixteen)."""
ISLAM: Final = "islam"

TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "healthy": frozenset({"healthy"}),
    "treatable": frozenset({"healthy", "treatable"}),
    "any": frozenset({"healthy", "treatable", "lasting"}),
}
"""Wish → the health of a child that meets it."""

Permit = Literal["religion", "siblings"]
"""From what a court may except: a child who is not Muslim placed with Muslims; brothers and sisters beyond two."""


class Child(BaseModel):
    """What matching needs of a child."""

    model_config = ConfigDict(frozen=True)

    sex: Literal["girl", "boy"]
    born: date
    health: Literal["healthy", "treatable", "lasting"]
    religion: str | None
    """None where nobody knows it."""


class Wanted(BaseModel):
    """Which child a family would take; ages in months, from the first to before the last."""

    model_config = ConfigDict(frozen=True)

    sex: Literal["girl", "boy", "any"] = "any"
    from_months: int = 0
    to_months: int = 16 * 12
    health: Literal["healthy", "treatable", "any"] = "any"
    siblings: int = 1
    """How many together at most."""


class Misfit(BaseModel):
    """Why not: by law, or because the family wishes otherwise."""

    model_config = ConfigDict(frozen=True)

    code: str
    law: bool = False
    article: Annotated[str | None, Field(description="Of the law of 31/6/1392")] = None
    fa: str
    en: str


def misfits(
    children: Sequence[Child],
    facts: Facts,
    wanted: Wanted,
    *,
    on: date,
    at_most: int,
    child_under: int,
    permits: frozenset[Permit] = frozenset(),
) -> list[Misfit]:
    """All that stands against placing these children, who stay together, with the family; by law first."""
    return [
        *_by_law(children, facts, on=on, at_most=at_most, child_under=child_under, permits=permits),
        *_by_wish(children, wanted, on=on),
    ]


def _by_law(
    children: Sequence[Child], facts: Facts, *, on: date, at_most: int, child_under: int, permits: frozenset[Permit]
) -> Iterator[Misfit]:
    if not facts.couple and any(child.sex != "girl" for child in children):
        yield Misfit(
            code="girls-only",
            law=True,
            article="5",
            fa="زنان و دختران بدون شوهر تنها سرپرستی دختر را می‌پذیرند",
            en="A single woman may take in girls only",
        )
    if (count := facts.placed + len(children)) > at_most and "siblings" not in permits:
        yield Misfit(
            code="too-many-children",
            law=True,
            article="7",
            fa=f"بیش از {at_most} کودک به یک خانواده سپرده نمی‌شود: {count}",
            en=f"At most {at_most} children are placed with one family: {count}",
        )
    if any(years_between(child.born, on) >= child_under for child in children):
        yield Misfit(
            code="too-old",
            law=True,
            fa=f"کودک باید کمتر از {child_under} سال داشته باشد",
            en=f"The child must be younger than {child_under}",
        )
    for child in children:
        if child.religion is None or child.religion == facts.religion:
            continue
        if facts.religion == ISLAM and "religion" in permits:
            continue
        yield Misfit(
            code="religion-not-shared",
            law=True,
            article="6",
            fa="دین کودک و خانواده یکی نیست",
            en="Child and family do not share a religion",
        )
        return


def _by_wish(children: Sequence[Child], wanted: Wanted, *, on: date) -> Iterator[Misfit]:
    if wanted.sex != "any" and any(child.sex != wanted.sex for child in children):
        yield Misfit(code="other-sex-wanted", fa="جنس دیگری خواسته‌اند", en="They wish for the other sex")
    if any(not wanted.from_months <= months(child.born, on) < wanted.to_months for child in children):
        yield Misfit(code="other-age-wanted", fa="سن دیگری خواسته‌اند", en="They wish for another age")
    if any(child.health not in TAKEN[wanted.health] for child in children):
        yield Misfit(code="healthier-child-wanted", fa="کودک سالم‌تری خواسته‌اند", en="They wish for a healthier child")
    if len(children) > wanted.siblings:
        yield Misfit(
            code="fewer-children-wanted",
            fa="کودکان کمتری را با هم می‌پذیرند",
            en="They would take fewer children together",
        )
