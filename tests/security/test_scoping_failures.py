"""How systems of this kind have let an office see or change another's records, and that this one does not.

The tests carry the numbers of those failures. Two centers of one county, one of another county and one of another
province are asked over HTTP; the callers have every role, so that only the place can be held against them.

 1  an endpoint without the check: here and in `test_operations.py`
 2  search laxer than read, a list that disagrees with its count: here
 3  a write into a foreign center: here
 4  an unknown filter that widens: here
 5  two conditions satisfied by two child rows: here
 6  a relation that drags a foreign record in: here; the stub of a file that left is in
    `svc-casefile/tests/transfers/test_moving.py`
 7  the place where policy is kept is down: here for a forgotten scope; a database that is away is in `tests/faults`,
    a gateway without its map of postings in `gateway/tests/test_postings.py`
 8  a user without an office: here and in `gateway/tests/test_scopes.py`
 9  a record without an office: here and in `tests/repo/test_tables.py`
10  a former office that goes on reading: here for a county that gave a file to a center; between centers it is in
    `svc-casefile/tests/transfers`
11  an office closed with its caseload: `svc-casefile/tests/closings`, and with the registry in
    `tests/journeys/test_closing_a_center.py`
12  an answer that tells who exists: here, for every operation with an id in its path
13  break-glass: `test_break_glass.py`, and `svc-casefile/tests/break_glass`
14  scoping that makes lists slow: `svc-casefile/tests/households/test_plans.py`, and `test_access.py` and
    `test_finding.py` of the registry's features
15  exports, audit pages and the like that forget the rule: here, with 1, 2 and 12, which ask every operation
16  a subscriber who receives another province: `test_event_subjects.py` and `test_nats_accounts.py`
17  a switch that turns scoping off: here
18  a permission that outlives its change: here for actor tokens; postings are in `gateway/tests/test_postings.py`
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import httpx
import pytest
from joserfc.jwk import OKPKey
from pydantic import PostgresDsn
from pydantic_settings import BaseSettings

from gateway.settings import GatewaySettings
from shared.chassis.actor import LIFETIME_SECONDS, Actor, ActorVerifier, sign
from shared.chassis.database import Database
from shared.chassis.service import Service
from shared.contracts.permissions import EVERYONE
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import Unauthorised
from shared.testing.plugin import Cluster, Running
from shared.testing.servers import PostgresServer
from tests.samples import (
    CENTER,
    COUNTY,
    FOUND,
    MISSING,
    NDJSON,
    NEIGHBOUR,
    OPENING_DAY,
    OTHER_COUNTY,
    OTHER_PROVINCE,
    PROVINCE,
    Json,
    finished_import,
    home_visit,
    household,
    know_centers,
    person,
    running,
    sent,
    version_of,
)

from .conftest import CallerAt

PLACES = (CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE, COUNTY, OTHER_PROVINCE[:4])
"""Where files are: with the four centers, and on the waiting lists of two counties."""
SCOPES = ("IR", PROVINCE, COUNTY, CENTER, NEIGHBOUR, OTHER_COUNTY[:4], OTHER_COUNTY, OTHER_PROVINCE, "30", "2901004")


def _code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


async def _opened(client: httpx.AsyncClient, *members: Json, **fields: Any) -> Json:
    return await sent(client, "POST", "/v1/case-files", json=household(*members, **fields))


async def _planned(client: httpx.AsyncClient, place: str) -> Json:
    return await sent(client, "POST", "/v1/distributions", json={"jurisdiction": place, "on": OPENING_DAY})


@pytest.fixture
async def files(casefile: Running, caller_at: CallerAt) -> dict[str, Json]:
    """A file at each of the places, opened by somebody there, by place."""
    return {place: await _opened(await caller_at(casefile, place)) for place in PLACES}


def _inside(files: Mapping[str, Json], scope: str) -> set[str]:
    within = Jurisdiction(scope)
    return {file["id"] for place, file in files.items() if within.covers(Jurisdiction(place))}


async def test_1_an_endpoint_without_the_check(each_service: Service, cluster: Cluster, actor_key: OKPKey) -> None:
    nobody = Actor(subject="nobody", roles=frozenset(), scope=Jurisdiction("IR"))
    nowhere = Actor(subject="nowhere", roles=frozenset(Role), scope=None)
    callers = {actor: sign(actor, audience=each_service.name, key=actor_key) for actor in (nobody, nowhere)}
    async with running(each_service, cluster=cluster, key=actor_key) as served:
        client = await served.client()
        for path, operations in each_service.app.openapi()["paths"].items():
            address = re.sub(r"\{[^}]*\}", MISSING, path)
            for method, operation in operations.items():
                for wrong in (None, "Bearer", "Bearer x", f"Basic {callers[nobody]}", callers[nobody]):
                    headers = {} if wrong is None else {"Authorization": wrong}
                    answer = await client.request(method, address, headers=headers)
                    assert _code(answer) == (401, "unauthorised"), f"{method} {path}"
                headers = {"Authorization": f"Bearer {callers[nobody]}"}
                answer = await client.request(method, address, headers=headers)
                open_to_nobody = operation["x-permission"] in EVERYONE or operation.get("x-public", False)
                assert open_to_nobody == (answer.status_code != 403), f"{method} {path}"
                headers = {"Authorization": f"Bearer {callers[nowhere]}", "X-Scope": "IR"}
                answer = await client.request(method, address, headers=headers)
                if operation["x-scope"] == "required":
                    assert _code(answer) == (400, "scope-required"), f"{method} {path}"


async def test_2_search_laxer_than_read(casefile: Running, caller_at: CallerAt, files: dict[str, Json]) -> None:
    for scope in SCOPES:
        client, inside = await caller_at(casefile, scope), _inside(files, scope)
        found = {
            "list": await _listed(client),
            "pages": await _listed(client, limit="1"),
            "search by name": await _searched(client, name="احمدی"),
            "search by identity": await _searched_by(client, files, "identity"),
            "search by number": await _searched_by(client, files, "number"),
            "export": await _exported(client),
            "read": await _answered(client, files, "/v1/case-files/{id}"),
            "history": await _answered(client, files, "/v1/case-files/{id}/history"),
            "members": await _answered(client, files, "/v1/case-files/{id}/members"),
            "events": await _heard(casefile, Jurisdiction(scope), count=len(inside)),
        }
        assert found == dict.fromkeys(found, inside), scope
        counts = await sent(client, "GET", "/v1/case-files:summary")
        assert (counts["files"], counts["persons"]) == (len(inside), 2 * len(inside)), scope
        table = await client.get("/v1/case-files:export", headers={"Accept": "text/csv"})
        assert len(table.text.splitlines()) == 1 + len(inside), scope


async def _listed(client: httpx.AsyncClient, **filters: str) -> set[str]:
    found: set[str] = set()
    page = await sent(client, "GET", "/v1/case-files", params=filters)
    found |= {file["id"] for file in page["items"]}
    while page["next"]:
        page = await sent(client, "GET", "/v1/case-files", params=filters | {"after": page["next"]})
        found |= {file["id"] for file in page["items"]}
    return found


async def _searched(client: httpx.AsyncClient, **wanted: Any) -> set[str]:
    return {file["id"] for file in (await sent(client, "POST", "/v1/case-files:search", json=wanted))["items"]}


async def _searched_by(client: httpx.AsyncClient, files: Mapping[str, Json], what: str) -> set[str]:
    found = set()
    for file in files.values():
        found |= await _searched(client, **{what: file["members"][1][what] if what == "identity" else file[what]})
    return found


async def _exported(client: httpx.AsyncClient) -> set[str]:
    answer = (await client.get("/v1/case-files:export")).raise_for_status()
    return {json.loads(line)["id"] for line in answer.text.splitlines()}


async def _answered(client: httpx.AsyncClient, files: Mapping[str, Json], path: str) -> set[str]:
    return {file["id"] for file in files.values() if (await client.get(path.format(**file))).status_code == 200}


async def _heard(casefile: Running, scope: Jurisdiction, *, count: int) -> set[str]:
    """The files that a subscriber to a scope is told were opened."""
    subscription = await casefile.service.broker.jetstream.subscribe(
        f"pl.casefile.case-file.opened.v1.{scope.subject_filter}", ordered_consumer=True
    )
    heard = [json.loads((await subscription.next_msg(timeout=5)).data)["data"]["case_file_id"] for _ in range(count)]
    assert (await subscription.consumer_info()).num_pending == 0
    await subscription.unsubscribe()
    return set(heard)


@pytest.mark.parametrize("scope", [CENTER, COUNTY, PROVINCE])
async def test_3_a_write_into_a_foreign_center(casefile: Running, caller_at: CallerAt, scope: str) -> None:
    client, nation = await caller_at(casefile, scope), await caller_at(casefile, "IR")
    mine = await _opened(client, jurisdiction=CENTER)
    foreign = [place for place in PLACES if not Jurisdiction(scope).covers(Jurisdiction(place))]
    for place in foreign:
        refused = await client.post("/v1/case-files", json=household(jurisdiction=place))
        assert _code(refused) == (403, "scope-forbidden"), place
        moved = await client.patch(
            f"/v1/case-files/{mine['id']}", json={"jurisdiction": place}, headers=version_of(mine)
        )
        assert _code(moved) == (422, "invalid-input"), place
        planned = await client.post("/v1/distributions", json={"jurisdiction": place[:4], "on": OPENING_DAY})
        if place[:4] != scope:
            assert _code(planned) == (403, "scope-forbidden"), place
    lines = [json.dumps(household(jurisdiction=place)) for place in foreign]
    upload = await client.post(
        "/v1/case-files:import",
        params={"source": "older"},
        content="\n".join(lines),
        headers={"Content-Type": NDJSON},
    )
    job = await finished_import(client, upload)
    assert (job["landed"], job["refused"]) == (0, len(foreign))
    assert await _listed(nation) == {mine["id"]}


async def test_3_a_center_a_posting_or_a_rule_in_a_foreign_province(registry: Running, caller_at: CallerAt) -> None:
    client, nation = await caller_at(registry, PROVINCE), await caller_at(registry, "IR")
    center = {
        "county": OTHER_PROVINCE[:4],
        "name_fa": "مرکز",
        "area_class": "urban",
        "latitude": 36.3,
        "longitude": 59.6,
    }
    posting = {"person": "x", "role": "county-officer"}
    rule = {"name": "files-per-center-maximum", "value": 1, "valid_from": "2030-01-01", "source": "x"}
    tariff = {"service_code": "S01", "area_class": "urban", "valid_from": "2030-01-01", "amount_rials": 1}
    before = await sent(nation, "GET", "/v1/parameters")
    for path, body in (
        ("/v1/centers", center),
        ("/v1/centers:plan", {"centers": [center | {"county": COUNTY}, center]}),
        ("/v1/postings", posting | {"jurisdiction": OTHER_PROVINCE[:4]}),
        ("/v1/parameters", rule | {"jurisdiction": "09"}),
        ("/v1/parameters", rule | {"jurisdiction": "IR"}),
        ("/v1/tariffs", tariff | {"jurisdiction": "09"}),
        ("/v1/tariffs", tariff | {"jurisdiction": "IR"}),
        ("/v1/services", {"code": "S99", "name_fa": "x", "name_en": "x", "domain": "x", "active_from": "2030-01-01",
                          "source": "x"}),
    ):  # fmt: skip
        assert _code(await client.post(path, json=body)) == (403, "scope-forbidden"), path
    for path in ("/v1/centers", "/v1/postings", "/v1/tariffs"):
        assert (await sent(nation, "GET", path))["items"] == [], path
    assert await sent(nation, "GET", "/v1/parameters") == before


async def test_3_a_row_of_a_foreign_place_written_behind_the_rules(casefile: Running, files: dict[str, Json]) -> None:
    """What would happen if a rule forgot to look: the database refuses."""
    tables = await _places(casefile)
    async with _application(casefile, Jurisdiction(CENTER).range) as connection:
        for table, column in tables.items():
            with suppress(asyncpg.InsufficientPrivilegeError):  # of some tables nobody may change a row
                await connection.execute(f"UPDATE {table} SET {column} = {column}")
            if table not in ADDED_TO_BY_ANYBODY:
                # the policy speaks before any of the other columns is missed
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
                    await connection.execute(f"INSERT INTO {table} ({column}) VALUES ($1)", NEIGHBOUR)
            with suppress(asyncpg.InsufficientPrivilegeError):
                done = await connection.execute(f"DELETE FROM {table} WHERE {column} <> $1", CENTER)
                assert done == "DELETE 0", table
        for table in ("case_file", "member"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(f"UPDATE {table} SET jurisdiction = $1", NEIGHBOUR)
    async with _application(casefile, Jurisdiction("IR").range) as connection:
        assert await connection.fetchval("SELECT count(*) FROM case_file") == len(files)


REFUSED = r"row-level security|permission denied"
ADDED_TO_BY_ANYBODY = {"complaint", "complaint_entry"}
"""Who complains writes to whom it goes, past the place it is about, and sees none of it."""


async def _places(served: Running) -> dict[str, str]:
    """Tables with a policy about a place, and the column that has it."""
    connection = await asyncpg.connect(str(served.settings.database_owner_url))
    try:
        rows = await connection.fetch(
            "SELECT c.relname AS name, a.attname AS place FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind = 'r' AND c.relrowsecurity AND NOT a.attisdropped"
            " AND (a.attname = 'jurisdiction' OR (c.relname, a.attname) = ('center', 'code')) ORDER BY c.relname"
        )
    finally:
        await connection.close()
    places = {row["name"]: row["place"] for row in rows}
    assert {"case_file", "member", "case_file_history", "outbox", "import_job", "distribution"} <= places.keys()
    return places


@asynccontextmanager
async def _application(served: Running, scope: tuple[str, str] | None) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the role that serves requests, told a scope or nothing."""
    connection = await asyncpg.connect(str(served.settings.database_url))
    try:
        if scope is not None:
            await connection.execute(
                "SELECT set_config('app.scope_from', $1, false), set_config('app.scope_to', $2, false)", *scope
            )
        yield connection
    finally:
        await connection.close()


WIDE = ("", "*", "%", "IR", "null", "all", "' OR true --", PROVINCE, OTHER_PROVINCE)


async def test_4_a_filter_that_widens(casefile: Running, caller_at: CallerAt, files: dict[str, Json]) -> None:
    client = await caller_at(casefile, CENTER)
    plan = await _planned(await caller_at(casefile, COUNTY), COUNTY)
    inside, foreign = files[CENTER]["id"], [file["id"] for place, file in files.items() if place != CENTER]
    asked = 0
    for path, operations in casefile.service.app.openapi()["paths"].items():
        if "get" not in operations:
            continue
        about = dict.fromkeys(re.findall(r"\{(\w+)\}", path), MISSING)
        address = path.format(**about | {"case_file_id": inside, "distribution_id": plan["id"]})
        names = [each["name"] for each in operations["get"].get("parameters", ()) if each["in"] == "query"]
        answer = await client.get(address, params={"center": CENTER, "scope": "IR"})
        assert answer.status_code == 422, path
        for name in names:
            for value in WIDE:
                for query in ({name: value}, {name: [CENTER, value]}):
                    answer = await client.get(address, params=query)
                    asked += 1
                    assert answer.status_code in {200, 403, 404, 422}, f"{path} {query}"
                    assert not any(other in answer.text for other in foreign), f"{path} {query}"
    assert asked > 200
    for place in (NEIGHBOUR, COUNTY, "IR"):
        assert _code(await client.get("/v1/case-files", params={"jurisdiction": place})) == (403, "scope-forbidden")
    for body in ({}, {"name": None}, {"name": "٪"}, {"name": "%"}, {"number": None, "name": "_"}, {"scope": "IR"}):
        answer = await client.post("/v1/case-files:search", json=body)
        assert answer.status_code in {200, 422}, body
        assert not any(other in answer.text for other in foreign), body


async def test_4_a_cursor_of_a_wider_scope(casefile: Running, caller_at: CallerAt, files: dict[str, Json]) -> None:
    wide = (await sent(await caller_at(casefile, "IR"), "GET", "/v1/case-files", params={"limit": 1}))["next"]
    narrow = await caller_at(casefile, CENTER)
    assert _code(await narrow.get("/v1/case-files", params={"after": wide})) == (422, "invalid-cursor")
    assert _code(await narrow.get("/v1/imports", params={"after": wide})) == (422, "invalid-cursor")


async def test_5_two_conditions_satisfied_by_two_members(casefile: Running, caller_at: CallerAt) -> None:
    client = await caller_at(casefile, CENTER)
    head, child = person("head", given_name="زهرا"), person(given_name="کیان")
    file = await _opened(client, head, child)
    assert await _searched(client, name="زهرا", identity=head["identity"]) == {file["id"]}
    assert await _searched(client, name="کیان", identity=child["identity"]) == {file["id"]}
    assert await _searched(client, name="زهرا", identity=child["identity"]) == set()


async def test_6_a_relation_drags_a_foreign_record_in(
    casefile: Running, caller_at: CallerAt, files: dict[str, Json]
) -> None:
    """Somebody who is in a file elsewhere: the caller learns so much, and nothing of where or whose."""
    client, mine, theirs = await caller_at(casefile, CENTER), files[CENTER], files[NEIGHBOUR]
    twin = person("head", identity=theirs["members"][0]["identity"])
    secrets = [theirs["id"], theirs["number"], NEIGHBOUR, *(member["id"] for member in theirs["members"])]
    answers = [
        await client.post("/v1/case-files", json=household(twin)),
        await client.post(f"/v1/case-files/{mine['id']}/members", json=twin | {"relation": "child"}),
        await client.patch(
            f"/v1/case-files/{mine['id']}/members/{mine['members'][1]['id']}",
            json={"identity": twin["identity"]},
            headers=version_of(mine["members"][1]),
        ),
    ]
    for answer in answers:
        assert answer.status_code == 409, answer.text
        assert not any(secret in answer.text for secret in secrets)
    for member in theirs["members"]:
        for method, body in (("GET", None), ("PATCH", {"sex": "male"}), ("DELETE", None)):
            answer = await client.request(
                method,
                f"/v1/case-files/{mine['id']}/members/{member['id']}",
                params={"reason": "moved-out"} if method == "DELETE" else {},
                json=body,
                headers=version_of(member),
            )
            assert _code(answer) == (404, "not-found"), method
    province = await caller_at(casefile, PROVINCE)
    upload = await province.post(
        "/v1/case-files:import",
        params={"source": "older"},
        content=json.dumps(
            household(person("head", identity=files[OTHER_PROVINCE]["members"][0]["identity"]), jurisdiction=COUNTY)
        ),
        headers={"Content-Type": NDJSON},
    )
    job = await finished_import(province, upload)
    (error,) = (await sent(province, "GET", f"/v1/imports/{job['id']}/errors"))["items"]
    assert (error["code"], error["case_file_id"]) == ("person-already-in-case-file", None)


PUBLIC_TABLES = {"center", "parameter"}
"""What everybody reads, by a written reason (`tests/repo/test_tables.py`)."""


@pytest.mark.parametrize("scope", [None, ("", ""), ("2901003", ""), ("", "0")])
async def test_7_a_scope_that_was_never_set(
    casefile: Running, files: dict[str, Json], scope: tuple[str, str] | None
) -> None:
    """A connection that nobody told a scope, or half of one, sees nothing and writes nothing."""
    async with _application(casefile, scope) as connection:
        for table, column in (await _places(casefile)).items():
            if table not in PUBLIC_TABLES:
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table
            if table not in ADDED_TO_BY_ANYBODY:
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
                    await connection.execute(f"INSERT INTO {table} ({column}) VALUES ($1)", CENTER)


async def test_8_a_user_without_an_office(casefile: Running, caller_at: CallerAt, files: dict[str, Json]) -> None:
    nowhere = await caller_at(casefile, None)
    for path in ("/v1/case-files", "/v1/case-files:summary", "/v1/case-files:export", "/v1/imports"):
        for headers in ({}, {"X-Scope": "IR"}, {"X-Jurisdiction": "IR", "X-Actor": "admin"}):
            assert _code(await nowhere.get(path, headers=headers)) == (400, "scope-required"), path
    async with casefile.database.query(Actor(subject="x", roles=frozenset(Role), scope=None)) as query:
        assert await query.fetchval("SELECT count(*) FROM case_file") == 0
    nation = await caller_at(casefile, "IR")
    assert await _listed(nation) == _inside(files, "IR")


async def test_9_a_record_without_an_office(casefile: Running, caller_at: CallerAt) -> None:
    """A row has its place from its first byte: drafts, and files of those whose scope is no place for files."""
    draft = await _opened(await caller_at(casefile, CENTER), status="draft")
    assert draft["jurisdiction"] == CENTER
    assert (await _opened(await caller_at(casefile, COUNTY), status="draft"))["jurisdiction"] == COUNTY
    for scope in ("IR", PROVINCE):
        client = await caller_at(casefile, scope)
        assert _code(await client.post("/v1/case-files", json=household())) == (422, "not-a-place-for-files")
        for place in ("IR", PROVINCE, "", None, "2901999"):
            refused = await client.post("/v1/case-files", json=household(jurisdiction=place))
            assert refused.status_code == (403 if place == "IR" and scope != "IR" else 422), (scope, place)
    async with _application(casefile, Jurisdiction("IR").range) as connection:
        for place in (None, "", "29", "290", "29010031"):
            with pytest.raises((asyncpg.IntegrityConstraintViolationError, asyncpg.InsufficientPrivilegeError)):
                await connection.execute("UPDATE case_file SET jurisdiction = $1", place)


async def test_10_a_former_office_that_goes_on_reading(casefile: Running, caller_at: CallerAt) -> None:
    """From the instant of a distribution the center has the file; the county covers it, everybody else has nothing."""
    county, center, neighbour = [await caller_at(casefile, each) for each in (COUNTY, CENTER, NEIGHBOUR)]
    file = await _opened(county, latitude=32.87, longitude=59.22)
    path = f"/v1/case-files/{file['id']}"
    assert [(await each.get(path)).status_code for each in (county, center, neighbour)] == [200, 404, 404]
    plan = await _planned(county, COUNTY)
    await sent(county, "POST", f"/v1/distributions/{plan['id']}:apply", headers=version_of(plan))

    moved = await sent(county, "GET", path)
    there, elsewhere = (center, neighbour) if moved["jurisdiction"] == CENTER else (neighbour, center)
    for suffix in ("", "/history", "/members", f"/members/{file['members'][1]['id']}"):
        answers = [await each.get(path + suffix) for each in (county, there, elsewhere)]
        assert [answer.status_code for answer in answers] == [200, 200, 404], suffix
    for client, ids in ((county, {file["id"]}), (there, {file["id"]}), (elsewhere, set())):
        assert await _listed(client) == await _exported(client) == await _searched(client, name="احمدی") == ids
    assert _code(await elsewhere.patch(path, json={"decile": 1}, headers=version_of(moved)))[0] == 404
    # the county is no longer responsible: with its own place as a filter, the file is one of a center of its own
    history = await sent(there, "GET", f"{path}/history")
    assert [entry["jurisdiction"] for entry in history["items"]] == [moved["jurisdiction"], COUNTY]

    left = await _told(casefile, "left", COUNTY)
    assert left.keys() == {"case_file_id", "version", "jurisdiction", "destination", "effective_at"}
    assert (left["jurisdiction"], left["destination"]) == (COUNTY, moved["jurisdiction"])
    arrived = await _told(casefile, "moved", moved["jurisdiction"])
    assert (arrived["jurisdiction"], arrived["previous_jurisdiction"]) == (moved["jurisdiction"], COUNTY)
    assert arrived["effective_at"] == left["effective_at"]


async def _told(casefile: Running, fact: str, place: str) -> Json:
    tokens = Jurisdiction(place).subject_tokens
    (event,) = await casefile.events(count=1, type=f"pl.casefile.case-file.{fact}.v1.{tokens.rsplit('.', 1)[0]}")
    data: Json = event.data
    return data


async def test_12_an_answer_that_tells_who_exists(
    casefile: Running, caller_at: CallerAt, files: dict[str, Json]
) -> None:
    """Every operation about one thing answers a stranger as if the thing were not there."""
    file = files[OTHER_PROVINCE]
    home = await caller_at(casefile, OTHER_PROVINCE[:2])
    upload = await home.post(
        "/v1/case-files:import",
        params={"source": "older"},
        content="{",
        headers={"Content-Type": NDJSON},
    )
    job = await finished_import(home, upload)
    plan = await _planned(home, OTHER_PROVINCE[:4])
    visited = await sent(home, "POST", f"/v1/case-files/{file['id']}/visits", json=home_visit())
    requested = await sent(
        home, "POST", f"/v1/case-files/{file['id']}/service-requests", json={"service_code": "S05", "pin": "402718"}
    )
    await know_centers(casefile, beside := "0904002")
    asked = {"case_file_id": file["id"], "destination": beside}
    happened = {"happened_on": OPENING_DAY, "source": "visit", "guardianship": {"member_id": file["members"][1]["id"]}}
    life_event = await sent(home, "POST", f"/v1/case-files/{file['id']}/life-events", json=happened)
    finding = await sent(home, "POST", "/v1/findings", json=FOUND | {"jurisdiction": OTHER_PROVINCE})
    assessed = await sent(
        home,
        "POST",
        f"/v1/case-files/{file['id']}/assessments",
        json={"needs": [{"kind": "income", "urgency": "soon"}]},
    )
    goal = {"need": "income", "title": "x", "indicator": "x"}
    drawn_up = {"assessment_id": assessed["id"], "responsible": "x", "review_on": "2030-01-01", "goals": [goal]}
    planned = await sent(home, "POST", f"/v1/case-files/{file['id']}/help-plans", json=drawn_up)
    things = {
        "case_file_id": file["id"],
        "assessment_id": assessed["id"],
        "help_plan_id": planned["id"],
        "visit_id": visited["id"],
        "service_request_id": requested["id"],
        "member_id": file["members"][1]["id"],
        "life_event_id": life_event["id"],
        "finding_id": finding["id"],
        "import_id": job["id"],
        "distribution_id": plan["id"],
        "plan_id": (await sent(home, "POST", "/v1/assignment-plans", json={"center": OTHER_PROVINCE}))["id"],
        "transfer_id": (await sent(home, "POST", "/v1/transfers", json=asked))["id"],
    }
    bodies: dict[str, Json] = {
        "change_case_file": {"decile": 1},
        "suspend_case_file": {"reason": "not-found"},
        "close_case_file": {"reason": "duplicate"},
        "change_head_of_household": {"head": things["member_id"], "former_head": "parent"},
        "add_member": person(),
        "change_member": {"sex": "male"},
        "record_visit": home_visit(),
        "plan_visit": {"planned_on": None},
        "resolve_visit_conflict": {"file_version": 1, "take": []},
        "record_assessment": {"needs": [{"kind": "income", "urgency": "soon"}]},
        "draw_up_help_plan": drawn_up,
        "change_help_plan": {"responsible": "y"},
        "agree_help_plan": {"agreed_with": file["members"][0]["id"]},
        "record_progress": {"goal_id": planned["goals"][0]["id"], "direction": "forward"},
        "review_help_plan": {"next_review_on": "2030-01-01"},
        "complete_help_plan": {},
        "stop_help_plan": {"reason": "replaced"},
        "open_service_request": {"service_code": "S05"},
        "accept_service_request": {},
        "start_service_request": {},
        "deliver_service_request": {},
        "refer_service_request": {"kind": "other-body", "referred_to": "x", "reason": "x"},
        "record_answer_to_referral": {"outcome": "provided"},
        "refuse_service_request": {"reason": "not-eligible"},
        "set_pin_of_service_request": {"pin": "402719"},
        "confirm_transfer": {},
        "accept_transfer": {},
        "refuse_transfer": {"reason": "other"},
        "withdraw_transfer": {},
        "record_life_event": happened,
        "approve_life_event": {},
        "refuse_life_event": {"reason": "x"},
        "withdraw_life_event": {"reason": "x"},
        "screen_finding": {"note": "x"},
        "assess_finding": {"visited_on": OPENING_DAY, "report": "x", "coverage_reason": "other"},
        "record_inquiry": {
            "body": "relief-committee",
            "answer": "covered",
            "reference": "x",
            "valid_until": "2099-01-01",
        },
        "decide_finding_locally": {"decision": "support"},
        "decide_finding_at_county": {"decision": "admit"},
        "admit_finding": {"members": [person("head")]},
        "refuse_finding": {"reason": "declined"},
        "refer_finding": {"to": "health"},
        "appeal_finding": {"grounds": "x"},
        "decide_appeal": {"decision": "uphold", "note": "x"},
    }
    params = {"remove_member": {"reason": "moved-out"}, "read_case_file_as_of": {"at": OPENING_DAY}}
    for scope in (PROVINCE, CENTER):
        stranger = await caller_at(casefile, scope)
        await _nothing_is_told(stranger, casefile, things, bodies, params=params)
    assert await sent(home, "GET", f"/v1/case-files/{file['id']}") == file
    assert await sent(home, "GET", f"/v1/distributions/{plan['id']}") == plan
    assert await sent(home, "GET", f"/v1/service-requests/{requested['id']}") == requested


PUBLIC = {
    "read_province", "read_county", "read_center", "list_center_addresses", "read_service", "read_parameter",
    "read_tariff",
}  # fmt: skip
"""What anybody may read wherever they are: there is nothing to hide in whether it exists."""


async def test_12_an_answer_that_tells_who_is_posted_where(registry: Running, caller_at: CallerAt) -> None:
    nation = await caller_at(registry, "IR")
    center = await sent(
        nation,
        "POST",
        "/v1/centers",
        json={"code": OTHER_PROVINCE, "name_fa": "مرکز", "area_class": "urban", "latitude": 36.3, "longitude": 59.6},
    )
    posting = {"person": "x", "role": "center-manager", "jurisdiction": OTHER_PROVINCE}
    tariff = {
        "service_code": "S01",
        "area_class": "urban",
        "jurisdiction": "09",
        "valid_from": "2030-01-01",
        "amount_rials": 1,
    }
    posted = await sent(nation, "POST", "/v1/postings", json=posting)
    things = {
        "posting_id": posted["id"],
        "tariff_id": (await sent(nation, "POST", "/v1/tariffs", json=tariff))["id"],
    }
    bodies: dict[str, Json] = {"end_posting": {}}
    for scope in (PROVINCE, COUNTY, CENTER):
        stranger = await caller_at(registry, scope)
        await _nothing_is_told(stranger, registry, things, bodies)
        # that a center is there is public, so a stranger who would change it is told whose business it is
        for verb in ("ready", "open", "suspend", "resume", "close"):
            body = {"suspend": {"reason": "x"}, "close": {"reason": "x"}, "open": {}}.get(verb)
            answer = await stranger.post(f"/v1/centers/{OTHER_PROVINCE}:{verb}", json=body)
            assert answer.status_code in {403, 404}, verb
        answer = await stranger.get(f"/v1/centers/{OTHER_PROVINCE}/transitions")
        missing = await stranger.get(f"/v1/centers/{OTHER_PROVINCE[:4]}999/transitions")
        assert _told_of(answer) == _told_of(missing)
        assert answer.json().get("items", []) == []
    assert await sent(nation, "GET", f"/v1/centers/{OTHER_PROVINCE}") == center
    assert await sent(nation, "GET", f"/v1/postings/{posted['id']}") == posted


async def _nothing_is_told(
    stranger: httpx.AsyncClient,
    served: Running,
    things: Mapping[str, str],
    bodies: Mapping[str, Json],
    *,
    params: Mapping[str, Mapping[str, str]] = {},
) -> None:
    asked = 0
    for path, operations in served.service.app.openapi()["paths"].items():
        named = set(re.findall(r"\{(\w+)\}", path))
        if not named or not named <= things.keys():
            continue
        for method, operation in operations.items():
            name = operation["operationId"]
            if name in PUBLIC:
                continue
            for version in (None, '"1"', '"99"', "*"):
                answers = [
                    await stranger.request(
                        method,
                        path.format(**{each: target[each] for each in named}),
                        json=bodies.get(name),
                        params=params.get(name),
                        headers={} if version is None else {"If-Match": version},
                    )
                    for target in (things, dict.fromkeys(things, MISSING))
                ]
                asked += 1
                there, nowhere = map(_told_of, answers)
                assert there == nowhere, f"{method} {path} {version}"
                assert there[0] == 404 or (there[0] in {412, 428} and version in {None, "*"}), f"{method} {path}"
    assert asked, "no operation of the contract is about these things"


def _told_of(answer: httpx.Response) -> tuple[int, Json, dict[str, str]]:
    """All that an answer tells, but for the address that was asked, the time it came and how long it is."""
    body = {**answer.json(), "instance": None, "trace_id": None}
    passing = {"content-length", "date"}
    return answer.status_code, body, {name: value for name, value in answer.headers.items() if name not in passing}


def _name(served: Running) -> str:
    """Of its database."""
    return str(served.settings.database_url.path).strip("/")


SWITCH = re.compile("rls|row_|scop|secur|polic|bypass|disable|skip|unsafe|insecure|debug|test|admin|allow_all|no_auth")


def test_17_a_switch_that_turns_scoping_off(services: Mapping[str, Service]) -> None:
    kinds: list[type[BaseSettings]] = [GatewaySettings, *(service.settings_type for service in services.values())]
    for settings in kinds:
        switches = {name for name in settings.model_fields if SWITCH.search(name)}
        # whose posting the registry makes, like any other
        assert switches <= {"first_administrator"}, settings
        flags = {name for name, field in settings.model_fields.items() if field.annotation is bool}
        assert flags <= {"access_log"}, settings


async def test_17_the_application_role_cannot_turn_it_off(casefile: Running, files: dict[str, Json]) -> None:
    async with _application(casefile, Jurisdiction(CENTER).range) as connection:
        for attempt in (
            "ALTER TABLE case_file DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE case_file NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY seen ON case_file",
            "CREATE POLICY wide ON case_file USING (true)",
            "CREATE VIEW wide AS SELECT * FROM case_file",
            "SET ROLE casefile_owner",
            "SET SESSION AUTHORIZATION casefile_owner",
            "ALTER ROLE casefile_app BYPASSRLS",
            "TRUNCATE case_file CASCADE",
            "SET row_security = off; SELECT * FROM case_file",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(attempt)
        await connection.execute("RESET row_security")
        assert await connection.fetchval("SELECT count(*) FROM case_file") == 1


async def test_17_a_role_that_no_policy_binds_is_not_served(
    casefile: Running, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that was given the administrator's role by mistake is not ready, does not migrate, and says why."""
    service, client = casefile.service, await casefile.client()
    assert (await client.get("/readyz")).json()["checks"]["database"] == "ok"
    unbound = PostgresDsn(postgres.url_for(_name(casefile), user="postgres"))
    settings = casefile.settings.model_copy(update={"database_url": unbound})
    wrong = Database(settings, owner="casefile")
    await wrong.start()
    try:
        monkeypatch.setattr(service, "database", wrong)
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert "row-level security" in answer.json()["checks"]["database"]
    finally:
        monkeypatch.undo()
        await wrong.stop()
    monkeypatch.setattr(service, "settings", settings)
    with pytest.raises(SystemExit):
        await asyncio.to_thread(service.migrate)


def test_18_a_permission_that_outlives_its_change(actor_key: OKPKey) -> None:
    """An actor token lives a minute; that it was verified once does not make it live longer."""
    keys = json.dumps({"keys": [actor_key.as_dict(private=False)]})
    verifier = ActorVerifier(audience="casefile", keys=keys)
    actor = Actor(subject="x", roles=frozenset({Role.AUDITOR}), scope=Jurisdiction("29"))
    skew = 5
    assert LIFETIME_SECONDS <= 60

    def token(*, age: float) -> str:
        return f"Bearer {sign(actor, audience='casefile', key=actor_key, now=time.time() - age)}"

    assert verifier.verify(token(age=LIFETIME_SECONDS - 5)) == actor
    with pytest.raises(Unauthorised):
        verifier.verify(token(age=LIFETIME_SECONDS + skew + 1))
    known = token(age=LIFETIME_SECONDS + skew - 1)
    assert verifier.verify(known) == actor
    time.sleep(2)
    with pytest.raises(Unauthorised):
        verifier.verify(known)
