"""Who may report, approve and read life events: role × operation × own, other and no scope."""

from collections.abc import Mapping

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened, person, version_of
from life_event_samples import KINDS, RESTRICTED, address_of, decided, details, recorded, report

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs, Running

PLACES = {Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}
DECIDING: Mapping[str, Permission] = {
    "approve": Permission.LIFE_EVENT_APPROVE,
    "refuse": Permission.LIFE_EVENT_APPROVE,
    "withdraw": Permission.LIFE_EVENT_WRITE,
}


@pytest.fixture
async def file(worker: httpx.AsyncClient) -> Json:
    return await opened(worker, person("head"), person("spouse"), person("child"))


async def test_each_role_does_what_it_is_granted_and_no_more(
    worker: httpx.AsyncClient, client_as: ClientAs, file: Json
) -> None:
    for role in Role:
        client = await client_as(role, PLACES.get(role, CENTER), subject=f"a-{role}")
        event = await recorded(worker, file, "job", details("job", file))
        address = f"/v1/case-files/{file['id']}/life-events"
        for path in (address, address_of(event), "/v1/life-events:pending"):
            expected = 200 if Permission.LIFE_EVENT_READ in GRANTS[role] else 403
            assert (await client.get(path)).status_code == expected, (role, path)
        answer = await client.post(address, json=report("school", details("school", file)))
        assert answer.status_code == (201 if Permission.LIFE_EVENT_WRITE in GRANTS[role] else 403), role
        for verb, permission in DECIDING.items():
            answer = await decided(client, event, verb)
            if permission not in GRANTS[role]:
                assert code_of(answer) == (403, "forbidden"), (role, verb)
            else:
                assert answer.status_code in {200, 409} or code_of(answer) == (403, "others-report"), (role, verb)
                event = (await worker.get(address_of(event))).json()


async def test_outside_the_scope_nothing_exists(worker: httpx.AsyncClient, client_as: ClientAs, file: Json) -> None:
    event = await recorded(worker, file, "job", details("job", file))
    nobodys = event | {"case_file_id": "01900000-0000-7000-8000-000000000000"}
    for role, scope in (("center-manager", NEIGHBOUR), ("county-officer", "2902"), ("county-officer", "3001")):
        stranger = await client_as(role, scope)
        for there in (event, nobodys):
            listed = await stranger.get(f"/v1/case-files/{there['case_file_id']}/life-events")
            told = await stranger.post(
                f"/v1/case-files/{there['case_file_id']}/life-events", json=report("school", details("school", file))
            )
            for answer in (listed, told, await stranger.get(address_of(there))):
                assert code_of(answer) == (404, "not-found")
            for verb in DECIDING:
                assert code_of(await decided(stranger, there, verb)) == (404, "not-found"), (role, verb)
        assert (await stranger.get("/v1/life-events:pending")).json()["items"] == []
    assert (await worker.get(address_of(event))).json() == event


async def test_an_event_is_not_reached_through_another_file(worker: httpx.AsyncClient, file: Json) -> None:
    event = await recorded(worker, file, "job", details("job", file))
    mixed = event | {"case_file_id": (await opened(worker))["id"]}
    assert code_of(await worker.get(address_of(mixed))) == (404, "not-found")
    assert code_of(await decided(worker, mixed, "withdraw")) == (404, "not-found")


async def test_without_a_scope_or_a_token(
    worker: httpx.AsyncClient, client_as: ClientAs, anonymous: httpx.AsyncClient, file: Json
) -> None:
    event = await recorded(worker, file, "job", details("job", file))
    nowhere = await client_as("center-manager", None)
    for path in (f"/v1/case-files/{file['id']}/life-events", address_of(event), "/v1/life-events:pending"):
        assert code_of(await nowhere.get(path)) == (400, "scope-required")
        assert code_of(await anonymous.get(path)) == (401, "unauthorised")
    for verb in DECIDING:
        assert code_of(await decided(nowhere, event, verb)) == (400, "scope-required")
        assert code_of(await decided(anonymous, event, verb)) == (401, "unauthorised")


async def test_restricted_events_do_not_exist_for_who_only_reads(
    worker: httpx.AsyncClient, client_as: ClientAs, file: Json
) -> None:
    events = [await recorded(worker, file, kind, details(kind, file)) for kind in KINDS]
    address = f"/v1/case-files/{file['id']}/life-events"
    auditor, province = await client_as("auditor", CENTER), await client_as("province-officer", "29")
    for client, expected in (
        (worker, set(KINDS)),
        (auditor, set(KINDS) - RESTRICTED),
        (province, set(KINDS) - RESTRICTED),
    ):
        assert {each["kind"] for each in (await client.get(address)).json()["items"]} == expected
        waiting = {each["kind"] for each in (await client.get("/v1/life-events:pending")).json()["items"]}
        assert waiting == expected - {"move", "school"}
        for event in events:
            assert (await client.get(address_of(event))).status_code == (200 if event["kind"] in expected else 404)
        assert (await client.get(address, params={"kind": "prison"})).json()["items"] == [
            event for event in events if event["kind"] == "prison" and client is worker
        ]


async def test_access_goes_with_the_file(
    worker: httpx.AsyncClient, client_as: ClientAs, file: Json, running: Running
) -> None:
    event = await recorded(worker, file, "job", details("job", file))
    from shared.chassis.actor import Actor

    async with running.database.command(Actor.system("casefile")) as command:
        for table, key in (("case_file", "id"), ("member", "case_file_id")):
            await command.connection.execute(
                f"UPDATE {table} SET jurisdiction = $2 WHERE {key} = $1", file["id"], NEIGHBOUR
            )
    assert code_of(await worker.get(address_of(event))) == (404, "not-found")
    there = await client_as("center-manager", NEIGHBOUR)
    assert (await there.get(address_of(event))).json() == event
    answer = await there.post(f"{address_of(event)}:approve", json={}, headers=version_of(event))
    assert answer.json()["status"] == "applied"
