"""What every operation of every service does before and after its handler."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import httpx
import pytest
from joserfc.jwk import OKPKey

from shared.chassis.actor import PUBLIC, Actor, sign
from shared.chassis.http import Router
from shared.contracts.permissions import Permission
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running

NOTE = {"jurisdiction": "2901003", "text": "first"}


async def test_state_event_and_answer_are_one(running: Running, client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    answer = await manager.post("/v1/notes", json=NOTE)
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    read = await manager.get(answer.headers["Location"])
    assert read.json() == answer.json()
    (event,) = await running.events(count=1)
    assert (event.data["name"], event.actor) == ("note", "center-manager@2901003")


async def test_a_failed_command_leaves_nothing(client_as: ClientAs) -> None:
    officer = await client_as("county-officer", "2901")
    answer = await officer.post("/v1/notes:break")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert (await officer.get("/v1/notes")).json()["items"] == []


@pytest.mark.parametrize("scope", ["IR", "29", "2901", "2901003"])
async def test_inside_the_scope(client_as: ClientAs, scope: str) -> None:
    writer = await client_as("center-manager", "2901003")
    await writer.post("/v1/notes", json=NOTE)
    reader = await client_as("auditor", scope)
    assert len((await reader.get("/v1/notes")).json()["items"]) == 1


@pytest.mark.parametrize("scope", ["09", "2902", "2901004", "2901002"])
async def test_outside_the_scope_it_does_not_exist(client_as: ClientAs, scope: str) -> None:
    writer = await client_as("center-manager", "2901003")
    location = (await writer.post("/v1/notes", json=NOTE)).headers["Location"]
    stranger = await client_as("auditor", scope)
    answer = await stranger.get(location)
    missing = await stranger.get("/v1/notes/0192d5a0-0000-7000-8000-000000000000")
    assert answer.status_code == missing.status_code == 404
    assert {**answer.json(), "instance": None} == {**missing.json(), "instance": None}
    assert (await stranger.get("/v1/notes")).json() == {"items": [], "next": None}


async def test_a_row_cannot_be_written_outside_the_scope(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    answer = await manager.post("/v1/notes", json=NOTE | {"jurisdiction": "2901004"})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-forbidden")


async def test_without_scope_only_unscoped_operations(client_as: ClientAs) -> None:
    nobody = await client_as("auditor")
    assert (await nobody.get("/v1/notes")).json()["code"] == "scope-required"
    await (await client_as("center-manager", "2901003")).post("/v1/notes", json=NOTE)
    assert (await nobody.get("/v1/notes/open/weather")).json() == {"notes": 0}


async def test_permission(client_as: ClientAs) -> None:
    auditor = await client_as("auditor", "2901003")
    assert (await auditor.post("/v1/notes", json=NOTE)).json()["code"] == "forbidden"


async def test_tokens(running: Running, anonymous: httpx.AsyncClient, actor_key: OKPKey) -> None:
    actor = Actor(subject="x", roles=frozenset({Role.AUDITOR}), scope=Jurisdiction("29"))
    stranger = OKPKey.generate_key("Ed25519", parameters={"kid": "tests"})
    tokens = {
        "none": None,
        "garbage": "garbage",
        "another service's": sign(actor, audience="casefile", key=actor_key),
        "expired": sign(actor, audience="registry", key=actor_key, now=1_700_000_000),
        "forged": sign(actor, audience="registry", key=stranger),
    }
    for what, token in tokens.items():
        client = await running.client(token)
        answer = await client.get("/v1/notes")
        assert answer.status_code == 401, what
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await anonymous.get("/v1/notes", headers={"X-Scope": "IR", "X-Role": "auditor"})).status_code == 401


async def test_without_an_account_one_acts_for_nobody(
    running: Running, public: httpx.AsyncClient, anonymous: httpx.AsyncClient, client_as: ClientAs
) -> None:
    assert (await anonymous.post("/v1/notes:leave", json=NOTE)).status_code == 401, "the gateway says it is public"
    left = await public.post("/v1/notes:leave", json=NOTE | {"level": 7})
    assert left.status_code == 201
    (event,) = await running.events(count=1)
    assert (event.actor, str(event.data["jurisdiction"])) == ("public", "2901003")
    manager = await client_as("center-manager", "2901003")
    assert (await manager.get(f"/v1/notes/{left.json()['id']}")).status_code == 200
    for caller in (public, manager):
        told = await caller.post("/v1/notes:follow", json={"text": "first"})
        assert told.json() == {"level": 7, "actor": "public", "seen": 0}, "whoever calls is nobody there"
    for request in (("GET", "/v1/notes"), ("GET", "/v1/notes/open/weather"), ("POST", "/v1/notes")):
        assert (await public.request(*request)).status_code == 401, "being nobody opens nothing else"


async def test_nobody_acts_at_one_place_and_who_has_a_scope_keeps_it(running: Running) -> None:
    insert = "INSERT INTO note (id, jurisdiction, text) VALUES (gen_random_uuid(), $1, $1)"
    here = Jurisdiction("2901003")

    async def leave(place: str, *, at: Jurisdiction | None, actor: Actor = PUBLIC) -> None:
        async with running.database.command(actor) as command:
            if at is not None:
                await command.act_at(at)
                await command.connection.execute(insert, place)
                await command.act_at(Jurisdiction("IR"))
            await command.connection.execute(insert, place)

    for place, at in (("2901003", None), ("2901004", here)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await leave(place, at=at)
    for actor in (PUBLIC, Actor("x", frozenset({Role.AUDITOR}), Jurisdiction("29"))):
        with pytest.raises(LookupError):
            await leave("2901003", at=here, actor=actor)


async def test_a_key_without_an_account_is_one_that_nobody_else_makes(public: httpx.AsyncClient) -> None:
    for key in ("1", "a key of mine"):
        assert (await public.post("/v1/notes:leave", json=NOTE, headers={"Idempotency-Key": key})).status_code == 422
    key = {"Idempotency-Key": str(uuid4())}
    answers = [await public.post("/v1/notes:leave", json=NOTE, headers=key) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_an_operation_has_a_permission_or_says_that_it_needs_none() -> None:
    for declared in (
        {"permission": None},
        {"permission": Permission.CENTER_READ, "public": True},
        {"permission": None, "public": True, "personal": True},
    ):
        with pytest.raises(ValueError, match="a permission, or public=True"):
            Router(prefix="/v1", tags=[]).get("/x", **declared)


async def test_a_key_repeats_the_answer_not_the_change(running: Running, client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    key = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(manager.post("/v1/notes", json=NOTE, headers=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len((await manager.get("/v1/notes")).json()["items"]) == 1
    assert len(await running.events(count=1)) == 1
    other = await manager.post("/v1/notes", json=NOTE | {"text": "second"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_key_belongs_to_its_caller(client_as: ClientAs) -> None:
    key = {"Idempotency-Key": "k-1"}
    one = await client_as("center-manager", "2901003")
    other = await client_as("center-manager", "2901003", subject="somebody else")
    assert (await one.post("/v1/notes", json=NOTE, headers=key)).status_code == 201
    assert (await other.post("/v1/notes", json=NOTE | {"text": "second"}, headers=key)).status_code == 201


async def test_a_failed_request_frees_its_key(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    key = {"Idempotency-Key": "k-1"}
    assert (await manager.post("/v1/notes", json=NOTE | {"text": ""}, headers=key)).status_code == 422
    assert (await manager.post("/v1/notes", json=NOTE, headers=key)).status_code == 201


async def test_versions(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    location = (await manager.post("/v1/notes", json=NOTE)).headers["Location"]
    change = {"url": location, "params": {"text": "new"}}
    assert (await manager.patch(**change)).status_code == 428
    for wrong in ("*", 'W/"1"', "1", b'"\xb2"', '"x"'):
        assert (await manager.patch(**change, headers={"If-Match": wrong})).status_code in {400, 412}, wrong
    done = await manager.patch(**change, headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"')
    assert (await manager.patch(**change, headers={"If-Match": '"1"'})).status_code == 412


async def test_bad_input_is_named_and_not_repeated(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    answer = await manager.post(
        "/v1/notes", json={"jurisdiction": "29 01", "text": "x" * 101}, headers={"Accept-Language": "fa-IR,en;q=0.5"}
    )
    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Language"]) == (422, "fa")
    assert [error["pointer"] for error in problem["errors"]] == ["/jurisdiction", "/text"]
    assert "29 01" not in answer.text
    for body, code in {
        b"{": "malformed-body",
        b'{"text": NaN}': "invalid-input",
        b"[" * 100_000: "malformed-body",
    }.items():
        answer = await manager.post("/v1/notes", content=body, headers={"Content-Type": "application/json"})
        assert answer.json()["code"] in {code, "malformed-body"}, body[:20]
        assert answer.status_code in {400, 422}


@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
async def test_what_the_database_cannot_store_is_the_callers_mistake(client_as: ClientAs, text: str) -> None:
    manager = await client_as("center-manager", "2901003")
    assert (await manager.post("/v1/notes", json=NOTE | {"text": text})).status_code == 422
    assert (await manager.post("/v1/notes", json=NOTE | {"level": 2**31})).status_code == 422
    assert (await manager.post("/v1/notes", json=NOTE | {"level": 10**30})).status_code == 422


async def test_a_unique_value_taken_by_another_is_a_conflict(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    await manager.post("/v1/notes", json=NOTE)
    assert (await manager.post("/v1/notes", json=NOTE)).json()["code"] == "conflict"


async def test_unknown_parameters_never_widen(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    assert (await manager.get("/v1/notes", params={"jurisdiction": "IR"})).status_code == 422
    assert (await manager.get("/v1/notes/open/weather", params={"x": "1"})).json()["code"] == "unknown-parameter"


async def test_too_large(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    answer = await manager.post("/v1/notes", json=NOTE | {"text": "x" * 2_000_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")

    async def endless() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(40):
            yield b"x" * 65_536

    answer = await manager.post("/v1/notes", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")


async def test_pages_follow_each_other_and_cannot_be_carried_elsewhere(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    for number in range(5):
        await manager.post("/v1/notes", json=NOTE | {"text": str(number)})
    seen, address = [], "/v1/notes?limit=2"
    while True:
        answer = await manager.get(address)
        seen += [note["text"] for note in answer.json()["items"]]
        if "next" not in answer.links:
            break
        address = answer.links["next"]["url"]
    assert seen == ["0", "1", "2", "3", "4"]
    cursor = (await manager.get("/v1/notes?limit=2")).json()["next"]
    colleague = await client_as("center-manager", "2901004")
    for client, params in (
        (colleague, {"after": cursor}),
        (manager, {"after": cursor, "text": "1"}),
        (manager, {"after": "x"}),
    ):
        answer = await client.get("/v1/notes", params=params)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-cursor")


async def test_a_service_cannot_announce_what_another_owns(client_as: ClientAs) -> None:
    officer = await client_as("county-officer", "2901")
    assert (await officer.post("/v1/notes/foreign")).status_code == 500


async def test_addresses_that_are_not_there(client_as: ClientAs) -> None:
    manager = await client_as("center-manager", "2901003")
    assert (await manager.get("/v1/nothing")).json()["code"] == "not-found"
    answer = await manager.put("/v1/notes")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


async def test_health_and_metrics(running: Running, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    manager = await client_as("center-manager", "2901003")
    await manager.post("/v1/notes", json=NOTE)
    assert (await anonymous.get("/livez")).json() == {"status": "ok"}
    ready = await anonymous.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert 'http_requests_total{operation="write_note",status="201"}' in (await anonymous.get("/metrics")).text
