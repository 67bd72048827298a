"""Another center's file in an emergency: one file, one person, three hours, reading only, and its center knows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from casefile_samples import (
    CENTER,
    NEIGHBOUR,
    OTHER_PROVINCE,
    Json,
    code_of,
    household,
    opened,
    person,
    pointers,
    version_of,
)

from shared.chassis.actor import Actor
from shared.contracts.casefile import CaseFileGlassBrokenV1
from shared.contracts.gateway import PersonalFileReadV1
from shared.contracts.registry import ParameterSetV1
from shared.contracts.roles import Role
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_casefile.centers import repository as centers_repository
from svc_casefile.households import repository as households
from svc_casefile.read_audit import repository as read_audit
from svc_casefile.timeline.repository import happened

REASON = "زن باردار با خون‌ریزی در بیمارستان"


@pytest.fixture
async def stranger(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """A social worker of a center in another province."""
    return await client_as("social-worker", OTHER_PROVINCE, subject="stranger")


@pytest.fixture
async def file(worker: httpx.AsyncClient) -> Json:
    return await opened(worker, person("head"), person("child", restricted={"addiction": True}))


def proof(file: Json, **changed: Any) -> Json:
    member = file["members"][1]
    return {"identity": member["identity"], "birth_date": member["birth_date"], "reason": REASON} | changed


async def broken(client: httpx.AsyncClient, file: Json, **changed: Any) -> Json:
    answer = await client.post("/v1/case-files:break-glass", json=proof(file, **changed))
    assert answer.status_code == 201, answer.text
    glass: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/break-glass/{glass['id']}"
    return glass


def about(file: Json) -> list[str]:
    base = f"/v1/case-files/{file['id']}"
    member = file["members"][1]["id"]
    parts = ("", "/overview", "/timeline", "/history", "/members", f"/members/{member}", "/visits",
             "/service-requests", "/life-events", "/assessments", "/help-plans", f":as-of?at={today()}")  # fmt: skip
    return [base + part for part in parts]


async def test_one_file_opens_and_all_that_hangs_on_it(stranger: httpx.AsyncClient, file: Json) -> None:
    for path in about(file):
        assert code_of(await stranger.get(path)) == (404, "not-found")
    glass = await broken(stranger, file)
    assert (glass["case_file_id"], glass["jurisdiction"], glass["opened_from"]) == (file["id"], CENTER, OTHER_PROVINCE)
    lasts = datetime.fromisoformat(glass["expires_at"]) - datetime.fromisoformat(glass["opened_at"])
    assert lasts == timedelta(hours=3)
    for path in about(file):
        assert (await stranger.get(path)).status_code == 200, path
    read = (await stranger.get(about(file)[0])).json()
    assert [member["id"] for member in read["members"]] == [member["id"] for member in file["members"]]


async def test_what_is_restricted_stays_with_its_own_center(stranger: httpx.AsyncClient, file: Json) -> None:
    await broken(stranger, file)
    read, _, _, _, listed, one, *_, past = [(await stranger.get(path)).json() for path in about(file)]
    assert [member["restricted"] for member in (*read["members"], *listed["items"], one, *past["members"])] == [
        None
    ] * 7


async def test_the_number_of_the_file_proves_as_well(stranger: httpx.AsyncClient, file: Json) -> None:
    await broken(stranger, file, birth_date=None, number=file["number"])
    await broken(stranger, file, number=file["number"])


async def test_nothing_else_opens(
    stranger: httpx.AsyncClient, client_as: ClientAs, worker: httpx.AsyncClient, file: Json
) -> None:
    other = await opened(worker, person("head"), person())
    await broken(stranger, file)
    for path in about(other):
        assert code_of(await stranger.get(path)) == (404, "not-found"), "another file of the same center"
    assert (await stranger.get("/v1/case-files")).json()["items"] == []
    assert (await stranger.get("/v1/case-files:summary")).json()["files"] == 0
    for wanted in ({"name": "احمدی"}, {"number": file["number"]}, {"identity": file["members"][0]["identity"]}):
        assert (await stranger.post("/v1/case-files:search", json=wanted)).json()["items"] == []
    manager = await client_as("center-manager", OTHER_PROVINCE, subject="stranger")
    assert (await manager.get("/v1/case-files:export")).content == b""
    for role, scope, subject in (
        ("social-worker", OTHER_PROVINCE, "colleague"),
        ("social-worker", NEIGHBOUR, "stranger"),
        ("province-officer", OTHER_PROVINCE[:2], "stranger"),
    ):
        elsewhere = await client_as(role, scope, subject=subject)
        assert code_of(await elsewhere.get(about(file)[0])) == (404, "not-found"), (role, scope, subject)


async def test_nothing_can_be_written(stranger: httpx.AsyncClient, worker: httpx.AsyncClient, file: Json) -> None:
    await broken(stranger, file)
    base, member = f"/v1/case-files/{file['id']}", f"/v1/case-files/{file['id']}/members/{file['members'][1]['id']}"
    for method, path, body in (
        ("PATCH", base, {"decile": 1}),
        ("POST", f"{base}:suspend", {"reason": "not-found"}),
        ("POST", f"{base}:close", {"reason": "duplicate"}),
        ("POST", f"{base}:change-head", {"head": file["members"][1]["id"], "former_head": "parent"}),
        ("POST", f"{base}/members", person(identity=None)),
        ("PATCH", member, {"sex": "male"}),
        ("DELETE", f"{member}?reason=moved-out", None),
    ):
        answer = await stranger.request(method, path, json=body, headers=version_of(file))
        assert code_of(answer) == (404, "not-found"), f"{method} {path}"
    assert (await worker.get(base)).json() == file


async def test_the_database_itself_opens_it_for_reading_only(
    running: Running, stranger: httpx.AsyncClient, file: Json
) -> None:
    await broken(stranger, file)
    count = (
        "SELECT (SELECT count(*) FROM case_file), (SELECT count(*) FROM member), (SELECT count(*) FROM timeline_entry)"
    )
    settings = ("app.scope_from", OTHER_PROVINCE), ("app.scope_to", f"{OTHER_PROVINCE}:"), ("app.actor", "stranger")
    connection = await asyncpg.connect(str(running.settings.database_url))
    try:
        for readonly, seen in ((True, (1, 2, 1)), (False, (0, 0, 0))):
            async with connection.transaction(readonly=readonly):
                for setting in settings:
                    await connection.execute("SELECT set_config($1, $2, true)", *setting)
                assert tuple(await connection.fetchrow(count)) == seen
        async with connection.transaction():
            for setting in settings:
                await connection.execute("SELECT set_config($1, $2, true)", *setting)
            for statement in (
                "UPDATE case_file SET decile = 1",
                "UPDATE member SET missing = true",
                "DELETE FROM timeline_entry",
                "UPDATE break_glass SET expires_at = 'infinity'",
            ):
                assert (await connection.execute(statement)).endswith(" 0"), statement
    finally:
        await connection.close()


async def test_its_center_is_told(
    running: Running, stranger: httpx.AsyncClient, worker: httpx.AsyncClient, file: Json
) -> None:
    glass = await broken(stranger, file)
    _, envelope = await running.events(count=2)
    event = envelope.event
    assert isinstance(event, CaseFileGlassBrokenV1)
    assert (str(event.case_file_id), str(event.break_glass_id)) == (file["id"], glass["id"])
    assert (event.opened_by, str(event.opened_from), str(event.jurisdiction)) == ("stranger", OTHER_PROVINCE, CENTER)
    assert envelope.address.endswith(".29.01.003")
    assert REASON not in envelope.to_json().decode()
    (entry,) = (await worker.get(f"/v1/case-files/{file['id']}/timeline")).json()["items"]
    assert (entry["kind"], entry["ref"], entry["about"]) == (
        "glass-broken",
        glass["id"],
        {"opened_from": OTHER_PROVINCE},
    )
    due = (await worker.get(f"/v1/case-files/{file['id']}/overview")).json()["due"]
    assert [(item["kind"], item["ref"]) for item in due] == [("emergency-reading", glass["id"])]
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json()["version"] == 1


async def test_who_may_see_who_read(
    stranger: httpx.AsyncClient, client_as: ClientAs, worker: httpx.AsyncClient, file: Json
) -> None:
    glass = await broken(stranger, file)
    assert glass["reason"] == REASON
    for role, scope in (
        ("social-worker", CENTER),
        ("center-manager", CENTER),
        ("county-officer", "2901"),
        ("province-officer", "29"),
        ("auditor", "2901"),
    ):
        client = await client_as(role, scope)
        assert (await client.get("/v1/break-glass")).json()["items"] == [glass], role
        assert (await client.get(f"/v1/break-glass/{glass['id']}")).json() == glass
        assert (await client.get("/v1/break-glass?mine=true")).json()["items"] == []
    assert (await stranger.get("/v1/break-glass?mine=true")).json()["items"] == [glass]
    assert (await stranger.get(f"/v1/break-glass/{glass['id']}")).json() == glass
    assert (await stranger.get("/v1/break-glass")).json()["items"] == []
    for role, scope, subject in (("social-worker", NEIGHBOUR, "other"), ("auditor", "30", "other")):
        client = await client_as(role, scope, subject=subject)
        assert (await client.get("/v1/break-glass")).json()["items"] == []
        assert code_of(await client.get(f"/v1/break-glass/{glass['id']}")) == (404, "not-found")


async def test_pages_and_filters_of_who_read(
    stranger: httpx.AsyncClient, worker: httpx.AsyncClient, file: Json
) -> None:
    other = await opened(worker, person("head"), person())
    glasses = [await broken(stranger, each) for each in (file, other, file)]
    found, after = [], {}
    while after is not None:
        page = (await worker.get("/v1/break-glass", params={"limit": 1, **after})).json()
        found += page["items"]
        after = {"after": page["next"]} if page["next"] else None
    assert found == glasses[::-1]
    of_file = (await worker.get("/v1/break-glass", params={"case_file_id": file["id"]})).json()["items"]
    assert of_file == [glasses[2], glasses[0]]
    assert (await worker.get("/v1/break-glass", params={"actor": "nobody"})).json()["items"] == []


async def test_its_center_can_end_it(stranger: httpx.AsyncClient, client_as: ClientAs, file: Json) -> None:
    glass = await broken(stranger, file)
    address = f"/v1/break-glass/{glass['id']}:revoke"
    manager = await client_as("center-manager", CENTER)
    intruder = await client_as("center-manager", OTHER_PROVINCE, subject="stranger")
    assert code_of(await intruder.post(address, headers=version_of(glass))) == (404, "not-found")
    assert code_of(await stranger.post(address, headers=version_of(glass))) == (403, "forbidden")
    assert (await manager.post(address)).status_code == 428
    assert (await manager.post(address, headers={"If-Match": '"2"'})).status_code == 412
    revoked = await manager.post(address, headers=version_of(glass))
    assert (revoked.status_code, revoked.json()["revoked_by"]) == (200, f"center-manager@{CENTER}")
    for path in about(file):
        assert code_of(await stranger.get(path)) == (404, "not-found")
    assert code_of(await manager.post(address, headers=version_of(revoked.json()))) == (409, "no-longer-open")
    await broken(stranger, file)
    assert (await stranger.get(about(file)[0])).status_code == 200, "a new reason opens it anew"


async def test_after_three_hours_it_is_over(
    running: Running, stranger: httpx.AsyncClient, client_as: ClientAs, file: Json
) -> None:
    glass = await broken(stranger, file)
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE break_glass SET opened_at = opened_at - interval '3 hours', expires_at = now()"
        )
    for path in about(file):
        assert code_of(await stranger.get(path)) == (404, "not-found")
    manager = await client_as("center-manager", CENTER)
    answer = await manager.post(f"/v1/break-glass/{glass['id']}:revoke", headers=version_of(glass))
    assert code_of(answer) == (409, "no-longer-open")


async def test_a_rule_can_shorten_it(running: Running, stranger: httpx.AsyncClient, file: Json) -> None:
    rule = ParameterSetV1(
        parameter_id=uuid4(),
        version=1,
        name="break-glass-hours",
        jurisdiction=Jurisdiction("29"),
        value=1,
        valid_from=datetime(2021, 1, 1, tzinfo=UTC).date(),
        valid_to=None,
    )
    async with running.database.command(Actor.system("casefile")) as command:
        await centers_repository.keep_parameter(command, rule)
    glass = await broken(stranger, file)
    lasts = datetime.fromisoformat(glass["expires_at"]) - datetime.fromisoformat(glass["opened_at"])
    assert lasts == timedelta(hours=1)


async def test_it_stays_with_the_file_when_that_moves(
    running: Running, stranger: httpx.AsyncClient, file: Json
) -> None:
    await broken(stranger, file)
    async with running.database.command(Actor.system("casefile")) as command:
        for table, key in (("member", "case_file_id"), ("case_file", "id")):
            await command.connection.execute(
                f"UPDATE {table} SET jurisdiction = $1 WHERE {key} = $2", NEIGHBOUR, UUID(file["id"])
            )
    assert (await stranger.get(about(file)[0])).status_code == 200


async def test_it_tells_nobody_who_exists(
    running: Running, stranger: httpx.AsyncClient, worker: httpx.AsyncClient, file: Json
) -> None:
    """A proof that does not match, and a person who is not there, get the same answer."""
    unknown = person()
    closed = await opened(worker, person("head"), person())
    await worker.post(f"/v1/case-files/{closed['id']}:close", json={"reason": "duplicate"}, headers=version_of(closed))
    left = await opened(worker, person("head"), person())
    gone = left["members"][1]
    await worker.delete(f"/v1/case-files/{left['id']}/members/{gone['id']}?reason=moved-out", headers=version_of(gone))
    refused = [
        await stranger.post("/v1/case-files:break-glass", json=body)
        for body in (
            proof(file, identity=unknown["identity"]),
            proof(file, birth_date="1990-05-02"),
            proof(file, birth_date=None, number="99999999"),
            proof(file, number="99999999"),
            proof(file, identity=file["members"][0]["identity"], birth_date="1950-01-01"),
            proof(closed),
            proof(left),
        )
    ]
    bodies = [{**answer.json(), "trace_id": None} for answer in refused]
    assert {answer.status_code for answer in refused} == {404}
    assert all(body == bodies[0] for body in bodies)
    async with running.database.query(Actor.system("casefile")) as query:
        assert await query.fetchval("SELECT count(*) FROM break_glass") == 0


async def test_a_file_of_ones_own_needs_no_breaking(worker: httpx.AsyncClient, file: Json) -> None:
    assert code_of(await worker.post("/v1/case-files:break-glass", json=proof(file))) == (409, "file-inside-scope")
    assert (await worker.get("/v1/break-glass")).json()["items"] == []


async def test_guessing_comes_to_an_end(running: Running, stranger: httpx.AsyncClient, file: Json) -> None:
    async with running.database.command(Actor.system("casefile")) as command:
        for status, ago in [(404, 0.5)] * 9 + [(404, 2), (201, 0.5)]:
            await read_audit.keep(command, _attempt(status=status, hours_ago=ago))
    assert (await stranger.post("/v1/case-files:break-glass", json=proof(file))).status_code == 201
    async with running.database.command(Actor.system("casefile")) as command:
        await read_audit.keep(command, _attempt(status=404, hours_ago=0.1))
    refused = await stranger.post("/v1/case-files:break-glass", json=proof(file))
    assert code_of(refused) == (429, "too-many-requests")
    assert refused.headers["Retry-After"] == "3600"


def _attempt(*, status: int, hours_ago: float) -> PersonalFileReadV1:
    return PersonalFileReadV1(
        jurisdiction=Jurisdiction(OTHER_PROVINCE),
        audit_id=new_id(),
        actor="stranger",
        roles=(Role.SOCIAL_WORKER,),
        scope=Jurisdiction(OTHER_PROVINCE),
        operation="break_glass",
        resource="/v1/case-files:break-glass",
        request_id="x",
        at=datetime.now(UTC) - timedelta(hours=hours_ago),
        status=status,
    )


async def test_bad_input(stranger: httpx.AsyncClient, file: Json) -> None:
    temporary = {"type": "temporary", "value": "T-1"}
    for changed in (
        {"reason": "فوری"},
        {"reason": "x" * 501},
        {"birth_date": None},
        {"birth_date": "2126-01-01"},
        {"identity": {"type": "national", "value": "1234567890"}},
        {"identity": temporary},
        {"number": "12"},
        {"hours": 24},
    ):
        answer = await stranger.post("/v1/case-files:break-glass", json=proof(file, **changed))
        assert answer.status_code == 422, changed
    answer = await stranger.post("/v1/case-files:break-glass", json={"identity": file["members"][0]["identity"]})
    assert pointers(answer) == ["/reason"]


async def test_roles(client_as: ClientAs, centers: None, worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person())
    places = {Role.PROVINCE_OFFICER: "30", Role.COUNTY_OFFICER: "3001", Role.HEADQUARTERS: "IR"}
    for role in Role:
        client = await client_as(role, places.get(role, OTHER_PROVINCE))
        answer = await client.post("/v1/case-files:break-glass", json=proof(file))
        allowed = role in {Role.CENTER_MANAGER, Role.SOCIAL_WORKER}
        assert answer.status_code == (201 if allowed else 403), role
        reads = role in {Role.PROVINCE_OFFICER, Role.COUNTY_OFFICER, Role.AUDITOR} or allowed
        assert (await client.get("/v1/break-glass")).status_code == (200 if reads else 403), role


async def test_the_same_key_opens_once(running: Running, stranger: httpx.AsyncClient, file: Json) -> None:
    key = {"Idempotency-Key": "emergency-1"}
    answers = [await stranger.post("/v1/case-files:break-glass", json=proof(file), headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    async with running.database.query(Actor.system("casefile")) as query:
        assert await query.fetchval("SELECT count(*) FROM break_glass") == 1


async def test_an_ordinary_read_looks_no_further_than_the_scope(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    """The policy's other way is not gone down, and what is broken is not even looked for."""
    actor = Actor("worker", frozenset(), Jurisdiction(CENTER))
    async with running.database.query(actor) as query:
        for sql in (
            "SELECT * FROM case_file WHERE id = $1",
            "SELECT * FROM case_file f JOIN member m ON m.case_file_id = f.id WHERE f.id = $1",
        ):
            (plan,) = await query.fetchval(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {sql}", UUID(file["id"]))
            once = [node for node in _nodes(plan["Plan"]) if node.get("Parent Relationship") == "InitPlan"]
            behind = [node for node in once if "files_behind_broken_glass" in str(node["Output"])]
            assert behind, "the policy is there"
            assert all(node["Actual Loops"] == 0 for node in behind)


def _nodes(plan: Json) -> Any:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


async def test_the_way_to_a_file_of_elsewhere_is_narrow(running: Running, file: Json) -> None:
    """What the database function tells: nothing without a proof, then it leads to that file's place and no other."""
    identity = file["members"][0]["identity"]
    actor = Actor("stranger", frozenset(), Jurisdiction(OTHER_PROVINCE))
    scope = "SELECT current_setting('app.scope_from')"
    for birth_date, number, found in ((None, None, False), ("1990-05-02", None, False), (None, file["number"], True)):
        async with running.database.command(actor) as command:
            row = await command.connection.fetchrow(
                "SELECT * FROM come_to_the_file($1, $2, $3, $4)",
                identity["type"],
                identity["value"],
                None if birth_date is None else datetime.fromisoformat(birth_date).date(),
                number,
            )
            assert (row["case_file_id"] is not None) == found
            assert await command.connection.fetchval(scope) == (CENTER if found else OTHER_PROVINCE)
    async with running.database.query(Actor.system("casefile")) as query:
        executors = await query.fetchval(
            "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
            " WHERE proname = 'come_to_the_file' AND grantee <> proowner"
        )
    assert executors == ["casefile_app"]


async def test_what_hangs_on_a_file_is_written_by_its_own_center_alone(
    running: Running, stranger: httpx.AsyncClient, file: Json
) -> None:
    """Behind broken glass no feature can add a line either."""
    await broken(stranger, file)
    reader = Actor("stranger", frozenset(), Jurisdiction(OTHER_PROVINCE))
    async with running.database.command(Actor("worker", frozenset(), Jurisdiction(CENTER))) as command:
        row = await households.locked(command, UUID(file["id"]))

    async def add() -> None:
        async with running.database.command(reader) as command:
            happened(command, row, kind="visit-recorded")

    with pytest.raises(Exception, match="row-level security"):
        await add()


def test_samples_have_what_is_proven() -> None:
    assert all({"identity", "birth_date"} <= member.keys() for member in household(person())["members"])
