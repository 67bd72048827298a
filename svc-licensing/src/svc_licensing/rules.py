"""What a licence takes, as the requirements in force on a day say it: pure, without input or output.

Where several requirements say the same thing (of one kind and code, about the same people), the one for fewer clauses
holds, and of equals the later one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.kit.calendar import years_between


class LicenceKind(StrEnum):
    AGREEMENT = "agreement-in-principle"
    ESTABLISHMENT = "establishment"
    ACTIVITY = "activity"
    TECHNICAL_MANAGER = "technical-manager"


class Act(StrEnum):
    """What is asked of the commission about a licence."""

    ISSUE = "issue"
    RENEW = "renew"
    EXTEND = "extend"
    MOVE = "move"
    CHANGE_MANAGER = "change-manager"


class Kind(StrEnum):
    DOCUMENT = "document"
    INQUIRY = "inquiry"
    CAPITAL = "capital"
    STEP = "step"
    VALIDITY = "validity"
    RENEWAL = "renewal"
    EXTENSION = "extension"
    DEADLINE = "deadline"
    LAPSE = "lapse"
    APPEAL = "appeal"


FIGURES: Final[dict[Kind, tuple[frozenset[str], frozenset[str]]]] = {
    Kind.DOCUMENT: (frozenset(), frozenset({"men_under"})),
    Kind.INQUIRY: (frozenset(), frozenset({"men_under", "days", "extensions", "valid_days"})),
    Kind.CAPITAL: (frozenset({"county", "province", "provinces", "nation"}), frozenset()),
    Kind.STEP: (frozenset(), frozenset()),
    Kind.VALIDITY: (frozenset({"months"}), frozenset()),
    Kind.RENEWAL: (frozenset({"months"}), frozenset()),
    Kind.EXTENSION: (frozenset({"months", "times"}), frozenset()),
    Kind.DEADLINE: (frozenset({"days"}), frozenset()),
    Kind.LAPSE: (frozenset({"days", "reminders"}), frozenset()),
    Kind.APPEAL: (frozenset({"days"}), frozenset()),
}
"""Of each kind, the figures without which it says nothing, and those that it may have. Capital is in rials; `days` are
working days; `men_under` is an age in years, and what is required is required of men below it alone."""


class About(StrEnum):
    """Whose paper it is, or about whom another body is asked."""

    FOUNDER = "founder"
    BOARD = "board"
    CEO = "ceo"
    INSPECTOR = "inspector"
    TECHNICAL_MANAGER = "technical-manager"
    INSTITUTION = "institution"
    PREMISES = "premises"


class PersonRole(StrEnum):
    FOUNDER = "founder"
    BOARD_MEMBER = "board-member"
    ALTERNATE_MEMBER = "alternate-member"
    CEO = "ceo"
    INSPECTOR = "inspector"
    TECHNICAL_MANAGER = "technical-manager"


_BOARD: Final = frozenset({PersonRole.BOARD_MEMBER, PersonRole.ALTERNATE_MEMBER})
WHO: Final[dict[About, frozenset[PersonRole]]] = {
    About.FOUNDER: frozenset({PersonRole.FOUNDER}),
    About.BOARD: _BOARD,
    About.CEO: frozenset({PersonRole.CEO}),
    About.INSPECTOR: frozenset({PersonRole.INSPECTOR}),
    About.TECHNICAL_MANAGER: frozenset({PersonRole.TECHNICAL_MANAGER}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    kind: Kind
    code: str
    about: About | None
    name_fa: str
    name_en: str
    figures: dict[str, int]
    clauses: int = 1
    """How many clauses it is for."""
    valid_from: date = date.min

    def figure(self, name: str) -> int | None:
        return self.figures.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Of the people of an institution, what the rules look at."""

    id: UUID
    role: PersonRole
    name: str
    birth_date: date | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Required:
    """A rule as it falls on one person, or on the institution or its premises."""

    rule: Rule
    person: Person | None


class Rules:
    """The rules for one licence, act and clause on one day."""

    def __init__(self, found: Iterable[Rule]) -> None:
        narrowest: dict[tuple[Kind, str, About | None], Rule] = {}
        for rule in sorted(found, key=lambda each: (-each.clauses, each.valid_from)):
            narrowest[rule.kind, rule.code, rule.about] = rule
        self._rules = [*narrowest.values()]

    def of(self, kind: Kind) -> list[Rule]:
        return [rule for rule in self._rules if rule.kind == kind]

    def one(self, kind: Kind, code: str) -> Rule | None:
        return next((rule for rule in self._rules if (rule.kind, rule.code) == (kind, code)), None)

    def figure(self, kind: Kind, code: str, name: str) -> int | None:
        """None while nobody has vouched for it."""
        rule = self.one(kind, code)
        return None if rule is None else rule.figure(name)

    @property
    def validity_months(self) -> int | None:
        return self.figure(Kind.VALIDITY, "validity", "months")

    @property
    def renewal_opens_months(self) -> int | None:
        return self.figure(Kind.RENEWAL, "opens", "months")

    @property
    def extension_months(self) -> int | None:
        return self.figure(Kind.EXTENSION, "extension", "months")

    def required(self, kind: Kind, people: Sequence[Person], *, manager: UUID | None, on: date) -> list[Required]:
        """What is required of whom, on a day.

        A legal person has no founder of flesh and blood: its board stands for it. Of the technical managers only the
        one whom the application names is looked at.
        """
        found: list[Required] = []
        for rule in self.of(kind):
            if rule.about is None or rule.about not in WHO:
                found.append(Required(rule, None))
                continue
            bound = _bound(rule.about, people, manager=manager)
            found += [Required(rule, person) for person in bound if _falls_on(rule, person, on)]
        return found


def _bound(about: About, people: Sequence[Person], *, manager: UUID | None) -> list[Person]:
    if about == About.TECHNICAL_MANAGER:
        return [person for person in people if person.id == manager]
    named = [person for person in people if person.role in WHO[about]]
    if about == About.FOUNDER and not named:
        named = [person for person in people if person.role in _BOARD]
    return named


def _falls_on(rule: Rule, person: Person, on: date) -> bool:
    """One whose sex or age is not known is asked for the paper, rather than let off."""
    men_under = rule.figure("men_under")
    if men_under is None:
        return True
    if person.sex == "female":
        return False
    return person.birth_date is None or years_between(person.birth_date, on) < men_under
