"""The demo's page: complete in itself, and readable."""

import math
import re
from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from deploy.local.demo.page import RADIUS, apart, band, convex_hull, page
from deploy.local.demo.province import COUNTIES
from deploy.local.demo.report import Autumn, Center, FieldWork, Home, Licences, OnMap, Report, Step
from deploy.local.demo.settlements import Point

BIRJAND, KHUSF = COUNTIES[0], COUNTIES[-1]
SCREENED = Counter(eligible=550, screened=499, screened_others=1, to_repeat=60, referred=50, attended=40, lost=8)
SCREENED += Counter(won_back=4, awaited=2, confirmed=25, treated=20, loops_closed=35)


def report(*, waiting: dict[str, int] | None = None, name_en: str = "Birjand 1") -> Report:
    random = Random(1)
    centers = []
    for county, files in ((BIRJAND, 450), (KHUSF, 160)):
        point = Point(county.latitude, county.longitude)
        homes = [Home(3, OnMap(point.scattered(random, metres=9000), metres=4000, choice=1)) for _ in range(files)]
        name = name_en if county == BIRJAND else "Khusf 1"
        centers.append(Center(f"{county.code}001", f"مرکز {county.name_fa} ۱", name, county, point, homes))
    return Report((BIRJAND, KHUSF), centers, waiting or {}, [Step("دریافت", "Import", 1.5, "610 files")])


def page_of(made: Report) -> str:
    work = FieldWork("1405-09", counties={"2901": Counter({"files": 450, "visited": 28, "to look for": 2})})
    season = {"born_from_jalali": "1398/10/17", "born_to_jalali": "1402/07/16"}
    autumn = Autumn(season, {"2901": SCREENED, "2910": SCREENED}, Counter({"amblyopia": 14, "refractive-error": 36}))
    licences = Licences({"2901": Counter({"in-force": 8, "due": 1})}, [("29-1405-00003", "زهرا احمدی", "2027-01-20")])
    return page(made, work, autumn, licences)


def test_it_asks_nothing_of_anybody() -> None:
    html = page_of(report())
    assert not re.findall(r"(?:https?:)?//[a-z]|\bsrc=|<link|@import|url\(", html)
    assert "default-src 'none'" in html


def test_every_center_is_on_the_map_and_in_the_table() -> None:
    html = page_of(report())
    for code, load in (("2901001", "۴۵۰"), ("2910001", "۱۶۰")):
        assert html.count(f'data-center="{code}"') == 3  # its households, its disc, its row
        assert f">{load}</text>" in html
    assert html.count("M") > 610


def test_it_tells_a_kept_rule_from_a_broken_one() -> None:
    assert 'class="kept"' in page_of(report())
    assert 'class="broken"' in page_of(report(waiting={"2910": 3}))


def test_what_the_platform_says_is_text_not_markup() -> None:
    assert "<script>alert" not in page_of(report(name_en="<script>alert(1)</script>"))


def test_it_tells_the_field_work_of_each_county() -> None:
    html = page_of(report())
    assert "<td>۴۵۰</td><td>۲۸</td><td>۲</td><td>۰</td>" in html


def test_it_draws_what_became_of_the_screened() -> None:
    html = page_of(report())
    assert 'class="bar examined"' in html
    for share, figure, said in (("0.9091", "۱٬۰۰۰", "۹۱٪"), ("0.8000", "۸۰", "۸۰٪"), ("0.1600", "۱۶", "۱۶٪")):
        assert f'<i style="--share:{share}"></i><b>{figure}</b><span class="share">{said}</span>' in html
    assert "<td>۱۴</td><td>۱٫۴۰٪</td><td>۱٫۲۵٪</td>" in html, "amblyopia beside its published prevalence"
    assert "<td>۵۵۰</td><td>۵۰۰</td><td>۶۰</td><td>۵۰</td><td>۴۰</td><td>۲</td><td>۸</td><td>۴</td>" in html


def test_it_tells_what_became_of_applications() -> None:
    html = page_of(report())
    assert "<td>۸</td><td>۱</td><td>۰</td><td>۰</td>" in html
    assert "<td>۲۹-۱۴۰۵-۰۰۰۰۳</td><td>زهرا احمدی</td><td>۱۴۰۵/۱۰/۳۰</td>" in html


def test_the_sums_of_the_report_are_those_of_its_parts() -> None:
    made = report(waiting={"2910": 3})
    province, khusf = made.province, made.county(KHUSF)
    assert (province.centers, province.files, province.persons, province.waiting) == (2, 610, 1830, 3)
    assert (khusf.least, khusf.most, khusf.files, khusf.waiting) == (160, 160, 160, 3)
    assert math.isclose(province.mean_metres, 4000)


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 200)), min_size=1, max_size=25))
def test_discs_never_cover_each_other(places: list[tuple[float, float]]) -> None:
    moved = apart(places)
    for n, here in enumerate(moved):
        assert all(math.dist(here, there) > 1.5 * RADIUS for there in moved[:n])


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=2, max_size=40, unique=True))
def test_a_hull_leaves_nobody_outside(points: list[tuple[float, float]]) -> None:
    hull = convex_hull(points)
    for x, y in points:
        for (ax, ay), (bx, by) in zip(hull, [*hull[1:], hull[0]], strict=True):
            assert (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= -1e-6


def test_colours_grow_darker_with_the_load() -> None:
    assert [band(load) for load in (0, 150, 200, 300, 449, 450, 600)] == [0, 0, 1, 3, 5, 5, 5]
