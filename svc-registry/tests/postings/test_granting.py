import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.kit.calendar import today
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]

COUNTY_OFFICER = {"person": "m.rezai", "role": "county-officer", "jurisdiction": "2901"}
TODAY = today().isoformat()
TOMORROW = (today() + timedelta(days=1)).isoformat()
YESTERDAY = (today() - timedelta(days=1)).isoformat()


async def grant(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    response = await client.post("/v1/postings", json=COUNTY_OFFICER | changes)
    assert response.status_code == 201, response.text
    posting: dict[str, Any] = response.json()
    return posting


async def end(client: httpx.AsyncClient, posting: dict[str, Any], **body: str) -> httpx.Response:
    return await client.post(
        f"/v1/postings/{posting['id']}:end", json=body, headers={"If-Match": f'"{posting["version"]}"'}
    )


async def persons(client: httpx.AsyncClient, **filters: str) -> set[str]:
    response = await client.get("/v1/postings", params=filters)
    assert response.status_code == 200, response.text
    return {posting["person"] for posting in response.json()["items"]}


async def test_a_posting_begins_today_and_says_who_granted_it(officer: httpx.AsyncClient, running: Running) -> None:
    response = await officer.post("/v1/postings", json=COUNTY_OFFICER)
    assert response.status_code == 201, response.text
    posting = response.json()
    assert {name: posting[name] for name in COUNTY_OFFICER} == COUNTY_OFFICER
    assert (posting["valid_from"], posting["valid_to"], posting["ended_at"]) == (TODAY, None, None)
    assert posting["granted_by"] == "province-officer@29"
    read = await officer.get(response.headers["location"])
    assert (read.json(), read.headers["etag"]) == (posting, '"1"')
    (envelope,) = await running.events(type=PostingGrantedV1.type, count=1)
    assert (envelope.address, envelope.subject) == (f"{PostingGrantedV1.type}.29.01.-", posting["id"])
    assert envelope.data == {
        "posting_id": posting["id"],
        "version": 1,
        "valid_from": TODAY,
        "valid_to": None,
        "granted_by": "province-officer@29",
        **COUNTY_OFFICER,
    }


async def test_a_role_exists_at_its_levels_only(
    make_center: Make, officer: httpx.AsyncClient, headquarters: httpx.AsyncClient
) -> None:
    center = (await make_center())["code"]
    for client, role, place, allowed in (
        (officer, "county-officer", "29", ["county"]),
        (officer, "county-officer", center, ["county"]),
        (officer, "center-manager", "2901", ["center"]),
        (headquarters, "headquarters", "29", ["nation"]),
        (headquarters, "province-officer", "IR", ["province"]),
    ):
        response = await client.post("/v1/postings", json=COUNTY_OFFICER | {"role": role, "jurisdiction": place})
        assert (response.status_code, response.json()["code"]) == (422, "role-not-at-level"), (role, place)
        assert response.json()["allowed"] == allowed
    await grant(officer, role="center-manager", jurisdiction=center)


async def test_the_place_must_exist(officer: httpx.AsyncClient, headquarters: httpx.AsyncClient) -> None:
    for client, role, place in (
        (officer, "center-manager", "2901001"),
        (officer, "county-officer", "2999"),
        (headquarters, "province-officer", "77"),
    ):
        response = await client.post("/v1/postings", json=COUNTY_OFFICER | {"role": role, "jurisdiction": place})
        assert (response.status_code, response.json()["code"]) == (422, "place-unknown"), place
        assert response.json()["errors"][0]["pointer"] == "/jurisdiction"


async def test_the_same_role_at_the_same_place_is_held_once_at_a_time(officer: httpx.AsyncClient) -> None:
    await grant(officer, valid_from="2021-03-08", valid_to="2022-03-20")
    for valid_from, valid_to in (("2022-03-20", None), ("2020-01-01", "2021-03-08"), ("2021-05-01", "2021-05-02")):
        dates = {"valid_from": valid_from, "valid_to": valid_to}
        response = await officer.post("/v1/postings", json=COUNTY_OFFICER | dates)
        assert (response.status_code, response.json()["code"]) == (409, "posting-overlaps"), dates
    await grant(officer, valid_from="2022-03-21")
    await grant(officer, jurisdiction="2902")
    await grant(officer, person="a.karimi")


async def test_two_grants_at_the_same_moment_make_one_posting(officer: httpx.AsyncClient) -> None:
    granting: list[Awaitable[httpx.Response]] = [officer.post("/v1/postings", json=COUNTY_OFFICER) for _ in range(6)]
    answers = sorted((each.status_code, each.json().get("code")) for each in await asyncio.gather(*granting))
    assert answers == [(201, None)] + [(409, "posting-overlaps")] * 5


async def test_ended_at_once(officer: httpx.AsyncClient, running: Running) -> None:
    posting = await grant(officer, valid_from="2021-03-08")
    response = await end(officer, posting)
    assert response.status_code == 200, response.text
    ended = response.json()
    assert (ended["valid_to"], ended["ended_by"], ended["version"]) == (TODAY, "province-officer@29", 2)
    assert abs(datetime.fromisoformat(ended["ended_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    (envelope,) = await running.events(type=PostingEndedV1.type, count=1)
    assert (envelope.subject, envelope.data["version"], envelope.data["valid_to"]) == (posting["id"], 2, TODAY)
    response = await end(officer, ended)
    assert (response.status_code, response.json()["code"]) == (409, "posting-ended")
    assert await persons(officer, active_on=TODAY) == set()
    assert await persons(officer, active_on=YESTERDAY) == {"m.rezai"}
    assert (await grant(officer))["valid_from"] == TODAY


async def test_ended_with_a_day_it_is_held_until_then(officer: httpx.AsyncClient, running: Running) -> None:
    posting = await grant(officer)
    response = await end(officer, posting, last_day=TOMORROW)
    assert response.status_code == 200, response.text
    assert (response.json()["valid_to"], response.json()["ended_at"]) == (TOMORROW, None)
    assert await persons(officer, active_on=TOMORROW) == {"m.rezai"}
    assert await persons(officer, active_on=(today() + timedelta(days=2)).isoformat()) == set()
    granted, shortened = await running.events(type=PostingGrantedV1.type, count=2)
    assert (granted.data["valid_to"], shortened.data["valid_to"]) == (None, TOMORROW)
    assert shortened.data["version"] == 2


async def test_one_that_has_not_begun_can_be_ended(officer: httpx.AsyncClient) -> None:
    posting = await grant(officer, valid_from=TOMORROW)
    assert (await end(officer, posting)).status_code == 200
    assert await persons(officer, active_on=TOMORROW) == set()


async def test_the_last_day_is_today_or_later_and_never_later_than_before(officer: httpx.AsyncClient) -> None:
    posting = await grant(officer, valid_from="2021-03-08", valid_to=TOMORROW)
    for day in (YESTERDAY, (today() + timedelta(days=2)).isoformat(), "9999-12-31"):
        response = await end(officer, posting, last_day=day)
        assert (response.status_code, response.json()["code"]) == (422, "last-day-out-of-turn"), day
    past = await grant(officer, valid_from="2020-01-01", valid_to="2020-12-31")
    assert (await end(officer, past)).json()["code"] == "posting-ended"


async def test_only_the_version_that_was_read_is_ended(officer: httpx.AsyncClient) -> None:
    posting = await grant(officer)
    address = f"/v1/postings/{posting['id']}:end"
    assert (await officer.post(address, json={})).status_code == 428
    assert (await officer.post(address, json={}, headers={"If-Match": '"7"'})).status_code == 412
    assert (await officer.get(f"/v1/postings/{posting['id']}")).json() == posting


async def test_bad_input_is_refused(officer: httpx.AsyncClient) -> None:
    for changes, pointer in (
        ({"person": ""}, "/person"),
        ({"person": "with space"}, "/person"),
        ({"person": "x" * 256}, "/person"),
        ({"role": "king"}, "/role"),
        ({"jurisdiction": ""}, "/jurisdiction"),
        ({"jurisdiction": "290"}, "/jurisdiction"),
        ({"valid_from": "2026-02-30"}, "/valid_from"),
        ({"valid_from": 0}, "/valid_from"),
        ({"valid_from": "2026-02-02", "valid_to": "2026-02-01"}, ""),
    ):
        response = await officer.post("/v1/postings", json=COUNTY_OFFICER | changes)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), changes
        assert pointer in [error["pointer"] for error in response.json()["errors"]]
    for name in ("granted_by", "version", "ended_at", "id"):
        response = await officer.post("/v1/postings", json=COUNTY_OFFICER | {name: "x"})
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), name
    response = await officer.post("/v1/postings", json=COUNTY_OFFICER | {"valid_to": YESTERDAY})
    assert (response.status_code, response.json()["code"]) == (422, "last-day-out-of-turn")
    assert await persons(officer) == set()


async def test_filters_narrow_the_list(make_center: Make, officer: httpx.AsyncClient) -> None:
    center = (await make_center())["code"]
    await grant(officer)
    await grant(officer, person="a.karimi", jurisdiction="2902")
    await grant(officer, person="s.ahmadi", role="social-worker", jurisdiction=center)
    assert await persons(officer) == {"m.rezai", "a.karimi", "s.ahmadi"}
    assert await persons(officer, jurisdiction="2901") == {"m.rezai", "s.ahmadi"}
    assert await persons(officer, role="county-officer") == {"m.rezai", "a.karimi"}
    assert await persons(officer, role="county-officer", jurisdiction="2901") == {"m.rezai"}
    assert await persons(officer, person="s.ahmadi") == {"s.ahmadi"}
    assert await persons(officer, person="nobody") == set()
    for query in ("role=king", "jurisdiction=290", "active_on=yesterday", "active_on=0", "person="):
        assert (await officer.get(f"/v1/postings?{query}")).status_code == 422, query


async def test_pages_follow_each_other(officer: httpx.AsyncClient) -> None:
    made = [(await grant(officer, person=f"person-{n}"))["id"] for n in range(5)]
    found: list[str] = []
    address = "/v1/postings?limit=2"
    while address:
        response = await officer.get(address)
        found += [posting["id"] for posting in response.json()["items"]]
        address = response.links.get("next", {}).get("url", "")
    assert found == made
