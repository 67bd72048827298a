"""Where people live in the made-up province: quarters of each county's town, and villages around it.

The county's point is official; every other point is invented, and therefore has a number instead of a name.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from .province import FILES_PER_CENTER, County

EARTH_RADIUS_METRES = 6_371_008.8
METRES_PER_DEGREE = math.radians(EARTH_RADIUS_METRES)

AreaClass = Literal["urban", "rural", "hard-to-reach"]


@dataclass(frozen=True, slots=True)
class Point:
    latitude: float
    longitude: float

    def metres_to(self, other: "Point") -> float:
        """Great-circle distance."""
        here, there = math.radians(self.latitude), math.radians(other.latitude)
        half_height = math.sin((there - here) / 2) ** 2
        half_width = math.sin(math.radians(other.longitude - self.longitude) / 2) ** 2
        return (
            2 * EARTH_RADIUS_METRES * math.asin(math.sqrt(half_height + math.cos(here) * math.cos(there) * half_width))
        )

    def moved(self, *, north: float, east: float) -> "Point":
        """The point that many metres away, to the sixth decimal (a tenth of a metre)."""
        parallel = METRES_PER_DEGREE * math.cos(math.radians(self.latitude))
        return Point(round(self.latitude + north / METRES_PER_DEGREE, 6), round(self.longitude + east / parallel, 6))

    def scattered(self, random: Random, *, metres: float) -> "Point":
        return self.moved(north=random.gauss(0, metres), east=random.gauss(0, metres))


@dataclass(frozen=True, slots=True)
class Settlement:
    county: County
    name_fa: str
    name_en: str
    area_class: AreaClass
    point: Point
    spread_metres: float
    files: int


def share(total: int, weights: Sequence[float], *, lows: Sequence[int], highs: Sequence[int]) -> list[int]:
    """Whole parts of `total` in proportion to the weights, each within its own bounds.

    Raises ValueError when the bounds leave no way.
    """
    if not sum(lows) <= total <= sum(highs):
        raise ValueError(f"{total} cannot be shared out: the parts hold from {sum(lows)} to {sum(highs)}")
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [min(max(math.floor(part), low), high) for part, low, high in zip(exact, lows, highs, strict=True)]
    while missing := total - sum(parts):
        step = 1 if missing > 0 else -1
        movable = [i for i, part in enumerate(parts) if lows[i] <= part + step <= highs[i]]
        movable.sort(key=lambda i: (parts[i] - exact[i]) * step)
        for i in movable[: abs(missing)]:
            parts[i] += step
    return parts


def files_per_county(random: Random, counties: Sequence[County], *, files: int) -> dict[County, int]:
    """In proportion to the centers a county was given, give or take a tenth: the true numbers were not announced."""
    low, high = FILES_PER_CENTER
    parts = share(
        files,
        [county.centers * random.uniform(0.85, 1.1) for county in counties],
        lows=[county.centers * low for county in counties],
        highs=[county.centers * high for county in counties],
    )
    return dict(zip(counties, parts, strict=True))


def settle(random: Random, county: County, *, files: int, neighbours: Sequence[County]) -> list[Settlement]:
    """The county's town, quarter by quarter, and the villages that lie nearer to it than to any neighbour."""
    town = Point(county.latitude, county.longitude)
    others = [Point(other.latitude, other.longitude) for other in neighbours if other.code != county.code]
    reach = 0.8 * min((town.metres_to(other) for other in others), default=60_000)
    quarters, villages = 3 * county.centers + 2, 12 + 10 * county.centers

    places: list[tuple[str, str, AreaClass, Point, float]] = []
    for number in range(1, quarters + 1):
        point = town.scattered(random, metres=1200 + 350 * county.centers)
        places.append((f"محله {persian(number)}", f"quarter {number}", "urban", point, 600))
    while len(places) < quarters + villages:
        distance, bearing = reach * math.sqrt(random.uniform(0.02, 1)), random.uniform(0, math.tau)
        point = town.moved(north=distance * math.cos(bearing), east=distance * math.sin(bearing))
        if any(point.metres_to(other) < distance for other in others):
            continue
        number = len(places) - quarters + 1
        remote = distance > 0.6 * reach and random.random() < 0.4
        area_class: AreaClass = "hard-to-reach" if remote else "rural"
        places.append((f"روستای {persian(number)}", f"village {number}", area_class, point, random.uniform(400, 1500)))

    weights = [random.lognormvariate(0, 0.7) * (4 if place[2] == "urban" else 1) for place in places]
    parts = share(files, weights, lows=[0] * len(places), highs=[files] * len(places))
    return [
        Settlement(county, name_fa, name_en, area_class, point, spread, part)
        for (name_fa, name_en, area_class, point, spread), part in zip(places, parts, strict=True)
    ]


def choose_sites(settlements: Sequence[Settlement], *, centers: int) -> list[Settlement]:
    """Where the centers of a county go: one after another to the settlement that shortens the way of its files most,
    among those that enough files for a center live nearest to."""
    low, _ = FILES_PER_CENTER
    distances = [[home.point.metres_to(site.point) for home in settlements] for site in settlements]
    nearest = [math.inf] * len(settlements)
    chosen: list[int] = []
    while len(chosen) < centers:
        open_sites = [i for i in range(len(settlements)) if i not in chosen]
        caught = {
            i: sum(home.files for home, new, old in zip(settlements, distances[i], nearest, strict=True) if new < old)
            for i in open_sites
        }
        viable = [i for i in open_sites if caught[i] >= low] or [max(open_sites, key=lambda i: caught[i])]
        best = min(
            viable,
            key=lambda i: sum(
                home.files * min(new, old) for home, new, old in zip(settlements, distances[i], nearest, strict=True)
            ),
        )
        chosen.append(best)
        nearest = [min(new, old) for new, old in zip(distances[best], nearest, strict=True)]
    return [settlements[i] for i in chosen]


PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def persian(number: int) -> str:
    """The number in Persian digits, as people write it."""
    return str(number).translate(PERSIAN_DIGITS)
