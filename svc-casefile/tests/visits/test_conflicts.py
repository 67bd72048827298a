"""What a visit wants changed, and somebody else has changed meanwhile, waits until a person decides."""

import httpx
from casefile_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, Json, code_of, opened, person, pointers, version_of
from visit_samples import ADDRESS, days_ago, offline, outcomes, patched, read, rows_of, sent

from shared.testing.plugin import ClientAs, Running

OFFICE = "نشانی دفتر"


async def _in_conflict(client: httpx.AsyncClient, **fields: object) -> tuple[Json, Json]:
    """A file whose address the office has changed, and the visit that says another one."""
    file = await opened(client)
    file = await patched(client, file, address=OFFICE)
    made = offline(file, changes={"address": ADDRESS, "decile": 2}, file_version=1, **fields)
    assert outcomes(await sent(client, made)) == ["conflict"]
    return file, (await client.get(f"/v1/visits/{made['id']}")).json()


async def _resolve(client: httpx.AsyncClient, visit: Json, version: int, *take: str) -> httpx.Response:
    return await client.post(
        f"/v1/visits/{visit['id']}:resolve",
        json={"file_version": version, "take": take, "note": "با تلفن پرسیده شد"},
        headers=version_of(visit),
    )


async def test_a_newer_file_is_not_overwritten_and_the_visit_is_not_lost(
    worker: httpx.AsyncClient, running: Running
) -> None:
    file, visit = await _in_conflict(worker)
    assert await read(worker, file) == file
    assert (visit["changes_state"], visit["file_version"], visit["present_file_version"]) == ("conflict", 1, 2)
    assert visit["conflicts"] == [
        {"field": "address", "visit": ADDRESS, "file": OFFICE},
        {"field": "decile", "visit": 2, "file": None},
    ]
    (item,) = (await worker.get("/v1/visits:conflicts")).json()["items"]
    assert (item["visit_id"], item["number"], item["fields"]) == (visit["id"], file["number"], ["address", "decile"])
    assert (item["file_version"], item["present_file_version"], item["version"]) == (1, 2, 1)
    (event,) = await running.events(count=1, type="pl.casefile.visit.conflicted.v1")
    assert (event.data["visit_id"], event.data["fields"]) == (visit["id"], ["address", "decile"])
    assert ADDRESS not in event.to_json().decode()


async def test_sent_again_it_is_still_the_one_conflict(worker: httpx.AsyncClient) -> None:
    file = await patched(worker, await opened(worker), address=OFFICE)
    made = offline(file, changes={"address": ADDRESS}, file_version=1)
    assert [outcomes(await sent(worker, made)) for _ in range(2)] == [["conflict"], ["conflict"]]
    assert len((await worker.get("/v1/visits:conflicts")).json()["items"]) == 1


async def test_what_nobody_else_has_touched_is_no_conflict(worker: httpx.AsyncClient) -> None:
    file = await patched(worker, await opened(worker, person("head"), person()), address=OFFICE)
    await worker.post(f"/v1/case-files/{file['id']}/members", json=person(insurance="rural"))
    other_field = offline(file, changes={"insurance": "health"}, file_version=1)
    same_value = offline(file, changes={"address": OFFICE}, file_version=1)
    assert outcomes(await sent(worker, other_field, same_value)) == ["recorded", "recorded"]
    assert (await read(worker, file))["insurance"] == "health"


async def test_taking_over_what_the_visit_says(worker: httpx.AsyncClient, running: Running) -> None:
    file, visit = await _in_conflict(worker)
    answer = await _resolve(worker, visit, 2, "address")
    resolved = answer.json()
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (resolved["changes_state"], resolved["taken"]) == ("resolved", ["address"])
    assert (resolved["resolved_by"], resolved["conflicts"]) == (f"social-worker@{CENTER}", [])
    now = await read(worker, file)
    assert (now["address"], now["decile"], now["version"]) == (ADDRESS, None, 3)
    assert (await worker.get("/v1/visits:conflicts")).json()["items"] == []
    assert code_of(await _resolve(worker, resolved, 3, "decile")) == (409, "nothing-to-resolve")
    (event,) = await running.events(count=1, type="pl.casefile.visit.conflict-resolved.v1")
    assert event.data["taken"] == ["address"]
    kinds = [row["kind"] for row in await rows_of(running, "SELECT kind FROM timeline_entry ORDER BY at")]
    assert kinds == ["visit-recorded", "visit-conflict-resolved"]


async def test_leaving_the_file_as_it_is(worker: httpx.AsyncClient) -> None:
    file, visit = await _in_conflict(worker)
    assert (await _resolve(worker, visit, 2)).json()["taken"] == []
    assert await read(worker, file) == file


async def test_a_decision_is_about_what_was_seen(worker: httpx.AsyncClient) -> None:
    file, visit = await _in_conflict(worker)
    await patched(worker, file, address="باز هم دیگر")
    for take in ((), ("address",)):
        assert code_of(await _resolve(worker, visit, 2, *take)) == (412, "precondition-failed")
    assert code_of(await _resolve(worker, visit | {"version": 9}, 3)) == (412, "precondition-failed")
    unversioned = await worker.post(f"/v1/visits/{visit['id']}:resolve", json={"file_version": 3, "take": []})
    assert code_of(unversioned) == (428, "precondition-required")
    wrong = await _resolve(worker, visit, 3, "address", "tenure")
    assert (code_of(wrong), pointers(wrong)) == ((422, "not-among-the-changes"), ["/take/1"])
    assert (await _resolve(worker, visit, 3, "address")).status_code == 200


async def test_a_closed_file_stays_as_it_is(worker: httpx.AsyncClient) -> None:
    file, visit = await _in_conflict(worker)
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "empowered"}, headers=version_of(file))
    assert code_of(await _resolve(worker, visit, 3, "address")) == (409, "case-file-closed")
    assert (await _resolve(worker, visit, 3)).status_code == 200


async def test_conflicts_are_listed_where_the_files_are(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, county: httpx.AsyncClient, client_as: ClientAs
) -> None:
    _, first = await _in_conflict(worker, visited_at=days_ago(2))
    _, second = await _in_conflict(neighbour)

    async def listed(client: httpx.AsyncClient, **filters: object) -> list[str]:
        answer = await client.get("/v1/visits:conflicts", params=filters)
        return [item["visit_id"] for item in answer.json()["items"]]

    assert await listed(worker) == [first["id"]]
    assert await listed(county) == sorted([first["id"], second["id"]])
    assert await listed(county, center_code=NEIGHBOUR) == [second["id"]]
    page = (await county.get("/v1/visits:conflicts", params={"limit": 1})).json()
    rest = (await county.get("/v1/visits:conflicts", params={"limit": 1, "after": page["next"]})).json()
    assert [each["items"][0]["visit_id"] for each in (page, rest)] == sorted([first["id"], second["id"]])
    assert code_of(await county.get("/v1/visits:conflicts", params={"center_code": OTHER_PROVINCE})) == (
        403, "scope-forbidden",
    )  # fmt: skip
    stranger = await client_as("center-manager", OTHER_PROVINCE)
    assert await listed(stranger) == []
