"""Who may grant what where, and who sees it. Numbers in names are lines of the list of peers' failures."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest

from shared.chassis.actor import Actor
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]
Statuses = Callable[..., Awaitable[dict[Role, int]]]

COUNTY_OFFICER = {"person": "m.rezai", "role": "county-officer", "jurisdiction": "2901"}


async def test_only_headquarters_and_province_officers_grant(statuses: Statuses, anonymous: httpx.AsyncClient) -> None:
    for address in ("/v1/postings", f"/v1/postings/{new_id()}:end"):
        answers = await statuses("POST", address, scope="29", json={}, headers={"If-Match": '"1"'})
        assert {role for role, status in answers.items() if status != 403} == {
            Role.HEADQUARTERS,
            Role.PROVINCE_OFFICER,
        }
        assert (await anonymous.post(address, json={})).status_code == 401


async def test_the_line_and_the_auditor_read(
    statuses: Statuses, anonymous: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    answers = await statuses("GET", "/v1/postings", scope="2901001")
    assert {role for role, status in answers.items() if status == 200} == {
        Role.HEADQUARTERS,
        Role.PROVINCE_OFFICER,
        Role.COUNTY_OFFICER,
        Role.CENTER_MANAGER,
        Role.AUDITOR,
    }
    assert (await anonymous.get("/v1/postings")).status_code == 401
    assert (await anybody.get("/v1/postings")).status_code == 403


async def test_8_a_role_without_a_scope_sees_nothing(running: Running) -> None:
    unplaced = await running.client(running.token(Role.HEADQUARTERS, None))
    response = await unplaced.get("/v1/postings")
    assert (response.status_code, response.json()["code"]) == (400, "scope-required")


async def test_nobody_grants_beyond_their_scope(
    officer: httpx.AsyncClient, neighbour: httpx.AsyncClient, headquarters: httpx.AsyncClient
) -> None:
    for place in ("2901", "2999", "2901001"):
        response = await neighbour.post("/v1/postings", json=COUNTY_OFFICER | {"jurisdiction": place})
        assert (response.status_code, response.json()["code"]) == (403, "scope-forbidden"), place
    response = await officer.post("/v1/postings", json=COUNTY_OFFICER | {"role": "headquarters", "jurisdiction": "IR"})
    assert (response.status_code, response.json()["code"]) == (403, "scope-forbidden")
    assert (await headquarters.get("/v1/postings")).json()["items"] == []


async def test_nobody_grants_beyond_their_role(
    make_center: Make, officer: httpx.AsyncClient, headquarters: httpx.AsyncClient
) -> None:
    center = (await make_center())["code"]
    places = {
        "headquarters": "29",
        "province-officer": "29",
        "county-officer": "2901",
        "center-manager": center,
        "social-worker": center,
        "screener": center,
        "licensing-officer": "29",
        "commission-secretary": "29",
        "commission-member": "29",
        "specialised-deputy": "29",
        "adoption-worker": center,
        "adoption-officer": "29",
        "adoption-committee": "29",
        "auditor": "29",
        "integration-client": "29",
    }
    assert set(places) == set(Role)
    for role in ("headquarters", "province-officer", "adoption-committee", "auditor", "integration-client"):
        body = {"person": "p", "role": role, "jurisdiction": places[role]}
        response = await officer.post("/v1/postings", json=body)
        assert (response.status_code, response.json()["code"]) == (403, "role-not-yours-to-grant"), role
    for role in ("county-officer", "center-manager", "social-worker", "screener", "licensing-officer"):
        body = {"person": "p", "role": role, "jurisdiction": places[role]}
        assert (await officer.post("/v1/postings", json=body)).status_code == 201, role
    for role, place in (places | {"headquarters": "IR"}).items():
        body = {"person": "q", "role": role, "jurisdiction": place}
        assert (await headquarters.post("/v1/postings", json=body)).status_code == 201, role


async def test_nobody_ends_what_they_could_not_have_granted(
    officer: httpx.AsyncClient, headquarters: httpx.AsyncClient
) -> None:
    body = {"person": "auditor-29", "role": "auditor", "jurisdiction": "29"}
    posting = (await headquarters.post("/v1/postings", json=body)).json()
    address, headers = f"/v1/postings/{posting['id']}:end", {"If-Match": '"1"'}
    response = await officer.post(address, json={}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "role-not-yours-to-grant")
    assert (await headquarters.post(address, json={}, headers=headers)).status_code == 200


async def test_2_and_12_list_read_and_end_agree_on_what_is_in_the_scope(
    make_center: Make, officer: httpx.AsyncClient, neighbour: httpx.AsyncClient, running: Running
) -> None:
    center = (await make_center())["code"]
    county = (await officer.post("/v1/postings", json=COUNTY_OFFICER)).json()
    manager = {"person": "manager", "role": "center-manager", "jurisdiction": center}
    at_center = (await officer.post("/v1/postings", json=manager)).json()

    async def seen(role: str, scope: str) -> set[str]:
        client = await running.client(running.token(role, scope))
        listed = {each["id"] for each in (await client.get("/v1/postings")).json()["items"]}
        wider = {each["id"] for each in (await client.get("/v1/postings?jurisdiction=IR")).json()["items"]}
        read = {
            posting["id"]
            for posting in (county, at_center)
            if (await client.get(f"/v1/postings/{posting['id']}")).status_code == 200
        }
        assert listed == wider == read
        return listed

    assert await seen("headquarters", "IR") == {county["id"], at_center["id"]}
    assert await seen("county-officer", "2901") == {county["id"], at_center["id"]}
    assert await seen("center-manager", center) == {at_center["id"]}
    assert await seen("county-officer", "2902") == set()
    assert await seen("auditor", "09") == set()

    foreign = await neighbour.post(f"/v1/postings/{county['id']}:end", json={}, headers={"If-Match": '"1"'})
    missing = await neighbour.post(f"/v1/postings/{new_id()}:end", json={}, headers={"If-Match": '"1"'})
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() | {"instance": ""} == missing.json() | {"instance": ""}
    assert (await officer.get(f"/v1/postings/{county['id']}")).json() == county


async def test_a_cursor_of_one_scope_is_none_in_another(officer: httpx.AsyncClient, running: Running) -> None:
    for person in ("a", "b"):
        await officer.post("/v1/postings", json=COUNTY_OFFICER | {"person": person})
    following = (await officer.get("/v1/postings?limit=1")).json()["next"]
    county = await running.client(running.token(Role.COUNTY_OFFICER, "2902"))
    response = await county.get("/v1/postings", params={"limit": 1, "after": following})
    assert (response.status_code, response.json()["code"]) == (422, "invalid-cursor")


async def test_the_database_refuses_what_a_rule_forgot(officer: httpx.AsyncClient, running: Running) -> None:
    await officer.post("/v1/postings", json=COUNTY_OFFICER)
    insert = (
        "INSERT INTO posting (id, version, person, role, jurisdiction, valid_from, granted_by, granted_at)"
        " VALUES (gen_random_uuid(), 1, 'x', 'county-officer', $1, now(), 'x', now())"
    )
    neighbour = Actor(subject="x", roles=frozenset(), scope=Jurisdiction("09"))
    for place in ("2901", ""):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with running.database.command(neighbour) as command:
                await command.connection.execute(insert, place)
    async with running.database.command(neighbour) as command:
        assert await command.connection.execute("UPDATE posting SET jurisdiction = '0916'") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with running.database.command(Actor(subject="x", roles=frozenset(), scope=Jurisdiction("29"))) as command:
            await command.connection.execute("UPDATE posting SET jurisdiction = '09'")
    for actor in (neighbour, Actor(subject="x", roles=frozenset(), scope=None)):
        async with running.database.query(actor) as query:
            assert await query.fetchval("SELECT count(*) FROM posting") == 0


async def test_14_a_list_is_one_range_of_the_index(running: Running) -> None:
    async with running.database.command(Actor.system("registry")) as command:
        await command.connection.execute(
            "INSERT INTO posting (id, version, person, role, jurisdiction, valid_from, granted_by, granted_at)"
            " SELECT gen_random_uuid(), 1, code || n, 'county-officer', code, now(), 'x', now()"
            " FROM county, generate_series(1, 20) AS n"
        )
    await running.analyse()
    county = Actor(subject="x", roles=frozenset(), scope=Jurisdiction("2901"))
    async with running.database.query(county) as query:
        plan = await query.fetch(
            "EXPLAIN SELECT * FROM posting WHERE jurisdiction >= $1 AND jurisdiction < $2 ORDER BY id LIMIT 51",
            *query.scope_range,
        )
    text = "\n".join(line[0] for line in plan)
    assert "ix_posting_jurisdiction_id" in text, text
    assert "Seq Scan" not in text, text
