from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from shared.contracts.registry import ParameterSetV1
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]

MAXIMUM: dict[str, Any] = {
    "name": "files-per-center-maximum",
    "jurisdiction": "IR",
    "value": 700,
    "valid_from": "2027-03-21",
    "source": "مصوبهٔ آزمایشی",
}


async def set_value(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    response = await client.post("/v1/parameters", json=MAXIMUM | changes)
    assert response.status_code == 201, response.text
    parameter: dict[str, Any] = response.json()
    return parameter


async def in_force(client: httpx.AsyncClient, **where: str) -> dict[str, int]:
    response = await client.get("/v1/parameters:in-force", params=where)
    assert response.status_code == 200, response.text
    return {each["name"]: each["value"] for each in response.json()["items"]}


async def maximum(client: httpx.AsyncClient, on: str, jurisdiction: str = "IR") -> int | None:
    return (await in_force(client, name=MAXIMUM["name"], on=on, jurisdiction=jurisdiction)).get(MAXIMUM["name"])


async def history(client: httpx.AsyncClient, jurisdiction: str) -> list[tuple[int, str, str | None]]:
    response = await client.get("/v1/parameters", params={"name": MAXIMUM["name"], "jurisdiction": jurisdiction})
    return [(each["value"], each["valid_from"], each["valid_to"]) for each in response.json()["items"]]


async def test_the_rules_of_opening_day_and_of_1404(anybody: httpx.AsyncClient) -> None:
    law = {
        "adoption-marriage-years": 5,
        "adoption-one-spouse-over-years": 30,
        "adoption-single-from-years": 30,
        "adoption-senior-from-years": 50,
        "adoption-children-at-most": 2,
        "adoption-child-under-years": 16,
        "adoption-unclaimed-years": 2,
        "adoption-opinion-months": 2,
        "adoption-trial-months": 6,
    }
    launch = law | {
        "files-per-center-minimum": 150,
        "files-per-center-maximum": 450,
        "files-per-worker": 150,
        "home-visit-interval-months": 6,
    }
    raised = launch | {"files-per-center-maximum": 600, "files-per-worker": 200, "temporary-care-child-under-years": 18}
    for place in ("IR", "29", "2901", "2901003"):
        assert await in_force(anybody, on="2013-09-21", jurisdiction=place) == {}
        assert await in_force(anybody, on="2021-03-07", jurisdiction=place) == law
        assert await in_force(anybody, on="2021-03-08", jurisdiction=place) == launch
        assert await in_force(anybody, on="2023-09-22", jurisdiction=place) == launch
        assert await in_force(anybody, on="2025-11-05", jurisdiction=place) == raised
        assert await in_force(anybody, jurisdiction=place) == raised
    assert await in_force(anybody) == raised
    every = (await anybody.get("/v1/parameters")).json()["items"]
    assert {each["unit"] for each in every} == {"files", "months", "years", "children"}
    assert all(each["source"] for each in every)


async def test_a_new_value_ends_the_one_before(headquarters: httpx.AsyncClient, running: Running) -> None:
    response = await headquarters.post("/v1/parameters", json=MAXIMUM)
    assert response.status_code == 201, response.text
    parameter = response.json()
    assert parameter == MAXIMUM | {
        "id": parameter["id"],
        "version": 1,
        "unit": "files",
        "valid_to": None,
        "set_at": parameter["set_at"],
    }
    assert (await headquarters.get(response.headers["location"])).json() == parameter
    assert await history(headquarters, "IR") == [
        (450, "2021-03-08", "2025-11-04"),
        (600, "2025-11-05", "2027-03-20"),
        (700, "2027-03-21", None),
    ]
    ended, new = await running.events(type=ParameterSetV1.type, count=2)
    assert (ended.data["value"], ended.data["version"], ended.data["valid_to"]) == (600, 2, "2027-03-20")
    assert new.data == {
        "jurisdiction": "IR",
        "parameter_id": parameter["id"],
        "version": 1,
        "name": MAXIMUM["name"],
        "value": 700,
        "valid_from": "2027-03-21",
        "valid_to": None,
    }
    assert (await maximum(headquarters, "2027-03-20"), await maximum(headquarters, "2027-03-21")) == (600, 700)


async def test_the_narrowest_jurisdiction_decides(make_center: Make, headquarters: httpx.AsyncClient) -> None:
    center = (await make_center())["code"]
    await set_value(headquarters, jurisdiction="29", value=650)
    await set_value(headquarters, jurisdiction=center, value=300, valid_from="2027-04-01")
    for place, before, after in (
        ("IR", 600, 600),
        ("09", 600, 600),
        ("29", 650, 650),
        ("2901", 650, 650),
        (center, 650, 300),
        ("2901777", 650, 650),
    ):
        assert await maximum(headquarters, "2027-03-31", place) == before, place
        assert await maximum(headquarters, "2027-04-01", place) == after, place


async def test_after_an_exception_the_rule_holds_again(headquarters: httpx.AsyncClient) -> None:
    await set_value(headquarters, value=500, valid_from="2026-03-21", valid_to="2026-06-21")
    assert await history(headquarters, "IR") == [
        (450, "2021-03-08", "2025-11-04"),
        (600, "2025-11-05", "2026-03-20"),
        (500, "2026-03-21", "2026-06-21"),
        (600, "2026-06-22", None),
    ]
    await set_value(headquarters, jurisdiction="29", value=550, valid_to="2027-12-31")
    assert await history(headquarters, "29") == [(550, "2027-03-21", "2027-12-31")]
    assert await maximum(headquarters, "2028-01-01", "29") == 600


async def test_a_value_holds_until_the_next_that_is_already_set(headquarters: httpx.AsyncClient) -> None:
    await set_value(headquarters, valid_from="2030-01-01")
    between = await set_value(headquarters, value=650, valid_from="2028-01-01")
    assert between["valid_to"] == "2029-12-31"
    for dates in (
        {"valid_from": "2028-01-01"},
        {"valid_from": "2029-01-01", "valid_to": "2030-01-01"},
        {"valid_from": "2021-03-08", "valid_to": "2021-03-08"},
    ):
        response = await headquarters.post("/v1/parameters", json=MAXIMUM | dates)
        assert (response.status_code, response.json()["code"]) == (409, "parameter-overlaps"), dates
    assert len(await history(headquarters, "IR")) == 4


async def test_at_the_ends_of_the_calendar(headquarters: httpx.AsyncClient) -> None:
    await set_value(headquarters, valid_from="0001-01-01")
    await set_value(headquarters, jurisdiction="29", valid_from="0001-01-01")
    await set_value(headquarters, jurisdiction="29", valid_from="9999-12-31", valid_to="9999-12-31")
    assert await history(headquarters, "29") == [(700, "0001-01-01", "9999-12-30"), (700, "9999-12-31", "9999-12-31")]
    assert (await history(headquarters, "IR"))[0] == (700, "0001-01-01", "2021-03-07")


async def test_a_province_differs_only_from_what_the_nation_has(headquarters: httpx.AsyncClient) -> None:
    name = {"name": "service-request-days-s05"}
    response = await headquarters.post("/v1/parameters", json=MAXIMUM | name | {"jurisdiction": "29", "unit": "days"})
    assert (response.status_code, response.json()["code"]) == (422, "parameter-unknown")
    response = await headquarters.post("/v1/parameters", json=MAXIMUM | name)
    assert (response.status_code, response.json()["code"]) == (422, "unit-missing")
    await set_value(headquarters, **name, unit="days")
    assert (await set_value(headquarters, **name, jurisdiction="29"))["unit"] == "days"
    response = await headquarters.post("/v1/parameters", json=MAXIMUM | {"unit": "households"})
    assert (response.status_code, response.json()["code"]) == (422, "unit-differs")
    response = await headquarters.post("/v1/parameters", json=MAXIMUM | {"jurisdiction": "77"})
    assert (response.status_code, response.json()["code"]) == (422, "place-unknown")


async def test_a_wrong_value_is_corrected(headquarters: httpx.AsyncClient, running: Running) -> None:
    parameter = await set_value(headquarters, value=7000)
    address = f"/v1/parameters/{parameter['id']}"
    response = await headquarters.patch(address, json={"value": 700}, headers={"If-Match": '"1"'})
    assert (response.status_code, response.json()) == (200, parameter | {"value": 700, "version": 2})
    stale = await headquarters.patch(address, json={"value": 1}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
    assert (await headquarters.patch(address, json={"value": 1})).status_code == 428
    *_, corrected = await running.events(type=ParameterSetV1.type, count=3)
    assert (corrected.subject, corrected.data["value"]) == (parameter["id"], 700)
    response = await headquarters.patch(address, json={"valid_to": "2027-03-20"}, headers={"If-Match": '"2"'})
    assert (response.status_code, response.json()["code"]) == (422, "valid-to-too-early")
    await set_value(headquarters, valid_from="2028-01-01")
    response = await headquarters.patch(address, json={"valid_to": "2028-01-01"}, headers={"If-Match": '"3"'})
    assert (response.status_code, response.json()["code"]) == (409, "parameter-overlaps")


async def test_bad_input_is_refused(headquarters: httpx.AsyncClient) -> None:
    for changes in (
        {"name": "Files per center"},
        {"value": -1},
        {"value": 1.5},
        {"value": "700"},
        {"value": True},
        {"value": 10**10},
        {"jurisdiction": ""},
        {"valid_from": None},
        {"valid_from": "1406-01-01x"},
        {"valid_to": "2027-03-20"},
        {"source": " "},
        {"id": "x"},
    ):
        response = await headquarters.post("/v1/parameters", json=MAXIMUM | changes)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), changes
    for query in ("on=today", "jurisdiction=290", "name=Files", "where=IR"):
        assert (await headquarters.get(f"/v1/parameters:in-force?{query}")).status_code == 422, query
    assert len(await history(headquarters, "IR")) == 2


async def test_pages_follow_each_other(anybody: httpx.AsyncClient) -> None:
    whole = (await anybody.get("/v1/parameters")).json()["items"]
    found: list[dict[str, Any]] = []
    address = "/v1/parameters?limit=2"
    while address:
        response = await anybody.get(address)
        found += response.json()["items"]
        address = response.links.get("next", {}).get("url", "")
    assert len(found) == 16
    assert found == whole
