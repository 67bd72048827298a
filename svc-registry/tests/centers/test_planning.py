import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from shared.chassis.actor import Actor
from shared.contracts.registry import CenterPlannedV1
from shared.testing.plugin import Running

Body = Callable[..., dict[str, Any]]


async def test_a_county_numbers_its_centers(officer: httpx.AsyncClient, center_body: Body) -> None:
    given = await officer.post("/v1/centers", json=center_body(code="2901002"))
    assert given.status_code == 201, given.text
    first, second = [(await officer.post("/v1/centers", json=center_body())).json() for _ in range(2)]
    assert [first["code"], second["code"]] == ["2901001", "2901003"]
    assert (first["county"], first["status"], first["version"]) == ("2901", "planned", 1)


async def test_the_answer_says_where_the_center_is_and_which_version(
    officer: httpx.AsyncClient, center_body: Body
) -> None:
    response = await officer.post("/v1/centers", json=center_body())
    assert response.headers["location"] == "/v1/centers/2901001"
    read = await officer.get(response.headers["location"])
    assert (read.json(), read.headers["etag"]) == (response.json(), response.headers["etag"])


async def test_text_is_kept_in_one_form(officer: httpx.AsyncClient, center_body: Body) -> None:
    body = center_body(code="۲۹۰۱۰۰۷", name_fa="  مركز   علي‌آباد ", postal_code="۹۷۱۷۸۵۳۵۷۷")
    center = (await officer.post("/v1/centers", json=body)).json()
    assert (center["code"], center["name_fa"], center["postal_code"]) == ("2901007", "مرکز علی‌آباد", "9717853577")


async def test_it_is_announced_with_its_whole_state(
    officer: httpx.AsyncClient, center_body: Body, running: Running
) -> None:
    center = (await officer.post("/v1/centers", json=center_body(name_en="Birjand 1"))).json()
    (envelope,) = await running.events(type=CenterPlannedV1.type, count=1)
    assert (envelope.address, envelope.actor) == (f"{CenterPlannedV1.type}.29.01.001", "province-officer@29")
    shared = envelope.data.keys() & center.keys()
    assert {"code", "version", "name_fa", "name_en", "status", "area_class", "latitude", "longitude"} <= shared
    assert {name: envelope.data[name] for name in shared} == {name: center[name] for name in shared}


async def test_a_code_is_given_once(officer: httpx.AsyncClient, center_body: Body) -> None:
    for status in (201, 409):
        response = await officer.post("/v1/centers", json=center_body(code="2901001"))
        assert response.status_code == status
    assert (response.json()["code"], response.json()["errors"][0]["pointer"]) == ("center-code-taken", "/code")


async def test_the_county_must_exist(officer: httpx.AsyncClient, center_body: Body) -> None:
    for changes, pointer in (({"code": "2999001"}, "/code"), ({"county": "2999"}, "/county")):
        response = await officer.post("/v1/centers", json=center_body(**changes))
        assert (response.status_code, response.json()["code"]) == (422, "county-unknown")
        assert response.json()["errors"][0]["pointer"] == pointer


BAD_INPUT: list[tuple[dict[str, Any], str]] = [
    ({"code": "290100"}, "/code"),
    ({"code": "2901000"}, "/code"),
    ({"county": "29"}, "/county"),
    ({"code": "2901001", "county": "2901"}, ""),
    ({"county": None}, ""),
    ({"name_fa": "   "}, "/name_fa"),
    ({"name_fa": "م" * 101}, "/name_fa"),
    ({"area_class": "suburban"}, "/area_class"),
    ({"latitude": 59.2, "longitude": 32.8}, "/latitude"),
    ({"latitude": "north"}, "/latitude"),
    ({"postal_code": "97178"}, "/postal_code"),
    ({"address_since": "1399-12-18x"}, "/address_since"),
    ({"status": "open"}, "/status"),
    ({"jurisdiction": "3001"}, "/jurisdiction"),
]


async def test_bad_input_is_pointed_at(officer: httpx.AsyncClient, center_body: Body) -> None:
    for changes, pointer in BAD_INPUT:
        response = await officer.post("/v1/centers", json=center_body(**changes))
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), (changes, response.text)
        assert pointer in [error["pointer"] for error in response.json()["errors"]]
    assert (await officer.get("/v1/centers")).json()["items"] == []


async def test_the_address_cannot_begin_tomorrow(officer: httpx.AsyncClient, center_body: Body) -> None:
    response = await officer.post("/v1/centers", json=center_body(address_since="2999-01-01"))
    assert (response.status_code, response.json()["code"]) == (422, "date-in-future")


async def test_many_are_planned_at_once(officer: httpx.AsyncClient, center_body: Body, running: Running) -> None:
    counties = ["2901"] * 8 + ["2904"] * 7 + ["2911"] * 4
    response = await officer.post(
        "/v1/centers:plan", json={"centers": [center_body(county=county) for county in counties]}
    )
    assert response.status_code == 201, response.text
    codes = [center["code"] for center in response.json()["centers"]]
    assert (codes[0], codes[7]) == ("2901001", "2901008")
    assert [code[:4] for code in codes] == counties
    assert len(set(codes)) == 19
    announced = await running.events(type=CenterPlannedV1.type, count=19)
    assert {envelope.subject for envelope in announced} == set(codes)


async def test_many_are_planned_all_or_none(officer: httpx.AsyncClient, center_body: Body) -> None:
    centers = [center_body(), center_body(code="2901005"), center_body(code="2901005"), center_body(code="2999001")]
    response = await officer.post("/v1/centers:plan", json={"centers": centers})
    assert (response.status_code, response.json()["code"]) == (422, "county-unknown")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/centers/3/code"]
    response = await officer.post("/v1/centers:plan", json={"centers": centers[:3]})
    assert (response.status_code, response.json()["code"]) == (409, "center-code-taken")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/centers/2/code"]
    assert (await officer.get("/v1/centers")).json()["items"] == []


async def test_at_the_same_moment_each_gets_its_own_code(officer: httpx.AsyncClient, center_body: Body) -> None:
    planning: list[Awaitable[httpx.Response]] = [officer.post("/v1/centers", json=center_body()) for _ in range(12)]
    responses = await asyncio.gather(*planning)
    assert sorted(each.json()["code"] for each in responses) == [f"2901{serial:03}" for serial in range(1, 13)]


async def test_a_county_runs_out_of_numbers(officer: httpx.AsyncClient, center_body: Body, running: Running) -> None:
    async with running.database.command(Actor.system("registry")) as command:
        await command.connection.execute(
            """
            INSERT INTO center (code, county, version, status, name_fa, name_search, area_class, latitude, longitude,
                                created_at)
            SELECT '2901' || lpad(n::text, 3, '0'), '2901', 1, 'closed', 'x', 'x', 'urban', 32.8, 59.2, now()
            FROM generate_series(1, 998) AS n
            """
        )
    assert (await officer.post("/v1/centers", json=center_body())).json()["code"] == "2901999"
    response = await officer.post("/v1/centers", json=center_body())
    assert (response.status_code, response.json()["code"]) == (409, "county-full")
    assert (await officer.post("/v1/centers", json=center_body(county="2902"))).status_code == 201


async def test_the_same_key_plans_one_center(officer: httpx.AsyncClient, center_body: Body) -> None:
    headers = {"Idempotency-Key": "opening-day-1"}
    first, again = [await officer.post("/v1/centers", json=center_body(), headers=headers) for _ in range(2)]
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert len((await officer.get("/v1/centers")).json()["items"]) == 1
    response = await officer.post("/v1/centers", json=center_body(county="2902"), headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency-key-reused")
