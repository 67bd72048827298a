"""Who decides on an event, in which order, and what is told of it."""

import asyncio

import httpx
import pytest
from casefile_samples import CENTER, Json, code_of, opened, person, version_of
from life_event_samples import (
    KINDS,
    RESTRICTED,
    address_of,
    approved,
    decided,
    details,
    members_of,
    read,
    recorded,
    report,
)

from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


@pytest.fixture
async def file(worker: httpx.AsyncClient) -> Json:
    return await opened(worker, person("head"), person("spouse"), person("child"))


async def test_nobody_approves_or_refuses_their_own(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, file: Json
) -> None:
    event = await recorded(manager, file, "birth", details("birth", file))
    for verb in ("approve", "refuse"):
        assert code_of(await decided(manager, event, verb)) == (403, "own-report")
    assert (await approved(county, event))["approved_by"] == "county-officer@2901"


async def test_a_refused_or_withdrawn_event_leaves_the_file_as_it_was(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    refused = (await decided(manager, await recorded(worker, file, "job", details("job", file)), "refuse")).json()
    assert (refused["status"], refused["reason"]) == ("refused", "سند کافی نیست")
    assert refused["refused_by"] == f"center-manager@{CENTER}"
    event = await recorded(worker, file, "job", details("job", file))
    assert code_of(await decided(manager, event, "withdraw")) == (403, "others-report")
    withdrawn = (await decided(worker, event, "withdraw")).json()
    assert (withdrawn["status"], withdrawn["approved_by"], withdrawn["refused_by"]) == ("withdrawn", None, None)
    assert await read(worker, file) == file


async def test_what_is_decided_is_not_decided_again(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    event = await approved(manager, await recorded(worker, file, "job", details("job", file)))
    now = await read(worker, file)
    for client, verb in ((manager, "approve"), (manager, "refuse"), (worker, "withdraw")):
        again = await decided(client, event, verb)
        assert code_of(again) == (409, "life-event-decided")
        assert again.json()["decision"] == "applied"
    assert await read(worker, file) == now


async def test_of_two_who_approve_at_once_one_does(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient, file: Json
) -> None:
    event = await recorded(worker, file, "birth", details("birth", file))
    answers = await asyncio.gather(decided(manager, event), decided(county, event))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert (await read(worker, file))["member_count"] == 4


async def test_an_event_that_the_file_has_outrun_overwrites_nothing(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    child = file["members"][2]
    earlier = await recorded(worker, file, "disability", details("disability", file))
    changed = await worker.patch(
        f"/v1/case-files/{file['id']}/members/{child['id']}",
        json={"disability_type": "vision"},
        headers=version_of(child),
    )
    assert changed.is_success
    outdated = await decided(manager, earlier)
    assert code_of(outdated) == (409, "life-event-outdated")
    assert outdated.json()["changed"] == ["disability_type"]
    assert (await members_of(worker, file))[child["id"]]["disability_type"] == "vision"
    death = await recorded(worker, file, "death", {"member_id": child["id"]})
    await approved(manager, await recorded(worker, file, "death", {"member_id": child["id"]}))
    assert code_of(await decided(manager, death)) == (409, "life-event-outdated")
    assert (await decided(manager, death, "refuse")).json()["status"] == "refused"


async def test_a_report_about_a_file_that_has_closed_can_only_be_given_up(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    event = await recorded(worker, file, "job", details("job", file))
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "empowered"}, headers=version_of(file))
    assert code_of(await decided(manager, event)) == (409, "case-file-closed")
    assert (await decided(worker, event, "withdraw")).json()["status"] == "withdrawn"


async def test_who_decides_says_which_version_they_have_read(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    event = await recorded(worker, file, "job", details("job", file))
    unsaid = await manager.post(f"{address_of(event)}:approve", json={})
    assert code_of(unsaid) == (428, "precondition-required")
    assert code_of(await decided(manager, event | {"version": 7})) == (412, "precondition-failed")


async def test_a_report_sent_twice_is_one(worker: httpx.AsyncClient, file: Json) -> None:
    body = report("move", details("move", file))
    first, second = [
        await worker.post(f"/v1/case-files/{file['id']}/life-events", json=body, headers={"Idempotency-Key": "moved"})
        for _ in range(2)
    ]
    assert first.json() == second.json()
    assert len((await worker.get(f"/v1/case-files/{file['id']}/life-events")).json()["items"]) == 1


async def test_lists(worker: httpx.AsyncClient, manager: httpx.AsyncClient, neighbour: httpx.AsyncClient,
                     county: httpx.AsyncClient, file: Json) -> None:  # fmt: skip
    events = [await recorded(worker, file, kind, details(kind, file)) for kind in ("job", "school", "birth")]
    there = await opened(neighbour, person("head"), person())
    elsewhere = await recorded(neighbour, there, "job", {"member_id": there["members"][1]["id"], "change": "ended"})
    address = f"/v1/case-files/{file['id']}/life-events"
    assert (await worker.get(address)).json()["items"] == events[::-1]
    assert (await worker.get(address, params={"status": "applied"})).json()["items"] == [events[1]]
    assert (await worker.get(address, params={"kind": "birth"})).json()["items"] == [events[2]]
    page = (await worker.get(address, params={"limit": 2})).json()
    assert (await worker.get(address, params={"limit": 2, "after": page["next"]})).json()["items"] == events[:1]

    async def waiting(client: httpx.AsyncClient, **params: object) -> list[tuple[str, str]]:
        answer = await client.get("/v1/life-events:pending", params=params)  # type: ignore[arg-type]
        return [(each["id"], each["number"]) for each in answer.raise_for_status().json()["items"]]

    mine = [(events[0]["id"], file["number"]), (events[2]["id"], file["number"])]
    theirs = [(elsewhere["id"], there["number"])]
    assert await waiting(manager) == mine
    assert await waiting(county) == mine + theirs
    assert await waiting(county, jurisdiction=there["jurisdiction"]) == theirs
    assert code_of(await manager.get("/v1/life-events:pending?jurisdiction=2901")) == (403, "scope-forbidden")


async def test_what_is_announced_names_nobody_and_nothing_restricted(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json, running: Running
) -> None:
    for kind in KINDS[:1] + sorted(RESTRICTED):
        await approved(manager, await recorded(worker, file, kind, details(kind, file), note="متن"))
    await decided(manager, await recorded(worker, file, "job", details("job", file)), "refuse")
    await decided(worker, await recorded(worker, file, "job", details("job", file)), "withdraw")
    told = [event for event in await running.events(count=10) if "life-event" in event.type]
    assert [(event.type.split(".")[3], event.data["kind"], event.data["status"]) for event in told] == [
        ("recorded", "birth", "pending"),
        ("approved", "birth", "applied"),
        ("recorded", "job", "pending"),
        ("refused", "job", "refused"),
        ("recorded", "job", "pending"),
        ("withdrawn", "job", "withdrawn"),
    ]
    for event in told:
        assert str(event.jurisdiction) == CENTER
        document = event.to_json().decode()
        assert not any(word in document for word in ("آرش", "متن", "سند", "نجار"))


async def test_the_timeline_has_a_line_for_each_step_but_of_what_is_restricted(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json, running: Running
) -> None:
    from shared.chassis.actor import Actor

    event = await approved(manager, await recorded(worker, file, "birth", details("birth", file)))
    await approved(manager, await recorded(worker, file, "prison", details("prison", file)))
    async with running.database.query(Actor.system("casefile")) as query:
        rows = await query.fetch("SELECT * FROM timeline_entry WHERE kind LIKE 'life-event-%' ORDER BY at")
    assert [(row["kind"], str(row["ref"])) for row in rows] == [
        ("life-event-recorded", event["id"]),
        ("life-event-approved", event["id"]),
    ]
    about = {"event": "birth", "status": "applied", "happened_on": "2026-05-01", "source": "visit"}
    assert rows[1]["about"] == about
