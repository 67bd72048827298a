"""The page of opening day: one HTML file that needs nothing from anywhere, with the map drawn as SVG."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from string import Template

from shared.kit.calendar import jalali

from .province import FILES_PER_CENTER, County
from .report import AUTUMN, LICENCES, Autumn, Center, FieldWork, Licences, Report
from .screening import PREVALENCE
from .settlements import Point, persian

WIDTH = 1400.0
MARGIN = 40.0
RADIUS = 13.0
COLOURS = ("#dbe9c8", "#a5d5a8", "#5fb8a5", "#2b8f9e", "#27628f", "#2c3a78")
"""From a light load to a full center; apart in lightness, so that they differ to every eye and on paper."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the map lies on the page. North is up, and a kilometre is as long to the east as to the north."""

    west: float
    north: float
    scale: float
    narrowing: float
    height: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> "Frame":
        south, north = min(p.latitude for p in points), max(p.latitude for p in points)
        west, east = min(p.longitude for p in points), max(p.longitude for p in points)
        narrowing = math.cos(math.radians((south + north) / 2))
        scale = (WIDTH - 2 * MARGIN) / ((east - west) * narrowing)
        return cls(west, north, scale, narrowing, (north - south) * scale + 2 * MARGIN)

    def place(self, point: Point) -> tuple[float, float]:
        return (
            MARGIN + (point.longitude - self.west) * self.narrowing * self.scale,
            MARGIN + (self.north - point.latitude) * self.scale,
        )

    @property
    def pixels_per_kilometre(self) -> float:
        return self.scale / 111.195


def page(report: Report, work: FieldWork, autumn: Autumn, licences: Licences) -> str:
    """Persian first, English beside it."""
    homes = [place.point for center in report.centers for place in center.places]
    frame = Frame.around([*homes, *(center.point for center in report.centers)])
    total, (low, high) = report.province, FILES_PER_CENTER
    kept = total.within_rule and not total.waiting
    return Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8")).substitute(
        centers=number(total.centers),
        files=number(total.files),
        persons=number(total.persons),
        waiting=number(total.waiting),
        least=number(total.least),
        most=number(total.most),
        mean=number(round(total.mean)),
        low=number(low),
        high=number(high),
        verdict="kept" if kept else "broken",
        verdict_fa="هر مرکز در محدودهٔ مقرر" if kept else "خارج از محدودهٔ مقرر",
        verdict_en="every center within the rule" if kept else "outside the rule, or files still waiting",
        mean_distance=kilometres(total.mean_metres),
        with_nearest=percent(total.with_nearest),
        width=f"{WIDTH:.0f}",
        height=f"{frame.height:.0f}",
        map=drawing(report, frame),
        legend=legend(),
        scale=scale_bar(frame),
        counties="".join(county_row(report, county) for county in report.counties),
        total=total_row(report),
        table="".join(center_row(center) for center in report.centers),
        month=work.month.translate(_DIGITS),
        work="".join(work_row(work, county) for county in report.counties),
        season=f"{autumn.campaign['born_from_jalali']} – {autumn.campaign['born_to_jalali']}",
        children="".join(bar(autumn, *each, largest="eligible") for each in CHILDREN),
        referred="".join(bar(autumn, *each, largest="referred") for each in REFERRED),
        prevalence="".join(disorder_row(autumn, disorder) for disorder in PREVALENCE),
        autumn="".join(
            autumn_row(autumn.figures(county), county.name_fa, county.name_en) for county in report.counties
        ),
        autumn_total=autumn_row(autumn.total, "استان", "Province"),
        licences="".join(
            licence_row(licences.figures(county), county.name_fa, county.name_en) for county in report.counties
        ),
        licences_total=licence_row(licences.total, "استان", "Province"),
        renewals="".join(renewal_row(*licence) for licence in licences.due),
        steps="".join(
            f'<li><b>{escape(step.name_fa)}</b> <span lang="en">{escape(step.name_en)}</span>'
            f'<span class="result" lang="en">{escape(step.result)}</span>'
            f"<time>{seconds(step.seconds)}</time></li>"
            for step in report.steps
        ),
    )


def drawing(report: Report, frame: Frame) -> str:
    """Households as dots, centers as discs with their load, apart where they would cover each other."""
    at = {center.code: frame.place(center.point) for center in report.centers}
    discs = dict(zip(at, apart(list(at.values())), strict=True))
    lands, dots, names, marks = [], [], [], []
    for county in report.counties:
        centers = [center for center in report.centers if center.county == county]
        hull = convex_hull([frame.place(place.point) for center in centers for place in center.places])
        if hull:
            lands.append(f'<path class="land" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in hull)}Z"/>')
            names.append(label(county, *free_spot(hull, taken=list(discs.values()))))
    for center in report.centers:
        homes = "".join("M{:.1f} {:.1f}h0".format(*frame.place(place.point)) for place in center.places)
        dots.append(f'<path class="homes" data-center="{center.code}" d="{homes}"/>')
        marks.append(mark(center, at[center.code], discs[center.code]))
    return "\n".join([*lands, *dots, *names, *marks])


def mark(center: Center, place: tuple[float, float], disc: tuple[float, float]) -> str:
    (x, y), (disc_x, disc_y) = place, disc
    title = escape(f"{center.name_fa} — {center.name_en} ({center.code}): {center.load}")
    return (
        f'<g class="center" data-center="{center.code}" tabindex="0"><title>{title}</title>'
        f'<path class="leader" d="M{x:.1f} {y:.1f}L{disc_x:.1f} {disc_y:.1f}"/>'
        f'<circle class="spot" cx="{x:.1f}" cy="{y:.1f}" r="2"/>'
        f'<circle class="disc" cx="{disc_x:.1f}" cy="{disc_y:.1f}" r="{RADIUS}" fill="{colour(center.load)}"/>'
        f'<text x="{disc_x:.1f}" y="{disc_y + 3.6:.1f}" class="{ink(center.load)}">{number(center.load)}</text></g>'
    )


def label(county: County, x: float, y: float) -> str:
    return (
        f'<text class="county" x="{x:.0f}" y="{y:.0f}">{escape(county.name_fa)}'
        f'<tspan lang="en" x="{x:.0f}" dy="15">{escape(county.name_en)}</tspan></text>'
    )


def free_spot(hull: Sequence[tuple[float, float]], *, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The place inside the hull that is farthest from its edge and from what is drawn already."""
    west, east = min(x for x, _ in hull), max(x for x, _ in hull)
    north, south = min(y for _, y in hull), max(y for _, y in hull)
    spots = [
        (west + (east - west) * column / 24, north + (south - north) * row / 24)
        for column in range(1, 24)
        for row in range(1, 24)
    ]
    sides = list(zip(hull, [*hull[1:], hull[0]], strict=True))

    def room(spot: tuple[float, float]) -> float:
        # a name is wider than it is high, and its second line is below
        discs = min(math.hypot((x - spot[0]) / 1.6, y - spot[1] - 5) for x, y in taken)
        return min(discs, *(beside(spot, *side) for side in sides))

    return max(spots, key=room)


def beside(spot: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far the spot is inside of a side of a hull; negative outside."""
    (x, y), (ax, ay), (bx, by) = spot, start, end
    return ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / math.hypot(bx - ax, by - ay)


def apart(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The places, moved as little as is needed for discs on them not to overlap."""
    moved = [(x + 0.01 * n, y) for n, (x, y) in enumerate(places)]  # so that no two are the same
    least = 2 * RADIUS + 2
    for _ in range(300):
        for i in range(len(moved)):
            for j in range(i):
                (x1, y1), (x2, y2) = moved[i], moved[j]
                distance = math.hypot(x1 - x2, y1 - y2)
                if distance < least:
                    push = (least - distance) / 2 / distance
                    dx, dy = (x1 - x2) * push, (y1 - y2) * push
                    moved[i], moved[j] = (x1 + dx, y1 + dy), (x2 - dx, y2 - dy)
    return moved


def convex_hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Andrew's monotone chain."""
    chains: list[list[tuple[float, float]]] = []
    for ordered in (sorted(set(points)), sorted(set(points), reverse=True)):
        chain: list[tuple[float, float]] = []
        for x, y in ordered:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        chains.append(chain[:-1])
    return [*chains[0], *chains[1]]


def band(load: int) -> int:
    """The colour of a load: six equal steps from the least to the most that a center may have."""
    low, high = FILES_PER_CENTER
    return min(max((load - low) * len(COLOURS) // (high - low), 0), len(COLOURS) - 1)


def colour(load: int) -> str:
    return COLOURS[band(load)]


def ink(load: int) -> str:
    return "dark" if band(load) < 3 else "light"


def legend() -> str:
    low, high = FILES_PER_CENTER
    step = (high - low) // len(COLOURS)
    return "".join(
        f'<li><i style="background:{each}"></i>{number(low + n * step)}–{number(low + (n + 1) * step)}</li>'
        for n, each in enumerate(COLOURS)
    )


def scale_bar(frame: Frame) -> str:
    length = 50 * frame.pixels_per_kilometre
    return (
        f'<g class="scale" transform="translate({MARGIN:.0f} {frame.height - 24:.0f})">'
        f'<path d="M0 -5v5h{length:.1f}v-5"/>'
        f'<text x="{length / 2:.1f}" y="-8">{number(50)} km</text></g>'
    )


def county_row(report: Report, county: County) -> str:
    summary = report.county(county)
    return (
        f'<tr><th scope="row">{escape(county.name_fa)} <span lang="en">{escape(county.name_en)}</span></th>'
        f"<td>{number(summary.centers)}</td><td>{number(summary.files)}</td><td>{number(summary.persons)}</td>"
        f"<td>{number(summary.waiting)}</td>"
        f"<td>{number(summary.least)}</td><td>{number(round(summary.mean))}</td><td>{number(summary.most)}</td>"
        f"<td>{kilometres(summary.mean_metres)}</td><td>{percent(summary.with_nearest)}</td></tr>"
    )


def total_row(report: Report) -> str:
    summary = report.province
    return (
        '<tr><th scope="row">استان <span lang="en">Province</span></th>'
        f"<td>{number(summary.centers)}</td><td>{number(summary.files)}</td><td>{number(summary.persons)}</td>"
        f"<td>{number(summary.waiting)}</td>"
        f"<td>{number(summary.least)}</td><td>{number(round(summary.mean))}</td><td>{number(summary.most)}</td>"
        f"<td>{kilometres(summary.mean_metres)}</td><td>{percent(summary.with_nearest)}</td></tr>"
    )


def center_row(center: Center) -> str:
    _, high = FILES_PER_CENTER
    metres = sorted(place.metres for place in center.places)
    mean = sum(metres) / len(metres) if metres else 0
    nearest = sum(place.choice == 1 for place in center.places) / max(len(center.places), 1)
    return (
        f'<tr data-center="{center.code}"><td class="code">{center.code}</td>'
        f'<th scope="row">{escape(center.name_fa)} <span lang="en">{escape(center.name_en)}</span></th>'
        f'<td class="load" data-sort="{center.load}"><i style="--share:{center.load / high:.3f};'
        f'background:{colour(center.load)}"></i><b>{number(center.load)}</b></td>'
        f'<td data-sort="{center.persons}">{number(center.persons)}</td>'
        f'<td data-sort="{mean:.0f}">{kilometres(mean)}</td>'
        f'<td data-sort="{metres[-1] if metres else 0:.0f}">{kilometres(metres[-1] if metres else 0)}</td>'
        f'<td data-sort="{nearest:.4f}">{percent(nearest)}</td></tr>'
    )


def work_row(work: FieldWork, county: County) -> str:
    return (
        f'<tr><th scope="row">{escape(county.name_fa)} <span lang="en">{escape(county.name_en)}</span></th>'
        + "".join(f"<td>{number(figure)}</td>" for figure in work.figures(county))
        + "</tr>"
    )


CHILDREN = (
    ("eligible", "", "سه تا شش ساله‌ها", "aged three to six"),
    ("examined", "eligible", "آزموده", "tested"),
    ("to_repeat", "examined", "رد در آزمون نخست", "failed the first test"),
    ("referred", "examined", "ارجاع پس از آزمون مجدد", "referred after the repeat"),
)
REFERRED = (
    ("referred", "", "ارجاع‌شده", "referred"),
    ("attended", "referred", "دیده‌شده نزد بینایی‌سنج", "seen by the optometrist"),
    ("won_back", "referred", "از ایشان بازیافته", "of them, lost and won back"),
    ("lost", "referred", "گم‌شده", "lost"),
    ("awaited", "referred", "هنوز در انتظار", "still awaited"),
    ("confirmed", "referred", "بیماری تأیید شد", "disorder confirmed"),
    ("treated", "confirmed", "درمان آغاز شد", "treatment begun"),
    ("loops_closed", "referred", "چرخهٔ بسته", "loop closed"),
)
"""Figure, of which other one its share is said, and what it is called."""
DISORDERS = {
    "refractive-error": ("عیب انکساری", "refractive error"),
    "amblyopia": ("تنبلی چشم", "amblyopia"),
    "strabismus": ("انحراف چشم", "strabismus"),
}


def bar(autumn: Autumn, name: str, whole: str, name_fa: str, name_en: str, *, largest: str) -> str:
    """One line of the chart, as long as its part of `largest`."""
    said = f'<span class="share">{percent(autumn.share(name, whole))}</span>' if whole else ""
    what = f'<span class="what">{name_fa} <span lang="en">{name_en}</span></span>'
    return (
        f'<div class="bar {name.replace("_", "-")}">{what}'
        f'<i style="--share:{autumn.share(name, largest):.4f}"></i>'
        f"<b>{number(autumn.total[name])}</b>{said}</div>"
    )


def disorder_row(autumn: Autumn, disorder: str) -> str:
    name_fa, name_en = DISORDERS[disorder]
    found = autumn.disorders[disorder]
    return (
        f'<tr><th scope="row">{name_fa} <span lang="en">{name_en}</span></th><td>{number(found)}</td>'
        f"<td>{percent(found / max(autumn.total['examined'], 1), digits=2)}</td>"
        f"<td>{percent(PREVALENCE[disorder], digits=2)}</td></tr>"
    )


def autumn_row(figures: Mapping[str, int], name_fa: str, name_en: str) -> str:
    return (
        f'<tr><th scope="row">{escape(name_fa)} <span lang="en">{escape(name_en)}</span></th>'
        + "".join(f"<td>{number(figures[name])}</td>" for name in AUTUMN)
        + "</tr>"
    )


def licence_row(figures: Mapping[str, int], name_fa: str, name_en: str) -> str:
    return (
        f'<tr><th scope="row">{escape(name_fa)} <span lang="en">{escape(name_en)}</span></th>'
        + "".join(f"<td>{number(figures[name])}</td>" for name in LICENCES)
        + "</tr>"
    )


def renewal_row(licence: str, holder: str, last_day: str) -> str:
    day = jalali(date.fromisoformat(last_day)).translate(_DIGITS)
    return f"<tr><td>{escape(licence.translate(_DIGITS))}</td><td>{escape(holder)}</td><td>{day}</td></tr>"


def number(value: int) -> str:
    return persian(value) if abs(value) < 1000 else f"{value:,}".translate(_DIGITS)


def kilometres(metres: float) -> str:
    return f"{metres / 1000:.1f}".translate(_DIGITS)


def percent(share: float, *, digits: int = 0) -> str:
    return f"{share:.{digits}%}".translate(_DIGITS)


def seconds(value: float) -> str:
    return f"{value:.2f}".translate(_DIGITS)


_DIGITS = str.maketrans("0123456789.,%", "۰۱۲۳۴۵۶۷۸۹٫٬٪")
