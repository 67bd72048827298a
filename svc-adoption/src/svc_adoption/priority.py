"""Whose turn it is: Article 5, notes 3 and 4, as pure rules.

Childless couples come before single childless women, and those before couples with children (note 3). Among equals
who are younger than fifty come before who are not (note 4), then whoever has waited longer. Whom note 3 does not name
comes after those it names. What the notes leave open, how many of a couple must be younger, is a dated rule that a
person sets; until then a couple counts as older only when both are, so that nobody loses a place by a reading that
nobody has signed.
"""

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from shared.kit.calendar import years_between

SENIOR_FROM: Final = "adoption-senior-from-years"
"""The rule with the age from which applicants come after their equals (note 4: fifty)."""
YOUNGER_NEEDED: Final = "adoption-younger-spouses"
"""The rule on how many of a couple must be younger than that, 1 or 2. The law does not say; nobody has set it yet."""


class Group(IntEnum):
    """In the order of note 3."""

    CHILDLESS_COUPLE = 1
    SINGLE_CHILDLESS_WOMAN = 2
    COUPLE_WITH_CHILDREN = 3
    NOT_NAMED = 4

    @property
    def word(self) -> str:
        return self.name.lower().replace("_", "-")


class Facts(BaseModel):
    """What priority and matching need of a family, and nothing that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    couple: bool
    children: Annotated[int, Field(ge=0, description="Of their own, and taken in for good")]
    placed: Annotated[int, Field(ge=0, description="Children placed with them under this law")] = 0
    born: tuple[date, ...]
    """The birth dates of the applicants."""
    religion: str | None
    """None: of no one, or spouses who do not share it."""


class Standing(BaseModel):
    """Where a family stands among equals; sorts as the law says."""

    model_config = ConfigDict(frozen=True)

    group: Group
    senior: bool
    """Of the age that comes after its equals."""


def standing(facts: Facts, *, on: date, senior_from: int, younger_needed: int | None = None) -> Standing:
    return Standing(group=_group(facts), senior=_senior(facts.born, on, age=senior_from, needed=younger_needed or 1))


def months(born: date, on: date) -> int:
    """Whole months; who was born on the 31st is a month older on the first day after a shorter month."""
    return 12 * (on.year - born.year) + on.month - born.month - (on.day < born.day)


def _group(facts: Facts) -> Group:
    match (facts.couple, facts.children > 0):
        case (True, False):
            return Group.CHILDLESS_COUPLE
        case (False, False):
            return Group.SINGLE_CHILDLESS_WOMAN
        case (True, True):
            return Group.COUPLE_WITH_CHILDREN
        case _:
            return Group.NOT_NAMED


def _senior(born: Sequence[date], on: date, *, age: int, needed: int) -> bool:
    younger = sum(years_between(each, on) < age for each in born)
    return younger < min(needed, len(born))
