"""Applying moves every placed file at once, or none when the world has moved on."""

import asyncio

import asyncpg
import httpx
import pytest
from casefile_samples import Json, code_of, opened, version_of
from distribution_samples import (
    BIRJAND,
    NEAR_BIRJAND,
    applied,
    decided,
    know_center,
    know_rule,
    loads,
    part_of,
    planned,
    wait_for_a_center,
    waiting,
)
from import_samples import files_of

from shared.chassis.actor import Actor
from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def officer(running: Running, client_as: ClientAs) -> httpx.AsyncClient:
    """A province officer; two centers in one county, with room for 3 files in each."""
    await know_center(running, "2901001", BIRJAND)
    await know_center(running, "2901002", NEAR_BIRJAND)
    await know_rule(running, "maximum", 3)
    return await client_as("province-officer", "29")


@pytest.fixture
async def plan(officer: httpx.AsyncClient) -> Json:
    """Seven files wait: three for each center, and one for whom there is no room."""
    await wait_for_a_center(officer, *[waiting() for _ in range(7)])
    return await planned(officer)


async def placed_files(client: httpx.AsyncClient) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for file in await files_of(client):
        places.setdefault(f"{file['jurisdiction']} {file['status']}", []).append(file["id"])
    return places


NOTHING_MOVED = {"2901 waiting": 7}


async def counted(client: httpx.AsyncClient) -> dict[str, int]:
    return {place: len(files) for place, files in (await placed_files(client)).items()}


async def test_placed_files_are_active_at_their_center_and_others_stay(officer: httpx.AsyncClient, plan: Json) -> None:
    result = await applied(officer, plan)

    assert (result["status"], result["version"], result["decided_by"]) == ("applied", 2, "province-officer@29")
    assert await counted(officer) == {"2901001 active": 3, "2901002 active": 3, "2901 waiting": 1}
    for placement in await part_of(officer, plan, "placements"):
        file = (await officer.get(f"/v1/case-files/{placement['case_file_id']}")).json()
        assert file["jurisdiction"] == placement["center"] or placement["county"]
        if placement["center"]:
            assert (file["version"], file["updated_by"]) == (2, "province-officer@29")
            entry, _ = (await officer.get(f"/v1/case-files/{file['id']}/history")).json()["items"]
            assert (entry["action"], entry["jurisdiction"]) == ("moved", placement["center"])
            assert entry["changes"] == {
                "jurisdiction": ["2901", placement["center"]],
                "status": ["waiting", "active"],
            }


async def test_the_centers_staff_see_their_files_and_their_persons(
    officer: httpx.AsyncClient, plan: Json, client_as: ClientAs
) -> None:
    worker = await client_as("social-worker", "2901002")
    assert await files_of(worker) == []

    await applied(officer, plan)

    mine = {placement["case_file_id"] for placement in await part_of(officer, plan, "placements", center="2901002")}
    assert {file["id"] for file in await files_of(worker)} == mine
    file = (await worker.get(f"/v1/case-files/{mine.pop()}")).json()
    assert len(file["members"]) == 1
    found = await worker.post("/v1/case-files:search", json={"identity": file["members"][0]["identity"]})
    assert [hit["id"] for hit in found.json()["items"]] == [file["id"]]


async def test_both_sides_learn_of_every_move(running: Running, officer: httpx.AsyncClient, plan: Json) -> None:
    await applied(officer, plan)

    moved = await running.events(type="pl.casefile.case-file.moved.v1", count=6)
    left = await running.events(type="pl.casefile.case-file.left.v1", count=6)
    (fact,) = await running.events(type="pl.casefile.distribution.applied.v1", count=1)

    placements = {each["case_file_id"]: each for each in await part_of(officer, plan, "placements", placed="true")}
    assert {event.data["case_file_id"] for event in moved} == {event.data["case_file_id"] for event in left}
    for event in moved:
        center = placements[event.subject]["center"]
        assert event.address.endswith(f".29.01.{center[4:]}")
        assert (event.data["jurisdiction"], event.data["previous_jurisdiction"]) == (center, "2901")
        assert (event.data["status"], event.data["version"], event.data["reason"]) == ("active", 2, "distribution")
        assert event.data["distribution_id"] == plan["id"]
        assert len(event.data["members"]) == event.data["member_count"] == 1
    for event in left:
        assert event.address.endswith(".29.01.-")
        assert event.data["destination"] == placements[event.subject]["center"]
        assert "members" not in event.data
    assert fact.data["placed"] == 6


async def test_the_planner_knows_at_once_where_the_files_went(
    running: Running, officer: httpx.AsyncClient, plan: Json
) -> None:
    """Or else a list of a county with thousands of files takes seven times as long, until the server looks itself."""
    looked_at = "SELECT relname FROM pg_stat_user_tables WHERE last_analyze >= $1 ORDER BY relname"
    async with running.database.query(Actor.system("casefile")) as query:
        before = await query.connection.fetchval("SELECT clock_timestamp()")

    await applied(officer, plan)

    async with running.database.query(Actor.system("casefile")) as query:
        tables = [row["relname"] for row in await query.connection.fetch(looked_at, before)]
    assert tables == ["case_file", "member"]


async def test_it_does_not_wait_for_who_cleans_the_tables(
    running: Running, officer: httpx.AsyncClient, plan: Json
) -> None:
    owner = await asyncpg.connect(str(running.settings.database_owner_url))
    try:
        async with owner.transaction(), asyncio.timeout(10):
            await owner.execute("LOCK TABLE case_file, member IN SHARE UPDATE EXCLUSIVE MODE")  # as VACUUM does
            await applied(officer, plan)
    finally:
        await owner.close()

    assert await counted(officer) == {"2901 waiting": 1, "2901001 active": 3, "2901002 active": 3}


async def test_a_plan_is_decided_on_once(officer: httpx.AsyncClient, plan: Json) -> None:
    result = await applied(officer, plan)

    assert code_of(await decided(officer, plan)) == (412, "precondition-failed")
    for verb in ("apply", "drop"):
        again = await decided(officer, result, verb)
        assert code_of(again) == (409, "distribution-decided")
        assert again.json()["decision"] == "applied"


async def test_a_dropped_plan_can_be_read_and_not_applied(
    running: Running, officer: httpx.AsyncClient, plan: Json
) -> None:
    dropped = await decided(officer, plan, "drop")

    assert (dropped.status_code, dropped.json()["status"]) == (200, "dropped")
    assert code_of(await decided(officer, dropped.json())) == (409, "distribution-decided")
    assert len(await part_of(officer, plan, "placements")) == 7
    assert await counted(officer) == NOTHING_MOVED
    assert len(await running.events(type="pl.casefile.distribution.dropped.v1", count=1)) == 1


@pytest.mark.parametrize("verb", ["apply", "drop"])
async def test_the_version_read_has_to_be_named(officer: httpx.AsyncClient, plan: Json, verb: str) -> None:
    address = f"/v1/distributions/{plan['id']}:{verb}"

    assert code_of(await officer.post(address)) == (428, "precondition-required")
    for stale in ('"7"', "*", "1", 'W/"1"', '"x"'):
        assert code_of(await officer.post(address, headers={"If-Match": stale})) == (412, "precondition-failed")
    assert await counted(officer) == NOTHING_MOVED


async def test_of_two_who_apply_at_once_one_wins(officer: httpx.AsyncClient, plan: Json) -> None:
    answers = await asyncio.gather(*[decided(officer, plan) for _ in range(4)])

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert await counted(officer) == {"2901001 active": 3, "2901002 active": 3, "2901 waiting": 1}


async def test_of_two_plans_for_the_same_files_one_is_applied(officer: httpx.AsyncClient, plan: Json) -> None:
    rival = await planned(officer, "2901")

    first, second = await asyncio.gather(decided(officer, plan), decided(officer, rival))

    assert sorted([first.status_code, second.status_code]) == [200, 409]
    assert {code_of(answer) for answer in (first, second) if answer.status_code == 409} == {
        (409, "distribution-outdated")
    }
    assert await counted(officer) == {"2901001 active": 3, "2901002 active": 3, "2901 waiting": 1}


async def refused_with(client: httpx.AsyncClient, plan: Json) -> list[Json]:
    """The changes that the refusal names; nothing has moved."""
    places = await placed_files(client)
    answer = await decided(client, plan)
    assert code_of(answer) == (409, "distribution-outdated")
    assert await placed_files(client) == places
    assert (await client.get(f"/v1/distributions/{plan['id']}")).json() == plan
    changes: list[Json] = answer.json()["changes"]
    return changes


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_a_center_that_closed_outruns_the_plan(
    running: Running, officer: httpx.AsyncClient, plan: Json, status: str
) -> None:
    await know_center(running, "2901002", NEAR_BIRJAND, version=2, status=status)

    assert await refused_with(officer, plan) == [{"kind": "center-not-open", "center": "2901002"}]


async def test_a_rule_that_was_changed_outruns_the_plan(
    running: Running, officer: httpx.AsyncClient, plan: Json
) -> None:
    await know_rule(running, "maximum", 2, place="2901")

    assert await refused_with(officer, plan) == [
        {"kind": "rule-changed", "center": "2901001"},
        {"kind": "rule-changed", "center": "2901002"},
    ]


async def test_files_that_came_to_a_center_meanwhile_outrun_the_plan(
    officer: httpx.AsyncClient, plan: Json, client_as: ClientAs
) -> None:
    await opened(await client_as("social-worker", "2901001"))

    assert await refused_with(officer, plan) == [{"kind": "no-room", "center": "2901001"}]


async def test_a_file_that_changed_outruns_the_plan(
    officer: httpx.AsyncClient, plan: Json, client_as: ClientAs
) -> None:
    county = await client_as("county-officer", "2901")
    placed, other = (await part_of(officer, plan, "placements", placed="true"))[:2]
    file = (await county.get(f"/v1/case-files/{placed['case_file_id']}")).json()
    changed = await county.patch(f"/v1/case-files/{file['id']}", json={"tenure": "owned"}, headers=version_of(file))
    assert changed.status_code == 200, changed.text
    file = (await county.get(f"/v1/case-files/{other['case_file_id']}")).json()
    closed = await county.post(
        f"/v1/case-files/{file['id']}:close", json={"reason": "deceased"}, headers=version_of(file)
    )
    assert closed.status_code == 200, closed.text

    assert await refused_with(officer, plan) == [
        {"kind": "file-changed", "case_file_id": placed["case_file_id"]},
        {"kind": "file-changed", "case_file_id": other["case_file_id"]},
    ]


async def test_a_file_that_moved_away_outruns_the_plan_without_telling_where(
    running: Running, officer: httpx.AsyncClient, plan: Json
) -> None:
    (gone, *_) = await part_of(officer, plan, "placements", placed="true")
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE case_file SET jurisdiction = '3001' WHERE id = $1", gone["case_file_id"]
        )

    assert await refused_with(officer, plan) == [{"kind": "file-changed", "case_file_id": gone["case_file_id"]}]
    (placement,) = [
        each
        for each in await part_of(officer, plan, "placements", placed="true")
        if each["case_file_id"] == gone["case_file_id"]
    ]
    assert placement["number"] is None


async def test_what_changed_is_listed_up_to_a_limit(running: Running, officer: httpx.AsyncClient) -> None:
    await know_rule(running, "maximum", 100, place="2901")
    await wait_for_a_center(officer, *[waiting() for _ in range(60)])
    plan = await planned(officer)
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE case_file SET version = version + 1")

    answer = await decided(officer, plan)

    assert (len(answer.json()["changes"]), answer.json()["more"]) == (50, 10)


async def test_a_change_while_it_is_applied_wins_or_waits(
    officer: httpx.AsyncClient, plan: Json, client_as: ClientAs
) -> None:
    """A file is changed in the very moment: either the plan is refused, or the change comes too late. Never both."""
    county = await client_as("county-officer", "2901")
    (placed, *_) = await part_of(officer, plan, "placements", placed="true")
    file = (await county.get(f"/v1/case-files/{placed['case_file_id']}")).json()

    applying, changing = await asyncio.gather(
        decided(officer, plan),
        county.patch(f"/v1/case-files/{file['id']}", json={"tenure": "owned"}, headers=version_of(file)),
    )

    assert (applying.status_code, changing.status_code) in {(200, 412), (409, 200)}
    after = (await county.get(f"/v1/case-files/{file['id']}")).json()
    assert after["version"] == 2
    assert (after["tenure"] == "owned") == (changing.status_code == 200)


async def test_files_that_came_to_the_waiting_list_meanwhile_do_not_matter(
    officer: httpx.AsyncClient, plan: Json
) -> None:
    await wait_for_a_center(officer, waiting())

    await applied(officer, plan)

    assert await counted(officer) == {"2901001 active": 3, "2901002 active": 3, "2901 waiting": 2}


async def test_those_who_waited_can_be_placed_later(running: Running, officer: httpx.AsyncClient, plan: Json) -> None:
    await applied(officer, plan)
    await know_center(running, "2901003", BIRJAND)

    second = await planned(officer)

    assert (second["files"], second["placed"]) == (1, 1)
    assert await loads(officer, second) == {"2901001": 3, "2901002": 3, "2901003": 1}
    await applied(officer, second)
    assert await counted(officer) == {"2901001 active": 3, "2901002 active": 3, "2901003 active": 1}
