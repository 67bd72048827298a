"""What opening day came to: who is with which center, how far it is, and how long everything took."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from .province import FILES_PER_CENTER, County
from .settlements import Point


@dataclass(frozen=True, slots=True)
class OnMap:
    """Where a household lives, as seen from its center."""

    point: Point
    metres: float
    choice: int
    """1: its center is its nearest, 2: the second nearest of its county, …"""


@dataclass(frozen=True, slots=True)
class Home:
    """A household that has its center."""

    persons: int
    place: OnMap | None = None
    """None where the file has no map point."""
    born: Sequence[str] = ()
    """The days of birth that are known, as the API writes them."""


@dataclass(slots=True)
class Center:
    code: str
    name_fa: str
    name_en: str
    county: County
    point: Point
    homes: list[Home] = field(default_factory=list)

    @property
    def load(self) -> int:
        return len(self.homes)

    @property
    def persons(self) -> int:
        return sum(home.persons for home in self.homes)

    @property
    def places(self) -> list[OnMap]:
        return [home.place for home in self.homes if home.place is not None]


@dataclass(frozen=True, slots=True)
class Step:
    name_fa: str
    name_en: str
    seconds: float
    result: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Of a county, or of the province."""

    centers: int
    files: int
    persons: int
    waiting: int
    least: int
    mean: float
    most: int
    mean_metres: float
    with_nearest: float
    """The share of files that are with their nearest center."""

    @classmethod
    def of(cls, centers: Sequence[Center], *, waiting: int) -> "Summary":
        loads = [center.load for center in centers]
        places = [place for center in centers for place in center.places]
        return cls(
            centers=len(centers),
            files=sum(loads),
            persons=sum(center.persons for center in centers),
            waiting=waiting,
            least=min(loads, default=0),
            mean=fmean(loads) if loads else 0,
            most=max(loads, default=0),
            mean_metres=fmean(place.metres for place in places) if places else 0,
            with_nearest=fmean(place.choice == 1 for place in places) if places else 0,
        )

    @property
    def within_rule(self) -> bool:
        low, high = FILES_PER_CENTER
        return low <= self.least and self.most <= high


@dataclass(frozen=True, slots=True)
class Report:
    counties: Sequence[County]
    centers: Sequence[Center]
    waiting: dict[str, int]
    """Files that no center had room for, by the code of the county that they stay with."""
    steps: Sequence[Step]

    @property
    def province(self) -> Summary:
        return Summary.of(self.centers, waiting=sum(self.waiting.values()))

    def county(self, county: County) -> Summary:
        return Summary.of(
            [center for center in self.centers if center.county == county], waiting=self.waiting.get(county.code, 0)
        )

    def table(self) -> Table:
        """For the terminal; one line for each county."""
        table = Table(title="Opening day of South Khorasan", box=SIMPLE, padding=(0, 1, 0, 0), show_footer=True)
        total = self.province
        footers = _cells(total)
        for (heading, justify), footer in zip(_COLUMNS, ("Province", *footers), strict=True):
            table.add_column(heading, footer=footer, justify="left" if justify == "left" else "right", no_wrap=True)
        for county in self.counties:
            table.add_row(county.name_en, *_cells(self.county(county)))
        return table


@dataclass
class FieldWork:
    """What a month of work after opening day came to."""

    month: str
    counties: dict[str, Counter[str]] = field(default_factory=dict)
    """By county: files of workers, households met, those to look for."""
    rials: Counter[str] = field(default_factory=Counter)
    settled: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The statement of each center."""

    def table(self, counties: Sequence[County]) -> Table:
        """For the terminal; one line for each county."""
        table = Table(title=f"Field work in {self.month} so far", box=SIMPLE, padding=(0, 1, 0, 0))
        table.add_column("county", no_wrap=True)
        for heading in ("files of workers", "met", "to look for", "rials (made-up tariff)"):
            table.add_column(heading, justify="right", no_wrap=True)
        for county in counties:
            table.add_row(county.name_en, *(f"{figure:,}" for figure in self.figures(county)))
        return table

    def figures(self, county: County) -> tuple[int, int, int, int]:
        did = self.counties.get(county.code, Counter())
        return did["files"], did["visited"], did["to look for"], self.rials[county.code]


@dataclass
class Autumn:
    """What a season of screening came to, in the platform's own figures."""

    campaign: dict[str, Any]
    counties: dict[str, Counter[str]] = field(default_factory=dict)
    """By county: coverage, yield and loops, under the names that the API gives them."""
    disorders: Counter[str] = field(default_factory=Counter)
    """How many were found of each."""

    def figures(self, county: County) -> Counter[str]:
        return _examined(self.counties.get(county.code, Counter()))

    @property
    def total(self) -> Counter[str]:
        return _examined(sum(self.counties.values(), Counter()))

    def share(self, part: str, whole: str) -> float:
        """Of the province."""
        return self.total[part] / max(self.total[whole], 1)

    def table(self, counties: Sequence[County]) -> Table:
        """For the terminal; one line for each county."""
        table = Table(title="An autumn of vision screening", box=SIMPLE, padding=0, show_footer=True)
        table.add_column("county", footer="Province", no_wrap=True)
        for name, heading in AUTUMN.items():
            table.add_column(heading, footer=f"{self.total[name]:,}", justify="right")
        for county in counties:
            table.add_row(county.name_en, *(f"{self.figures(county)[name]:,}" for name in AUTUMN))
        return table


@dataclass
class Licences:
    """What came of the applications, in the platform's own figures."""

    counties: dict[str, Counter[str]] = field(default_factory=dict)
    """By county: activity licences by status, agreements that expired, applications refused, and what is due."""
    due: list[tuple[str, str, str]] = field(default_factory=list)
    """Number, holder and last day of what is to be renewed, the soonest first."""

    def figures(self, county: County) -> Counter[str]:
        return self.counties.get(county.code, Counter())

    @property
    def total(self) -> Counter[str]:
        return sum(self.counties.values(), Counter())

    def table(self, counties: Sequence[County]) -> Table:
        """For the terminal; one line for each county."""
        table = Table(title="Licences of the centers", box=SIMPLE, padding=0, show_footer=True)
        table.add_column("county", footer="Province", no_wrap=True)
        for name, heading in LICENCES.items():
            table.add_column(heading, footer=f"{self.total[name]:,}", justify="right")
        for county in counties:
            table.add_row(county.name_en, *(f"{self.figures(county)[name]:,}" for name in LICENCES))
        return table


LICENCES = {"in-force": "in force", "due": "renewal due", "expired": "lapsed", "refused": "refused"}
"""What is shown of them, in this order."""


AUTUMN = {
    "eligible": "aged 3–6",
    "examined": "tested",
    "to_repeat": "failed",
    "referred": "referred",
    "attended": "seen",
    "awaited": "to come",
    "lost": "lost",
    "won_back": "won back",
    "confirmed": "ill",
    "treated": "treated",
    "loops_closed": "loops closed",
}
"""What is shown of it, in this order."""


@dataclass
class Adoptions:
    """Where requests for a child stand, by ids and states alone."""

    counties: dict[str, Counter[str]] = field(default_factory=dict)
    overdue: int = 0
    """What should have been done about them by now."""

    @property
    def total(self) -> Counter[str]:
        return sum(self.counties.values(), Counter())

    def table(self, counties: Sequence[County]) -> Table:
        """For the terminal; one line for each county."""
        table = Table(title=f"Adoption: {self.overdue} overdue", box=SIMPLE, padding=0, show_footer=True)
        table.add_column("county", footer="Province", no_wrap=True)
        for name in ADOPTIONS:
            table.add_column(name, footer=f"{self.total[name]:,}", justify="right")
        for county in counties:
            known = self.counties.get(county.code, Counter())
            table.add_row(county.name_en, *(f"{known[name]:,}" for name in ADOPTIONS))
        return table


ADOPTIONS = ("examined", "waiting", "matched", "introduced", "trial", "final", "placed", "ended or deferred")


def _examined(figures: Counter[str]) -> Counter[str]:
    return figures + Counter(examined=figures["screened"] + figures["screened_others"])


_COLUMNS = (
    ("county", "left"),
    ("centers", "right"),
    ("files", "right"),
    ("persons", "right"),
    ("waiting", "right"),
    ("least", "right"),
    ("mean", "right"),
    ("most", "right"),
    ("mean km", "right"),
)


def _cells(summary: Summary) -> tuple[str, ...]:
    return (
        f"{summary.centers}",
        f"{summary.files:,}",
        f"{summary.persons:,}",
        f"{summary.waiting:,}",
        f"{summary.least}",
        f"{summary.mean:.0f}",
        f"{summary.most}",
        f"{summary.mean_metres / 1000:.1f}",
    )
