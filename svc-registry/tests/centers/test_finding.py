import math
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from shared.chassis.actor import Actor
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]

# a square around Birjand with a square hole in its middle
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[59.0, 32.7], [59.4, 32.7], [59.4, 33.1], [59.0, 33.1], [59.0, 32.7]],
        [[59.15, 32.85], [59.25, 32.85], [59.25, 32.95], [59.15, 32.95], [59.15, 32.85]],
    ],
}


async def codes(client: httpx.AsyncClient, **filters: str) -> list[str]:
    response = await client.get("/v1/centers", params=filters)
    assert response.status_code == 200, response.text
    return [center["code"] for center in response.json()["items"]]


async def test_filters_narrow_the_list(make_center: Make, anybody: httpx.AsyncClient) -> None:
    a = (await make_center("open", name_fa="مرکز امید", name_en="Hope"))["code"]
    b = (await make_center("ready", area_class="rural", name_fa="مرکز علی‌آباد"))["code"]
    c = (await make_center("open", county="2904", area_class="rural"))["code"]
    assert await codes(anybody) == [a, b, c]
    assert await codes(anybody, status="open") == [a, c]
    assert await codes(anybody, area_class="rural") == [b, c]
    assert await codes(anybody, jurisdiction="2901") == [a, b]
    assert await codes(anybody, jurisdiction="29", status="open", area_class="rural") == [c]
    assert await codes(anybody, jurisdiction="IR") == [a, b, c]
    assert await codes(anybody, jurisdiction="30") == []
    assert await codes(anybody, jurisdiction=b) == [b]
    assert await codes(anybody, q="hope") == [a]
    assert await codes(anybody, q="علي آباد") == [b]  # Arabic letters, and a space for the joiner
    assert await codes(anybody, q="%") == []


async def test_a_filter_with_an_unknown_value_is_never_wider(make_center: Make, anybody: httpx.AsyncClient) -> None:
    await make_center("open")
    for query in (
        "status=opened",
        "area_class=city",
        "jurisdiction=290",
        "jurisdiction=",
        "q=",
        "limit=0",
        "limit=201",
    ):
        response = await anybody.get(f"/v1/centers?{query}")
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), query
    response = await anybody.get("/v1/centers?county=2901")
    assert (response.status_code, response.json()["code"]) == (422, "unknown-parameter")


async def test_pages_follow_each_other(make_center: Make, anybody: httpx.AsyncClient) -> None:
    made = [(await make_center())["code"] for _ in range(5)]
    first = (await anybody.get("/v1/centers?limit=2")).json()
    second = (await anybody.get("/v1/centers", params={"limit": 2, "after": first["next"]})).json()
    third = (await anybody.get("/v1/centers", params={"limit": 2, "after": second["next"]})).json()
    assert [each["code"] for page in (first, second, third) for each in page["items"]] == made
    assert third["next"] is None
    response = await anybody.get("/v1/centers", params={"status": "open", "after": first["next"]})
    assert (response.status_code, response.json()["code"]) == (422, "invalid-cursor")


async def locate(client: httpx.AsyncClient, latitude: float, longitude: float, **more: int) -> dict[str, Any]:
    response = await client.get("/v1/centers:locate", params={"latitude": latitude, "longitude": longitude, **more})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_whose_area_am_i_in(make_center: Make, anybody: httpx.AsyncClient) -> None:
    near = await make_center("open", latitude=32.90, longitude=59.20)
    mine = await make_center("open", latitude=33.09, longitude=59.39, service_area=SQUARE)
    inside = await locate(anybody, 32.75, 59.05)
    assert (inside["match"], [each["code"] for each in inside["centers"]]) == ("service-area", [mine["code"]])
    for place in ((32.90, 59.20), (33.2, 59.2)):  # in the hole, and outside
        found = await locate(anybody, *place)
        assert found["match"] == "nearest"
        assert found["centers"][0]["code"] == (near["code"] if place[0] < 33 else mine["code"])


async def test_of_overlapping_areas_the_nearest_center_comes_first(
    make_center: Make, anybody: httpx.AsyncClient
) -> None:
    far = await make_center("open", latitude=33.05, longitude=59.05, service_area=SQUARE)
    near = await make_center("open", latitude=32.75, longitude=59.30, service_area=SQUARE)
    found = await locate(anybody, 32.71, 59.35)
    assert [each["code"] for each in found["centers"]] == [near["code"], far["code"]]


async def test_else_the_nearest_open_centers_with_their_distance(make_center: Make, anybody: httpx.AsyncClient) -> None:
    places = {"2901": (32.8649, 59.2262), "2904": (33.7263, 59.1844), "2911": (33.5959, 56.9244)}
    made = {
        (await make_center("open", county=county, latitude=latitude, longitude=longitude))["code"]: (
            latitude,
            longitude,
        )
        for county, (latitude, longitude) in places.items()
    }
    for status in ("planned", "ready", "suspended", "closed"):
        await make_center(status, latitude=33.7, longitude=59.2)
    found = await locate(anybody, 33.7, 59.2)
    assert found["match"] == "nearest"
    distances = {each["code"]: each["distance_metres"] for each in found["centers"]}
    assert list(distances) == ["2904001", "2901001", "2911001"]
    for code, place in made.items():
        assert abs(distances[code] - metres(place, (33.7, 59.2))) <= 1
    assert [each["code"] for each in (await locate(anybody, 33.7, 59.2, limit=1))["centers"]] == ["2904001"]


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The spherical law of cosines: another formula for the same distance."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, each)) for each in (a, b))
    return 6371008.8 * math.acos(
        math.sin(lat_a) * math.sin(lat_b) + math.cos(lat_a) * math.cos(lat_b) * math.cos(lon_a - lon_b)
    )


async def test_a_point_outside_the_country_is_refused(anybody: httpx.AsyncClient) -> None:
    for query in (
        "latitude=59.2&longitude=32.8",
        "latitude=32.8",
        "latitude=nan&longitude=59",
        "latitude=inf&longitude=1",
    ):
        response = await anybody.get(f"/v1/centers:locate?{query}")
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), query


async def test_looking_for_an_area_is_an_index_scan(make_center: Make, running: Running) -> None:
    async with running.database.command(Actor.system("registry")) as command:
        await command.connection.execute(
            """
            INSERT INTO center (code, county, version, status, name_fa, name_search, area_class, latitude, longitude,
                                service_area, created_at)
            SELECT code || lpad(n::text, 3, '0'), code, 1, 'open', 'x', 'x', 'urban', latitude, longitude,
              jsonb_build_object('type', 'Polygon', 'coordinates', jsonb_build_array(jsonb_build_array(
                jsonb_build_array(longitude, latitude), jsonb_build_array(longitude + .1, latitude),
                jsonb_build_array(longitude, latitude + .1), jsonb_build_array(longitude, latitude)))), now()
            FROM county, generate_series(1, 6) AS n
            """
        )
    await running.analyse()
    async with running.database.query(Actor(subject="x", roles=frozenset(), scope=None)) as query:
        plan = await query.fetch(
            "EXPLAIN SELECT code FROM center WHERE status = 'open'"
            " AND area_frame(service_area) @> box(point(59.2, 32.8), point(59.2, 32.8))"
        )
    assert any("center_area_frame" in line[0] for line in plan), plan
