from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from shared.contracts.registry import TariffSignedOffV1
from shared.testing.plugin import Running

VISIT = {
    "service_code": "S03",
    "area_class": "hard-to-reach",
    "jurisdiction": "IR",
    "valid_from": "2026-03-21",
    "amount_rials": 1_250_000,
}
Draft = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def second(running: Running) -> httpx.AsyncClient:
    """Another person at headquarters than `headquarters`."""
    return await running.client(running.token("headquarters", "IR", subject="second-person"))


@pytest.fixture
def draft(headquarters: httpx.AsyncClient) -> Draft:
    async def make(**changes: Any) -> dict[str, Any]:
        response = await headquarters.post("/v1/tariffs", json=VISIT | changes)
        assert response.status_code == 201, response.text
        tariff: dict[str, Any] = response.json()
        return tariff

    return make


async def sign_off(client: httpx.AsyncClient, tariff: dict[str, Any]) -> httpx.Response:
    return await client.post(f"/v1/tariffs/{tariff['id']}:sign-off")


async def amounts(client: httpx.AsyncClient, **where: str) -> dict[tuple[str, str], int]:
    response = await client.get("/v1/tariffs:in-force", params=where)
    assert response.status_code == 200, response.text
    return {(each["service_code"], each["area_class"]): each["amount_rials"] for each in response.json()["items"]}


async def test_nothing_is_invented(headquarters: httpx.AsyncClient) -> None:
    assert (await headquarters.get("/v1/tariffs")).json()["items"] == []
    assert await amounts(headquarters) == {}


async def test_a_draft_counts_once_a_second_person_signs_it_off(
    draft: Draft, headquarters: httpx.AsyncClient, second: httpx.AsyncClient, running: Running
) -> None:
    tariff = await draft()
    assert (tariff["status"], tariff["drafted_by"], tariff["version"]) == ("draft", "headquarters@IR", 1)
    assert await amounts(headquarters, on="2026-04-01") == {}
    response = await sign_off(headquarters, tariff)
    assert (response.status_code, response.json()["code"]) == (403, "second-person-needed")
    assert await amounts(headquarters, on="2026-04-01") == {}
    response = await sign_off(second, tariff)
    assert response.status_code == 200, response.text
    signed = response.json()
    assert (signed["status"], signed["signed_off_by"], signed["version"]) == ("signed-off", "second-person", 2)
    assert (await headquarters.get(f"/v1/tariffs/{tariff['id']}")).json() == signed
    assert await amounts(headquarters, on="2026-04-01") == {("S03", "hard-to-reach"): 1_250_000}
    assert await amounts(headquarters, on="2026-03-20") == {}
    (envelope,) = await running.events(type=TariffSignedOffV1.type, count=1)
    assert envelope.subject == tariff["id"]
    assert envelope.data == VISIT | {"tariff_id": tariff["id"], "version": 2, "valid_to": None}


async def test_a_new_tariff_ends_the_one_before(
    draft: Draft, headquarters: httpx.AsyncClient, second: httpx.AsyncClient, running: Running
) -> None:
    first = await draft()
    await sign_off(second, first)
    following = await draft(valid_from="2027-03-21", amount_rials=2_000_000)
    assert (await sign_off(second, following)).status_code == 200
    key = ("S03", "hard-to-reach")
    for day, amount in (("2026-03-21", 1_250_000), ("2027-03-20", 1_250_000), ("2027-03-21", 2_000_000)):
        assert await amounts(headquarters, on=day) == {key: amount}
    ended = (await headquarters.get(f"/v1/tariffs/{first['id']}")).json()
    assert (ended["valid_to"], ended["version"]) == ("2027-03-20", 3)
    announced = await running.events(type=TariffSignedOffV1.type, count=3)
    assert [(each.data["amount_rials"], each.data["valid_to"]) for each in announced] == [
        (1_250_000, None),
        (1_250_000, "2027-03-20"),
        (2_000_000, None),
    ]


async def test_two_never_count_for_the_same_day(draft: Draft, second: httpx.AsyncClient) -> None:
    await sign_off(second, await draft())
    for dates in (
        {"valid_from": "2026-03-21"},
        {"valid_from": "2026-01-01"},
        {"valid_from": "2026-05-01", "valid_to": "2026-06-01"},
    ):
        tariff = await draft(**dates)
        response = await sign_off(second, tariff)
        assert (response.status_code, response.json()["code"]) == (409, "tariff-overlaps"), dates
        assert (await second.get(f"/v1/tariffs/{tariff['id']}")).json() == tariff
    for other in ({"area_class": "urban"}, {"service_code": "S04"}, {"jurisdiction": "29"}):
        assert (await sign_off(second, await draft(**other))).status_code == 200, other


async def test_the_narrowest_jurisdiction_decides(
    draft: Draft, headquarters: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    await sign_off(second, await draft())
    await sign_off(second, await draft(jurisdiction="29", amount_rials=1_500_000))
    await draft(jurisdiction="2901", amount_rials=9)
    key = ("S03", "hard-to-reach")
    for place, amount in (("IR", 1_250_000), ("0916", 1_250_000), ("29", 1_500_000), ("2901003", 1_500_000)):
        assert await amounts(headquarters, on="2026-04-01", jurisdiction=place) == {key: amount}
    assert await amounts(headquarters, on="2026-04-01", service_code="S04") == {}
    assert await amounts(headquarters, on="2026-04-01", area_class="urban") == {}


async def test_only_a_draft_is_signed_off_or_withdrawn(
    draft: Draft, headquarters: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    signed, withdrawn = await draft(), await draft(area_class="urban")
    await sign_off(second, signed)
    response = await headquarters.post(f"/v1/tariffs/{withdrawn['id']}:withdraw")
    assert (response.status_code, response.json()["status"]) == (200, "withdrawn")
    for tariff, status in ((signed, "signed-off"), (withdrawn, "withdrawn")):
        for answer in (await sign_off(second, tariff), await second.post(f"/v1/tariffs/{tariff['id']}:withdraw")):
            assert (answer.status_code, answer.json()["code"]) == (409, "tariff-not-draft")
            assert answer.json()["current"] == status
    assert list(await amounts(headquarters, on="2026-04-01")) == [("S03", "hard-to-reach")]


async def test_filters_narrow_the_list(
    draft: Draft, headquarters: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    a, b, c = await draft(), await draft(area_class="urban"), await draft(service_code="S04", jurisdiction="29")
    await sign_off(second, a)

    async def ids(**filters: str) -> list[str]:
        items = (await headquarters.get("/v1/tariffs", params=filters)).json()["items"]
        return [each["id"] for each in items]

    assert await ids() == [a["id"], b["id"], c["id"]]
    assert await ids(status="signed-off") == [a["id"]]
    assert await ids(area_class="urban") == [b["id"]]
    assert await ids(service_code="S04") == [c["id"]]
    assert await ids(jurisdiction="29") == [c["id"]]
    for query in ("status=paid", "area_class=city", "service_code=4", "jurisdiction=2"):
        assert (await headquarters.get(f"/v1/tariffs?{query}")).status_code == 422, query


async def test_bad_input_is_refused(headquarters: httpx.AsyncClient) -> None:
    for changes in (
        {"amount_rials": 0},
        {"amount_rials": -5},
        {"amount_rials": 1.5},
        {"amount_rials": "1000"},
        {"amount_rials": 10**13},
        {"area_class": "city"},
        {"service_code": "3"},
        {"valid_to": "2026-03-20"},
        {"status": "signed-off"},
        {"signed_off_by": "me"},
    ):
        response = await headquarters.post("/v1/tariffs", json=VISIT | changes)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), changes
    response = await headquarters.post("/v1/tariffs", json=VISIT | {"service_code": "S99"})
    assert (response.status_code, response.json()["code"]) == (422, "service-unknown")
    response = await headquarters.post("/v1/tariffs", json=VISIT | {"jurisdiction": "77"})
    assert (response.status_code, response.json()["code"]) == (422, "place-unknown")
    assert (await headquarters.get("/v1/tariffs")).json()["items"] == []
