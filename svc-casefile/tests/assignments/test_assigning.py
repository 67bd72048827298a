"""A file is given to a social worker of its center, within the rule in force."""

import asyncio

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, household, opened, pointers, version_of
from worker_samples import assigned, know_files_per_worker, know_worker, loads, now

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def manager(running: Running, centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """The manager of CENTER, where Sara and Omid work."""
    await know_worker(running, "sara", CENTER)
    await know_worker(running, "omid", CENTER)
    await know_worker(running, "mina", NEIGHBOUR)
    return await client_as("center-manager", CENTER)


async def test_one_file_or_many_are_given_in_one_command(manager: httpx.AsyncClient, running: Running) -> None:
    files = [await opened(manager) for _ in range(3)]
    answer = await assigned(manager, "sara", *files)

    assert answer.json() == {"files": [{"id": file["id"], "version": 2} for file in files]}
    for file in files:
        read = await now(manager, file)
        assert (read["assigned_worker"], read["version"]) == ("sara", 2)
        entry, _ = (await manager.get(f"/v1/case-files/{file['id']}/history")).json()["items"]
        assert entry["changes"] == {"assigned_worker": [None, "sara"]}
    events = (await running.events(count=6))[3:]
    assert {event.subject for event in events} == {file["id"] for file in files}
    assert all(event.data["changed"] == ["assigned_worker"] for event in events)
    assert all(len(event.data["members"]) == 1 for event in events)


async def test_who_has_the_file_already_is_given_nothing(manager: httpx.AsyncClient) -> None:
    file = await opened(manager)
    await assigned(manager, "sara", file)
    again = await assigned(manager, "sara", await now(manager, file))
    assert (again.status_code, again.json()) == (200, {"files": []})
    assert (await now(manager, file))["version"] == 2


async def test_a_file_can_be_taken_back_from_everybody(manager: httpx.AsyncClient) -> None:
    file = await opened(manager)
    await assigned(manager, "sara", file)
    await assigned(manager, None, await now(manager, file))
    assert (await now(manager, file))["assigned_worker"] is None


@pytest.mark.parametrize("worker", ["mina", "nobody", "center-manager@2901003"])
async def test_who_is_no_social_worker_of_the_center_gets_no_file_of_it(
    manager: httpx.AsyncClient, worker: str
) -> None:
    file = await opened(manager)
    refused = await assigned(manager, worker, file)
    assert (code_of(refused), pointers(refused)) == ((422, "worker-not-posted"), ["/worker"])
    assert await now(manager, file) == file


async def test_files_of_two_centers_need_a_worker_of_both(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    files = [await opened(county, jurisdiction=place) for place in (CENTER, NEIGHBOUR)]
    assert code_of(await assigned(county, "sara", *files)) == (422, "worker-not-posted")
    await know_worker(running, "sara", NEIGHBOUR)
    assert len((await assigned(county, "sara", *files)).json()["files"]) == 2


async def test_a_file_that_waits_with_its_county_has_no_worker(
    manager: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    file = await opened(county)
    refused = await assigned(county, "sara", file)
    assert (code_of(refused), pointers(refused)) == ((422, "worker-not-posted"), ["/files/0"])


async def test_all_or_none_is_given(manager: httpx.AsyncClient, county: httpx.AsyncClient) -> None:
    mine, closed, changed = [await opened(manager) for _ in range(3)]
    theirs = await opened(county, jurisdiction=NEIGHBOUR)
    address = f"/v1/case-files/{closed['id']}:close"
    closed = (await manager.post(address, json={"reason": "empowered"}, headers=version_of(closed))).json()
    await manager.patch(f"/v1/case-files/{changed['id']}", json={"decile": 1}, headers=version_of(changed))
    for wrong, refusal in (
        (theirs, (422, "case-files-unknown")),
        (changed, (412, "case-files-changed")),
        (closed, (409, "case-file-closed")),
    ):
        refused = await assigned(manager, "sara", mine, wrong)
        assert (code_of(refused), pointers(refused)) == (refusal, ["/files/1"])
    assert await now(manager, mine) == mine


@pytest.mark.parametrize(
    "body",
    [
        {"worker": "sara"},
        {"worker": "sara", "files": []},
        {"worker": "", "files": [{"id": "01900000-0000-7000-8000-000000000000", "version": 1}]},
        {"worker": "sara", "files": [{"id": "7", "version": 1}]},
        {"worker": "sara", "files": [{"id": "01900000-0000-7000-8000-000000000000", "version": 0}]},
        {"worker": "sara", "files": [{"id": "01900000-0000-7000-8000-000000000000", "version": 10**12}]},
        {"worker": "sara", "files": [{"id": "01900000-0000-7000-8000-000000000000", "version": 1}] * 2},
        {"worker": "sara", "files": [{"id": "01900000-0000-7000-8000-000000000000", "version": 1}], "on": "today"},
    ],
)
async def test_bad_input(manager: httpx.AsyncClient, body: Json) -> None:
    assert code_of(await manager.post("/v1/case-files:assign", json=body)) == (422, "invalid-input")


async def test_nobody_gets_more_files_than_the_rule_in_force_allows(
    manager: httpx.AsyncClient, running: Running
) -> None:
    await know_files_per_worker(running, 3)
    files = [await opened(manager) for _ in range(4)]
    refused = await assigned(manager, "sara", *files)
    assert code_of(refused) == (409, "worker-full")
    assert (refused.json()["files"], refused.json()["maximum"]) == (0, 3)
    assert (await assigned(manager, "sara", *files[:3])).is_success
    assert code_of(await assigned(manager, "sara", files[3])) == (409, "worker-full")
    await know_files_per_worker(running, 4, place="29")  # the narrower rule decides
    assert (await assigned(manager, "sara", files[3])).is_success


async def test_of_many_at_once_no_more_succeed_than_there_is_room(manager: httpx.AsyncClient, running: Running) -> None:
    await know_files_per_worker(running, 3)
    files = [await opened(manager) for _ in range(8)]
    answers = await asyncio.gather(*(assigned(manager, "sara", file) for file in files))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 5
    assert (await loads(manager))["sara"] == 3


async def test_closed_files_and_drafts_are_no_load(manager: httpx.AsyncClient, running: Running) -> None:
    await know_files_per_worker(running, 1)
    draft = await opened(manager, status="draft")
    done = await opened(manager)
    await assigned(manager, "sara", draft)
    await assigned(manager, "sara", done)
    done = await now(manager, done)
    address = f"/v1/case-files/{done['id']}:close"
    await manager.post(address, json={"reason": "empowered"}, headers=version_of(done))
    assert (await loads(manager))["sara"] == 0
    assert (await assigned(manager, "sara", await opened(manager))).is_success


async def test_a_worker_who_leaves_hands_everything_over(manager: httpx.AsyncClient, running: Running) -> None:
    posting = await know_worker(running, "reza", CENTER)
    files = [await opened(manager) for _ in range(3)]
    await assigned(manager, "reza", *files)
    await know_worker(running, "reza", CENTER, posting_id=posting, version=2, valid_to=today(), ended=True)
    (left,) = [each for each in (await manager.get("/v1/workers")).json()["items"] if each["worker"] == "reza"]
    assert (left["posted"], left["files"], left["posted_from"]) == (False, 3, None)

    body = {"center": CENTER, "from_worker": "reza", "to_worker": "sara"}
    answer = await manager.post("/v1/case-files:hand-over", json=body)

    assert {file["id"] for file in answer.json()["files"]} == {file["id"] for file in files}
    assert await loads(manager) == {"omid": 0, "sara": 3}
    assert (await manager.post("/v1/case-files:hand-over", json=body)).json() == {"files": []}


async def test_a_hand_over_keeps_to_the_rule_and_to_the_place(manager: httpx.AsyncClient, running: Running) -> None:
    await know_files_per_worker(running, 2)
    files = [await opened(manager) for _ in range(4)]
    await assigned(manager, "sara", *files[:2])
    await assigned(manager, "omid", *files[2:])
    for body, refusal in (
        ({"center": CENTER, "from_worker": "sara", "to_worker": "omid"}, (409, "worker-full")),
        ({"center": CENTER, "from_worker": "sara", "to_worker": "mina"}, (422, "worker-not-posted")),
        ({"center": NEIGHBOUR, "from_worker": "sara", "to_worker": "mina"}, (403, "scope-forbidden")),
    ):
        assert code_of(await manager.post("/v1/case-files:hand-over", json=body)) == refusal
    county = {"center": "2901", "from_worker": "sara", "to_worker": "omid"}
    assert code_of(await manager.post("/v1/case-files:hand-over", json=county)) == (403, "scope-forbidden")
    assert await loads(manager) == {"omid": 2, "sara": 2}


async def test_the_worker_of_a_file_is_not_changed_by_hand(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    answer = await worker.patch(
        f"/v1/case-files/{file['id']}", json={"assigned_worker": "sara"}, headers=version_of(file)
    )
    assert code_of(answer) == (422, "invalid-input")


async def test_who_opens_a_file_may_take_it_and_who_assigns_may_give_it(
    manager: httpx.AsyncClient, worker: httpx.AsyncClient
) -> None:
    file = await opened(worker, assigned_worker="social-worker@2901003")
    assert file["assigned_worker"] == "social-worker@2901003"
    assert (await opened(manager, assigned_worker="sara"))["assigned_worker"] == "sara"
    refused = await worker.post("/v1/case-files", json=household(assigned_worker="sara"))
    assert code_of(refused) == (403, "forbidden")
    refused = await manager.post("/v1/case-files", json=household(assigned_worker="mina"))
    assert (code_of(refused), pointers(refused)) == ((422, "worker-not-posted"), ["/assigned_worker"])
