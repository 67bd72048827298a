"""A fair proposal: loads are levelled first, then each worker gets what is near."""

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened, version_of
from worker_samples import assigned, decided, know_files_per_worker, know_worker, loads, now, planned

from shared.testing.plugin import ClientAs, Running

NORTH, SOUTH = 32.95, 32.80


@pytest.fixture
async def manager(running: Running, centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    await know_worker(running, "sara", CENTER)
    await know_worker(running, "omid", CENTER)
    return await client_as("center-manager", CENTER)


async def at(client: httpx.AsyncClient, latitude: float, count: int, *, longitude: float = 59.2) -> list[Json]:
    """Households within some hundred metres of each other."""
    return [await opened(client, latitude=latitude + step / 1000, longitude=longitude) for step in range(count)]


async def placements(client: httpx.AsyncClient, plan: Json, **filters: str) -> dict[str, tuple[str | None, str]]:
    page = await client.get(f"/v1/assignment-plans/{plan['id']}/files", params={"limit": "200", **filters})
    items = page.raise_for_status().json()["items"]
    return {each["case_file_id"]: (each["worker"], each["reason"]) for each in items}


async def test_each_quarter_goes_to_one_worker_and_the_loads_are_level(manager: httpx.AsyncClient) -> None:
    north, south = await at(manager, NORTH, 5), await at(manager, SOUTH, 5)
    plan = await planned(manager, CENTER)

    assert (plan["files"], plan["placed"], plan["unplaced"], plan["maximum"]) == (10, 10, 0, None)
    assert [(each["load_before"], each["load_after"]) for each in plan["workers"]] == [(0, 5), (0, 5)]
    placed = await placements(manager, plan)
    assert len({placed[file["id"]] for file in north}) == len({placed[file["id"]] for file in south}) == 1
    assert {worker for worker, _ in placed.values()} == {"sara", "omid"}
    assert await loads(manager) == {"omid": 0, "sara": 0}, "nothing changes before it is applied"


async def test_who_has_files_already_gets_fewer_and_near_those(manager: httpx.AsyncClient) -> None:
    mine = await at(manager, NORTH, 4)
    await assigned(manager, "sara", *mine)
    north, south = await at(manager, NORTH, 2, longitude=59.21), await at(manager, SOUTH, 4)
    plan = await planned(manager, CENTER)

    placed = await placements(manager, plan)
    assert {placed[file["id"]][0] for file in south} == {"omid"}
    assert {placed[file["id"]][0] for file in north} <= {"sara", "omid"}
    assert {each["worker"]: each["load_after"] for each in plan["workers"]} == {"omid": 5, "sara": 5}
    assert not placed.keys() & {file["id"] for file in mine}, "a household keeps its worker"


async def test_what_a_leaving_worker_has_is_shared_among_the_others(
    manager: httpx.AsyncClient, running: Running
) -> None:
    await know_worker(running, "reza", CENTER)
    files = await at(manager, NORTH, 4)
    await assigned(manager, "reza", *files)
    assert (await planned(manager, CENTER))["files"] == 0
    plan = await planned(manager, CENTER, "reza")
    answer = await decided(manager, plan)

    assert (answer.json()["status"], answer.json()["version"], answer.headers["ETag"]) == ("applied", 2, '"2"')
    assert await loads(manager) == {"omid": 2, "reza": 0, "sara": 2}
    for file in files:
        entry = (await manager.get(f"/v1/case-files/{file['id']}/history")).json()["items"][0]
        assert entry["changes"]["assigned_worker"][0] == "reza"
    assert code_of(await decided(manager, answer.json())) == (409, "assignment-plan-decided")


async def test_nobody_is_planned_beyond_the_rule_in_force(manager: httpx.AsyncClient, running: Running) -> None:
    await know_files_per_worker(running, 2)
    await at(manager, NORTH, 5)
    plan = await planned(manager, CENTER)
    assert (plan["placed"], plan["unplaced"], plan["maximum"]) == (4, 1, 2)
    left = [reason for worker, reason in (await placements(manager, plan)).values() if worker is None]
    assert left == ["no-room"]
    await decided(manager, plan)
    assert await loads(manager) == {"omid": 2, "sara": 2}


async def test_files_without_a_map_point_level_the_loads(manager: httpx.AsyncClient) -> None:
    for _ in range(4):
        await opened(manager)
    plan = await planned(manager, CENTER)
    assert [each["load_after"] for each in plan["workers"]] == [2, 2]
    assert {reason for _, reason in (await placements(manager, plan)).values()} == {"no-map-point"}
    assert len(await placements(manager, plan, worker="sara")) == 2


async def test_without_workers_nothing_is_placed(centers: None, client_as: ClientAs) -> None:
    manager = await client_as("center-manager", NEIGHBOUR)
    await opened(manager)
    plan = await planned(manager, NEIGHBOUR)
    assert (plan["files"], plan["placed"], plan["workers"]) == (1, 0, [])
    assert [*(await placements(manager, plan)).values()] == [(None, "no-worker")]


async def test_a_plan_that_the_world_has_overtaken_is_not_applied(manager: httpx.AsyncClient, running: Running) -> None:
    files = await at(manager, NORTH, 2)
    plan = await planned(manager, CENTER)
    await manager.patch(f"/v1/case-files/{files[0]['id']}", json={"decile": 1}, headers=version_of(files[0]))
    refused = await decided(manager, plan)
    assert code_of(refused) == (409, "assignment-plan-outdated")
    assert refused.json()["case_files"] == [files[0]["id"]]
    assert code_of(await decided(manager, plan | {"version": 7})) == (412, "precondition-failed")
    assert code_of(await manager.post(f"/v1/assignment-plans/{plan['id']}:apply")) == (428, "precondition-required")
    assert (await decided(manager, plan, "drop")).json()["status"] == "dropped"

    plan = await planned(manager, CENTER)
    await know_files_per_worker(running, 0)
    assert code_of(await decided(manager, plan)) == (409, "worker-full")
    assert (await now(manager, files[1])) == files[1]


async def test_plans_are_listed_the_latest_first(manager: httpx.AsyncClient) -> None:
    plans = [await planned(manager, CENTER) for _ in range(3)]
    await decided(manager, plans[0], "drop")
    page = (await manager.get("/v1/assignment-plans", params={"limit": "2"})).json()
    rest = (await manager.get("/v1/assignment-plans", params={"limit": "2", "after": page["next"]})).json()
    assert [each["id"] for each in page["items"] + rest["items"]] == [plan["id"] for plan in reversed(plans)]
    assert len((await manager.get("/v1/assignment-plans", params={"status": "planned"})).json()["items"]) == 2


@pytest.mark.parametrize(
    ("center", "refusal"),
    [("2901", (403, "scope-forbidden")), (NEIGHBOUR, (403, "scope-forbidden")), ("7", (422, "invalid-input"))],
)
async def test_a_plan_is_for_a_center_in_the_scope(
    manager: httpx.AsyncClient, center: str, refusal: tuple[int, str]
) -> None:
    assert code_of(await manager.post("/v1/assignment-plans", json={"center": center})) == refusal


async def test_a_plan_is_for_one_center(county: httpx.AsyncClient) -> None:
    assert code_of(await county.post("/v1/assignment-plans", json={"center": "2901"})) == (422, "not-a-center")
