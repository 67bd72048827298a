"""What is accepted as a service area."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from svc_registry.centers.schemas import Polygon

SQUARE = [[59.0, 32.7], [59.4, 32.7], [59.4, 33.1], [59.0, 33.1], [59.0, 32.7]]


def polygon(*rings: Any) -> Polygon:
    return Polygon.model_validate({"type": "Polygon", "coordinates": list(rings)})


def test_a_ring_and_its_holes() -> None:
    hole = [[59.1, 32.8], [59.2, 32.8], [59.2, 32.9], [59.1, 32.8]]
    assert polygon(SQUARE, hole).model_dump(mode="json")["coordinates"] == [SQUARE, hole]


@pytest.mark.parametrize(
    "rings",
    [
        [],
        [SQUARE[:-1]],
        [SQUARE[:3]],
        [[[59.0, 32.7], [59.4, 33.1], [59.4, 32.7], [59.0, 33.1], [59.0, 32.7]]],
        [[[59.0, 32.7], [59.4, 32.7], [59.0, 32.7], [59.0, 33.1], [59.0, 32.7]]],
        [[[59.0, 32.7], [59.2, 32.7], [59.4, 32.7], [59.0, 32.7]]],
        [[[32.7, 59.0], [32.7, 59.4], [33.1, 59.4], [32.7, 59.0]]],
        [[[59.0], [59.4, 32.7], [59.4, 33.1], [59.0]]],
        [[[59.0, 32.7, 1500.0], [59.4, 32.7, 0.0], [59.4, 33.1, 0.0], [59.0, 32.7, 1500.0]]],
        [SQUARE[:1] * 501],
        [SQUARE] * 11,
        "everywhere",
    ],
    ids=[
        "no ring",
        "open",
        "too few corners",
        "bow tie",
        "there and back",
        "on one line",
        "latitude first",
        "one coordinate",
        "height",
        "too many corners",
        "too many rings",
        "no list",
    ],
)
def test_what_is_no_area(rings: Any) -> None:
    with pytest.raises(ValidationError):
        Polygon.model_validate({"type": "Polygon", "coordinates": rings})


def test_only_polygons() -> None:
    for changes in ({"type": "MultiPolygon"}, {"type": "Point"}, {"bbox": [59, 32, 60, 33]}):
        with pytest.raises(ValidationError):
            Polygon.model_validate({"type": "Polygon", "coordinates": [SQUARE], **changes})


@given(st.lists(st.floats(0.2, 1.0), min_size=5, max_size=40), st.data())
def test_a_star_around_a_point_never_crosses_itself_until_two_corners_are_swapped(
    radii: list[float], data: st.DataObject
) -> None:
    turns = [2 * math.pi * n / len(radii) for n in range(len(radii))]
    corners = [
        [59 + radius * math.cos(turn), 33 + radius * math.sin(turn)] for radius, turn in zip(radii, turns, strict=True)
    ]
    polygon([*corners, corners[0]])
    round_corners = [[59 + math.cos(turn), 33 + math.sin(turn)] for turn in turns]
    n = data.draw(st.integers(0, len(radii) - 1))
    m = (n + 1) % len(radii)
    round_corners[n], round_corners[m] = round_corners[m], round_corners[n]
    with pytest.raises(ValidationError):
        polygon([*round_corners, round_corners[0]])
