"""The household files of opening day: made up, the same for the same seed, and exact in number.

Nobody real is in them: every national id passes its check digit and begins with 000, below the first code (001)
that was ever given to a registry office.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from .names import FAMILIES, OLDER_MEN, OLDER_WOMEN, YOUNGER_MEN, YOUNGER_WOMEN
from .province import COUNTIES, FILES, OPENING_DAY, PERSONS, County
from .settlements import Point, Settlement, choose_sites, files_per_county, persian, settle

SEED = 13991218
LARGEST_HOUSEHOLD = 8
SIZE_WEIGHTS = (26, 25, 20, 16, 8, 3, 1.5, 0.5)
"""Of households of 1, 2, … 8 persons, in percent: mean 2.7, as announced."""

LEGACY_SOURCE = "county-registers"
"""What the counties kept their files in until now: `legacy_number` is a number there."""
CONTRACTS = ("pensioner", "non-pensioner", "child-support", "community-based-rehabilitation")
DISABILITIES = ("intellectual", "physical-motor", "vision", "hearing", "speech", "chronic-mental-illness")
EARNINGS = {True: ("wage", "self-employment", "relatives"), False: ("farming", "wage", "relatives")}
"""By whether the household lives in a town."""
EDUCATION = {"old": (46, 34, 10, 3, 6, 1), "grown": (8, 30, 22, 14, 20, 6), "young": (2, 58, 24, 16, 0, 0)}
"""From none to university, in percent."""

CaseFile = dict[str, Any]
"""One line of the import, as the API takes it."""


@dataclass(frozen=True, slots=True)
class CenterSite:
    county: County
    number: int
    settlement: Settlement
    point: Point

    @property
    def name_fa(self) -> str:
        return f"مرکز مثبت زندگی {self.county.name_fa} {persian(self.number)}"

    @property
    def name_en(self) -> str:
        return f"{self.county.name_en} {self.number}"


@dataclass(frozen=True, slots=True)
class Handover:
    centers: list[CenterSite]
    case_files: list[CaseFile]

    def ndjson(self) -> Iterator[bytes]:
        """The files as lines, one JSON object each."""
        for case_file in self.case_files:
            yield json.dumps(case_file, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def handover(
    *, seed: int = SEED, counties: Sequence[County] = COUNTIES, files: int = FILES, persons: int = PERSONS
) -> Handover:
    """Everything that the counties hand over to their new centers.

    Raises ValueError when the numbers cannot be met: a center takes 150 to 450 files, a household has 1 to 8 persons.
    """
    random = Random(seed)
    centers: list[CenterSite] = []
    homes: list[Settlement] = []
    for county, county_files in files_per_county(random, counties, files=files).items():
        settlements = settle(random, county, files=county_files, neighbours=counties)
        for number, site in enumerate(choose_sites(settlements, centers=county.centers), start=1):
            point = site.point.scattered(random, metres=site.spread_metres / 2)
            centers.append(CenterSite(county, number, site, point))
        for settlement in settlements:
            homes += [settlement] * settlement.files
    random.shuffle(homes)

    identities = national_ids(random, persons=persons)
    return Handover(
        centers,
        [
            household(random, home, legacy_number=number, size=size, identities=identities)
            for number, (home, size) in enumerate(
                zip(homes, household_sizes(random, files=files, persons=persons), strict=True), start=100_001
            )
        ],
    )


def household_sizes(random: Random, *, files: int, persons: int) -> list[int]:
    """Sizes that look drawn and sum to exactly `persons`."""
    if not files <= persons <= files * LARGEST_HOUSEHOLD:
        raise ValueError(f"{persons} persons do not make {files} households of 1 to {LARGEST_HOUSEHOLD}")
    sizes = random.choices(range(1, LARGEST_HOUSEHOLD + 1), SIZE_WEIGHTS, k=files)
    while missing := persons - sum(sizes):
        step = 1 if missing > 0 else -1
        movable = [i for i, size in enumerate(sizes) if 1 <= size + step <= LARGEST_HOUSEHOLD]
        for i in random.sample(movable, min(abs(missing), len(movable))):
            sizes[i] += step
    return sizes


def national_ids(random: Random, *, persons: int) -> Iterator[str]:
    """Distinct ids with a right check digit, in no order."""
    for serial in random.sample(range(1, 1_000_000), persons):
        body = f"{serial:09}"
        remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
        yield f"{body}{remainder if remainder < 2 else 11 - remainder}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody before there is a file about them."""

    woman: bool
    age: int
    given_name: str
    family_name: str
    father_name: str

    @classmethod
    def drawn(
        cls, random: Random, *, woman: bool, age: int, family_name: str | None = None, father_name: str | None = None
    ) -> "Person":
        names = (OLDER_WOMEN if woman else OLDER_MEN) if age > 40 else (YOUNGER_WOMEN if woman else YOUNGER_MEN)
        return cls(
            woman,
            age,
            random.choice(names),
            family_name or random.choice(FAMILIES),
            father_name or random.choice(OLDER_MEN),
        )


def household(
    random: Random, home: Settlement, *, legacy_number: int, size: int, identities: Iterator[str]
) -> CaseFile:
    """One file, as its county hands it over: who they are, where they live, and why they are covered."""
    head = Person.drawn(random, woman=random.random() < 0.46, age=clamped(random.gauss(56, 15), 24, 95))
    people = [("head", head)]
    if size > 1 and random.random() < (0.12 if head.woman else 0.85):
        age = clamped(head.age + random.gauss(3 if head.woman else -3, 4), 18, 95)
        people.append(("spouse", Person.drawn(random, woman=not head.woman, age=age)))
    married = len(people) == 2
    # A woman's children have their father's names, and he is not always in the household.
    father = head if not head.woman else people[1][1] if married else Person.drawn(random, woman=False, age=head.age)
    while len(people) < size:
        people.append(relative(random, head, father=father))

    reason = coverage_reason(random, head)
    disabled = random.randrange(size) if reason == "disability" else None
    contract = random.choices(CONTRACTS, (94, 3, 2, 1))[0]
    point = home.point.scattered(random, metres=home.spread_metres)
    urban = home.area_class == "urban"
    return {
        "jurisdiction": home.county.code,
        "legacy_number": f"{home.county.code}-{legacy_number}",
        "opened_on": (OPENING_DAY - timedelta(days=random.randint(60, 6500))).isoformat(),
        "pensioner": contract == "pensioner",
        "payer_category": contract,
        "coverage_reason": reason,
        "address": f"{home.county.name_fa}، {home.name_fa}، کوچه {persian(random.randint(1, 40))}"
        f"، پلاک {persian(random.randint(1, 180))}",
        "postal_code": f"97{random.choice('134678')}{random.choice('134678')}{random.choice('1346789')}"
        f"{random.randrange(100_000):05}",
        "mobile": f"+9891500{random.randrange(100_000):05}" if random.random() < 0.9 else None,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "accuracy_m": random.choice((5, 10, 20, 50) if urban else (10, 50, 100, 250)),
        "area_class": home.area_class,
        "tenure": random.choices(("owned", "rented", "rent-free"), (48, 36, 16) if urban else (76, 8, 16))[0],
        "decile": random.choices((1, 2, 3, 4), (44, 33, 16, 7))[0],
        "income_sources": ["pension"] if random.random() < 0.7 else ["pension", random.choice(EARNINGS[urban])],
        "support_bodies": ["cash-subsidy"],
        "members": [
            member(
                random, person, relation=relation, national_id=next(identities), married=married, disabled=n == disabled
            )
            for n, (relation, person) in enumerate(people)
        ],
    }


def relative(random: Random, head: Person, *, father: Person) -> tuple[str, Person]:
    """One more member: most often a child."""
    woman, chance = random.random() < 0.5, random.random()
    if head.age < 50 and chance < 0.12:
        return "parent", Person.drawn(random, woman=woman, age=clamped(head.age + random.uniform(19, 34), 45, 98))
    if chance < 0.17:
        age = clamped(head.age + random.gauss(0, 6), 18, 95)
        return "sibling", Person.drawn(
            random, woman=woman, age=age, family_name=head.family_name, father_name=head.father_name
        )
    if head.age > 60 and chance < 0.4:
        return "grandchild", Person.drawn(random, woman=woman, age=random.randint(0, min(18, head.age - 40)))
    age = clamped(head.age - random.uniform(19, 40), 0, 60)
    return "child", Person.drawn(
        random, woman=woman, age=age, family_name=father.family_name, father_name=father.given_name
    )


def coverage_reason(random: Random, head: Person) -> str:
    if head.age >= 70:
        return random.choices(("elderly", "disability"), (70, 30))[0]
    if head.woman:
        return random.choices(("female-headed", "disability"), (80, 20))[0]
    return random.choices(("disability", "social-harm", "other"), (84, 8, 8))[0]


def member(
    random: Random, person: Person, *, relation: str, national_id: str, married: bool, disabled: bool
) -> dict[str, Any]:
    born = date(OPENING_DAY.year - person.age, 1, 1) - timedelta(days=random.randrange(365))
    said: dict[str, Any] = {
        "relation": relation,
        "identity": {"type": "national", "value": national_id},
        "given_name": person.given_name,
        "family_name": person.family_name,
        "father_name": person.father_name,
        "birth_date": born.isoformat(),
        "sex": "female" if person.woman else "male",
        "marital_status": marital_status(random, person, relation=relation, married=married),
        "insurance": random.choices(("health", "rural", "none"), (62, 30, 8))[0],
    }
    if person.age >= 7:
        said["education"] = random.choices(
            ("none", "primary", "lower-secondary", "upper-secondary", "diploma", "university"),
            EDUCATION["old" if person.age > 50 else "grown" if person.age > 18 else "young"],
        )[0]
    if disabled:
        said["disability_type"] = random.choices(DISABILITIES, (24, 34, 10, 9, 4, 19))[0]
        said["disability_severity"] = random.choices(("mild", "moderate", "severe", "profound"), (14, 34, 38, 14))[0]
    return said


def marital_status(random: Random, person: Person, *, relation: str, married: bool) -> str:
    if relation == "spouse" or (relation == "head" and married):
        return "married"
    if relation == "parent":
        return "widowed"
    if relation == "head":
        return random.choices(("widowed", "divorced", "single"), (64, 24, 12) if person.woman else (34, 20, 46))[0]
    return "single"


def clamped(age: float, low: int, high: int) -> int:
    return min(max(round(age), low), high)
