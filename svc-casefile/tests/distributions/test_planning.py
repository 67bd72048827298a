"""A plan gives each waiting file its center, says why, and moves nothing."""

import asyncio
from datetime import date

import httpx
import pytest
from casefile_samples import code_of, opened, version_of
from distribution_samples import (
    BIRJAND,
    NEAR_BIRJAND,
    OPENING_DAY,
    QAEN,
    know_center,
    know_rule,
    loads,
    part_of,
    planned,
    reasons,
    wait_for_a_center,
    waiting,
)

from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def officer(running: Running, client_as: ClientAs) -> httpx.AsyncClient:
    """A province officer of a province with two centers in Birjand, one in Qaen, and room for 3 files in each."""
    await know_center(running, "2901001", BIRJAND)
    await know_center(running, "2901002", NEAR_BIRJAND)
    await know_center(running, "2902001", QAEN)
    await know_rule(running, "maximum", 3)
    return await client_as("province-officer", "29")


async def test_each_file_goes_to_the_nearest_center_of_its_county_that_has_room(officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(
        officer,
        *[waiting(BIRJAND) for _ in range(4)],
        waiting(NEAR_BIRJAND),
        waiting(BIRJAND, county="2902"),
    )

    plan = await planned(officer)

    assert (plan["status"], plan["files"], plan["placed"], plan["unplaced"]) == ("planned", 6, 6, 0)
    assert await loads(officer, plan) == {"2901001": 3, "2901002": 2, "2902001": 1}
    said = await reasons(officer, plan)
    assert sorted(said[:4], key=str) == [*[("2901001", 1, "nearest")] * 3, ("2901002", 2, "nearest-full")]
    assert said[4:] == [("2901002", 1, "nearest"), ("2902001", 1, "nearest")]
    metres = [placement["metres"] for placement in await part_of(officer, plan, "placements")]
    assert sum(metres) == plan["total_metres"]
    assert sorted(metres)[:4] == [0, 0, 0, 0]
    assert sorted(metres)[4:] == [pytest.approx(8180, abs=100), pytest.approx(95_700, abs=500)]


async def test_nothing_moves_before_it_is_applied(officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(officer, waiting())
    before = (await officer.get("/v1/case-files")).json()

    await planned(officer)

    assert (await officer.get("/v1/case-files")).json() == before


async def test_a_center_gets_its_minimum_where_files_suffice(running: Running, officer: httpx.AsyncClient) -> None:
    await know_rule(running, "minimum", 2)
    await wait_for_a_center(officer, *[waiting(BIRJAND) for _ in range(4)])

    plan = await planned(officer, "2901")

    assert await loads(officer, plan) == {"2901001": 2, "2901002": 2}
    assert sorted(await reasons(officer, plan), key=str) == [
        *[("2901001", 1, "nearest")] * 2,
        *[("2901002", 2, "minimum-of-another-center")] * 2,
    ]


async def test_a_shortfall_is_explained_by_the_numbers_of_the_county(
    running: Running, officer: httpx.AsyncClient
) -> None:
    await know_rule(running, "minimum", 2)
    await wait_for_a_center(officer, *[waiting(NEAR_BIRJAND) for _ in range(3)])

    plan = await planned(officer)

    centers = {center["center"]: center for center in await part_of(officer, plan, "centers")}
    assert centers["2901001"]["shortfall"] == {"files": 1, "county_files": 3, "county_need": 4}
    assert centers["2901002"]["shortfall"] is None
    assert centers["2902001"]["shortfall"] == {"files": 2, "county_files": 0, "county_need": 2}
    assert centers["2902001"]["mean_metres"] is None
    assert centers["2901002"]["name_fa"] == "مرکز 2901002"


async def test_files_beyond_all_maxima_stay_with_their_county(officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(officer, *[waiting() for _ in range(8)])

    plan = await planned(officer)

    assert (plan["placed"], plan["unplaced"]) == (6, 2)
    unplaced = await part_of(officer, plan, "placements", placed="false")
    assert [(each["center"], each["metres"], each["reason"]) for each in unplaced] == [(None, None, "no-room")] * 2


async def test_a_county_without_an_open_center_is_said(running: Running, officer: httpx.AsyncClient) -> None:
    await know_center(running, "2903001", QAEN, status="suspended")
    await wait_for_a_center(officer, waiting(county="2903"))

    plan = await planned(officer)

    assert (plan["placed"], plan["unplaced"]) == (0, 1)
    assert await reasons(officer, plan) == [(None, None, "no-open-center")]
    assert "2903001" not in await loads(officer, plan)


async def test_files_without_a_map_point_get_what_is_left(officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(officer, *[waiting(None) for _ in range(3)], *[waiting(BIRJAND) for _ in range(4)])

    plan = await planned(officer)

    said = await reasons(officer, plan)
    assert {reason for _, _, reason in said[3:]} == {"nearest", "nearest-full"}
    assert said[:3].count(("2901002", None, "no-map-point")) == 2
    assert said[:3].count((None, None, "no-room")) == 1


async def test_files_that_a_center_has_count(running: Running, officer: httpx.AsyncClient, client_as: ClientAs) -> None:
    worker = await client_as("social-worker", "2901001")
    draft = await opened(worker, status="draft")
    await opened(worker)
    closing = await opened(worker)
    closed = await worker.post(
        f"/v1/case-files/{closing['id']}:close", json={"reason": "empowered"}, headers=version_of(closing)
    )
    assert closed.status_code == 200
    assert draft["status"] == "draft"
    await wait_for_a_center(officer, *[waiting() for _ in range(3)])

    plan = await planned(officer)

    centers = {center["center"]: center for center in await part_of(officer, plan, "centers")}
    assert (centers["2901001"]["load_before"], centers["2901001"]["load_after"]) == (1, 3)
    assert centers["2901002"]["load_after"] == 1


async def test_the_rules_are_those_of_the_day(running: Running, officer: httpx.AsyncClient) -> None:
    await know_rule(running, "maximum", 1, place="2901", valid_from=date(2024, 1, 1))
    await wait_for_a_center(officer, *[waiting() for _ in range(4)])

    assert (await planned(officer))["placed"] == 4
    assert (await planned(officer, on="2024-01-01"))["placed"] == 2
    assert [each["maximum"] for each in await part_of(officer, await planned(officer, on="2024-01-01"), "centers")] == [
        1,
        1,
        3,
    ]


async def test_a_center_without_a_rule_is_named(officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(officer, waiting())

    answer = await officer.post("/v1/distributions", json={"jurisdiction": "2901", "on": "2020-01-01"})

    assert code_of(answer) == (409, "no-rule-in-force")
    assert answer.json()["centers"] == ["2901001", "2901002"]


async def test_the_same_state_gives_the_same_plan(officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(
        officer, *[waiting((32.80 + step / 100, 59.2 + step / 90)) for step in range(10)], waiting(None)
    )

    first, second = await planned(officer), await planned(officer)

    assert await part_of(officer, first, "placements") == await part_of(officer, second, "placements")
    assert await part_of(officer, first, "centers") == await part_of(officer, second, "centers")


async def test_nothing_waits_and_nothing_is_planned(officer: httpx.AsyncClient) -> None:
    plan = await planned(officer)

    assert (plan["files"], plan["placed"], plan["unplaced"], plan["total_metres"]) == (0, 0, 0, 0)
    assert await part_of(officer, plan, "placements") == []


async def test_a_large_county_is_solved_beside_the_service(
    officer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from svc_casefile.distributions import service

    await wait_for_a_center(officer, *[waiting() for _ in range(4)])
    here = await planned(officer)
    monkeypatch.setattr(service, "OWN_PROCESS_FROM", 1)

    beside = await planned(officer)

    assert await part_of(officer, here, "placements") == await part_of(officer, beside, "placements")


async def test_parts_come_in_pages_and_can_be_narrowed(officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(officer, *[waiting() for _ in range(7)])
    plan = await planned(officer)
    for part, narrowed, expected in (
        ("placements", {}, 7),
        ("placements", {"center": "2901002"}, 3),
        ("placements", {"placed": "false"}, 1),
        ("placements", {"reason": "nearest"}, 3),
        ("placements", {"center": "2902001"}, 0),
        ("centers", {}, 3),
    ):
        seen, address, query = [], f"/v1/distributions/{plan['id']}/{part}", {"limit": "2", **narrowed}
        while address:
            page = await officer.get(address, params=query)
            assert page.status_code == 200, page.text
            seen += page.json()["items"]
            address, query = page.links.get("next", {}).get("url"), None
        assert len(seen) == expected, (part, narrowed)
        assert len({str(item) for item in seen}) == expected


async def test_plans_are_listed_the_latest_first(officer: httpx.AsyncClient) -> None:
    plans = [await planned(officer) for _ in range(3)]

    page = (await officer.get("/v1/distributions", params={"limit": 2})).json()

    assert [item["id"] for item in page["items"]] == [plans[2]["id"], plans[1]["id"]]
    assert (await officer.get("/v1/distributions", params={"status": "applied"})).json()["items"] == []
    assert (await officer.get(f"/v1/distributions/{plans[0]['id']}")).json() == plans[0]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"jurisdiction": "2901001", "on": OPENING_DAY}, 422, "not-a-county-or-province"),
        ({"jurisdiction": "IR", "on": OPENING_DAY}, 403, "scope-forbidden"),
        ({"jurisdiction": "30", "on": OPENING_DAY}, 403, "scope-forbidden"),
        ({"jurisdiction": "3001", "on": OPENING_DAY}, 403, "scope-forbidden"),
        ({"jurisdiction": "290", "on": OPENING_DAY}, 422, "invalid-input"),
        ({"jurisdiction": "29", "on": "2021-02-30"}, 422, "invalid-input"),
        ({"jurisdiction": "29"}, 422, "invalid-input"),
        ({"jurisdiction": "29", "on": OPENING_DAY, "centers": []}, 422, "invalid-input"),
        ({}, 422, "invalid-input"),
    ],
)
async def test_a_bad_wish_is_refused(officer: httpx.AsyncClient, body: dict, status: int, code: str) -> None:
    assert code_of(await officer.post("/v1/distributions", json=body)) == (status, code)


@pytest.mark.parametrize(
    "query", ["center=29", "center=x", "placed=perhaps", "reason=luck", "limit=0", "after=x", "sort=1"]
)
async def test_an_unknown_filter_never_widens(officer: httpx.AsyncClient, query: str) -> None:
    await wait_for_a_center(officer, waiting())
    plan = await planned(officer)

    answer = await officer.get(f"/v1/distributions/{plan['id']}/placements?{query}")

    assert answer.status_code == 422 or answer.json()["items"] == []


async def test_planning_is_announced(running: Running, officer: httpx.AsyncClient) -> None:
    await wait_for_a_center(officer, waiting())
    plan = await planned(officer, "2901")

    (event,) = await running.events(type="pl.casefile.distribution.planned.v1", count=1)

    assert event.data == {"jurisdiction": "2901", "distribution_id": plan["id"], "files": 1, "placed": 1, "unplaced": 0}
    assert event.address.endswith(".29.01.-")


async def test_a_key_sent_twice_plans_once(officer: httpx.AsyncClient) -> None:
    async def ask() -> httpx.Response:
        return await officer.post(
            "/v1/distributions",
            json={"jurisdiction": "29", "on": OPENING_DAY},
            headers={"Idempotency-Key": "plan-1"},
        )

    first, second = await asyncio.gather(ask(), ask())

    assert first.json() == second.json()
    assert len((await officer.get("/v1/distributions")).json()["items"]) == 1
