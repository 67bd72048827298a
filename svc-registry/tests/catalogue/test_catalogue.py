from typing import Any

import httpx

from shared.contracts.registry import CatalogueServiceChangedV1
from shared.kit.text import normalise
from shared.testing.plugin import Running

NEW = {
    "code": "S23",
    "name_fa": "غربالگري نو",
    "name_en": "A new screening",
    "domain": "prevention",
    "active_from": "2026-03-21",
    "source": "مصوبهٔ ستاد",
}


async def change(client: httpx.AsyncClient, code: str, *, read: int, **changes: Any) -> httpx.Response:
    return await client.patch(f"/v1/services/{code}", json=changes, headers={"If-Match": f'"{read}"'})


async def test_the_22_services_on_opening_day(anybody: httpx.AsyncClient) -> None:
    services = (await anybody.get("/v1/services?on=2021-03-08")).json()["items"]
    assert [each["code"] for each in services] == [f"S{number:02}" for number in range(1, 23)]
    assert (services[15]["name_fa"], services[15]["name_en"]) == ("غربالگری بینایی", "Vision screening")
    for each in services:
        assert each["name_fa"] == normalise(each["name_fa"])
        assert each["source"]
    assert (await anybody.get("/v1/services?on=2021-03-07")).json()["items"] == []
    assert (await anybody.get("/v1/services/s16")).json() == services[15]


async def test_a_domain_narrows_the_list(anybody: httpx.AsyncClient) -> None:
    services = (await anybody.get("/v1/services?domain=participation")).json()["items"]
    assert [each["code"] for each in services] == ["S10", "S12"]
    assert (await anybody.get("/v1/services?domain=unknown")).json()["items"] == []
    assert (await anybody.get("/v1/services?on=tomorrow")).status_code == 422


async def test_a_service_is_added_and_ended_with_its_dates(headquarters: httpx.AsyncClient, running: Running) -> None:
    response = await headquarters.post("/v1/services", json=NEW)
    assert response.status_code == 201, response.text
    assert response.json() == NEW | {"name_fa": "غربالگری نو", "active_to": None, "version": 1}
    assert (response.headers["location"], response.headers["etag"]) == ("/v1/services/S23", '"1"')
    ended = await change(headquarters, "S23", read=1, active_to="2026-06-30")
    assert (ended.status_code, ended.json()["active_to"], ended.headers["etag"]) == (200, "2026-06-30", '"2"')
    for day, active in (("2026-03-20", False), ("2026-03-21", True), ("2026-06-30", True), ("2026-07-01", False)):
        found = (await headquarters.get(f"/v1/services?on={day}")).json()["items"]
        assert ("S23" in [each["code"] for each in found]) is active, day
    assert "S23" in [each["code"] for each in (await headquarters.get("/v1/services")).json()["items"]]
    added, changed = await running.events(type=CatalogueServiceChangedV1.type, count=2)
    assert (added.subject, added.data["active_to"], added.data["version"]) == ("S23", None, 1)
    assert (changed.data["active_to"], changed.data["version"]) == ("2026-06-30", 2)
    assert changed.address == f"{CatalogueServiceChangedV1.type}.-.-.-"


async def test_a_code_is_given_once(headquarters: httpx.AsyncClient) -> None:
    response = await headquarters.post("/v1/services", json=NEW | {"code": "S01"})
    assert (response.status_code, response.json()["code"]) == (409, "service-code-taken")


async def test_the_version_that_was_read_must_be_the_current_one(headquarters: httpx.AsyncClient) -> None:
    assert (await change(headquarters, "S01", read=1, name_en="One")).status_code == 200
    response = await change(headquarters, "S01", read=1, name_en="Two")
    assert (response.status_code, response.json()["code"]) == (412, "precondition-failed")
    assert (await headquarters.patch("/v1/services/S01", json={"name_en": "Two"})).status_code == 428
    assert (await change(headquarters, "S01", read=2, name_en="One")).json()["version"] == 2
    assert (await change(headquarters, "S99", read=1, name_en="x")).status_code == 404


async def test_bad_input_is_refused(headquarters: httpx.AsyncClient) -> None:
    for changes in ({"code": "X01"}, {"code": "S1"}, {"domain": "Social Affairs"}, {"name_en": ""}, {"version": 2}):
        response = await headquarters.post("/v1/services", json=NEW | changes)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), changes
    for emptied in ({"name_fa": None}, {"source": None}, {"active_from": "2020-01-01"}, {"version": 2}):
        response = await change(headquarters, "S01", read=1, **emptied)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), emptied
    for response in (
        await headquarters.post("/v1/services", json=NEW | {"active_to": "2026-03-20"}),
        await change(headquarters, "S01", read=1, active_to="2021-03-07"),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "active-to-too-early")
    assert (await headquarters.get("/v1/services/S01")).json()["version"] == 1
