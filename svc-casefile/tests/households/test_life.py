"""The life of a file: which steps its status allows, who did what, and what is announced."""

import httpx
from casefile_samples import CENTER, Json, code_of, opened, person, version_of

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running
from svc_casefile.households.service import announce_all


async def _step(client: httpx.AsyncClient, file: Json, step: str, body: Json | None = None) -> httpx.Response:
    return await client.post(f"/v1/case-files/{file['id']}:{step}", json=body, headers=version_of(file))


async def test_a_whole_life(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker, status="draft")
    for step, body, status, reason in (
        ("submit", None, "waiting", None),
        ("activate", None, "active", None),
        ("suspend", {"reason": "not-found", "note": "دو بار مراجعه شد"}, "suspended", "not-found"),
        ("resume", None, "active", None),
        ("close", {"reason": "empowered"}, "closed", "empowered"),
    ):
        answer = await _step(worker, file, step, body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["ETag"] == f'"{file["version"] + 1}"'
        file = answer.json()
        assert (file["status"], file["status_reason"]) == (status, reason)
        assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file
    assert file["closed_on"] == today().isoformat()

    history = (await worker.get(f"/v1/case-files/{file['id']}/history")).json()["items"]
    assert [entry["version"] for entry in history] == [6, 5, 4, 3, 2, 1]
    assert history[2]["note"] == "دو بار مراجعه شد"
    assert history[2]["changes"] == {"status": ["active", "suspended"], "status_reason": [None, "not-found"]}
    assert {entry["actor"] for entry in history} == {f"social-worker@{CENTER}"}

    events = await running.events(count=6)
    assert [event.type.split(".")[3] for event in events] == ["opened", *["changed"] * 4, "closed"]
    assert [event.data["version"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[-1].data["reason"] == "empowered"


async def test_a_step_that_the_status_does_not_allow_says_which_are(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    answer = await _step(worker, file, "resume")
    assert code_of(answer) == (409, "step-not-allowed")
    assert answer.json()["allowed"] == ["suspend", "close"]
    closed = (await _step(worker, file, "close", {"reason": "ineligible"})).json()
    for step, body in (("activate", None), ("close", {"reason": "ineligible"}), ("submit", None)):
        refused = await _step(worker, closed, step, body)
        assert code_of(refused) == (409, "step-not-allowed")
        assert refused.json()["allowed"] == []


async def test_a_file_with_a_county_waits_for_a_center(county: httpx.AsyncClient) -> None:
    file = await opened(county)
    assert code_of(await _step(county, file, "activate")) == (422, "active-only-at-center")
    assert (await county.get(f"/v1/case-files/{file['id']}")).json() == file


async def test_a_file_cannot_end_before_it_began(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, opened_on="2024-06-01")
    answer = await _step(worker, file, "close", {"reason": "deceased", "closed_on": "2024-05-31"})
    assert code_of(answer) == (422, "closed-before-opened")
    answer = await _step(worker, file, "close", {"reason": "deceased", "closed_on": "2024-06-01"})
    assert answer.json()["closed_on"] == "2024-06-01"


async def test_nothing_changes_in_a_closed_file(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("child"))
    file = (await _step(worker, file, "close", {"reason": "moved-abroad"})).json()
    address = f"/v1/case-files/{file['id']}"
    child = file["members"][1]
    for refused in (
        await worker.patch(address, json={"decile": 3}, headers=version_of(file)),
        await worker.post(f"{address}/members", json=person()),
        await worker.patch(f"{address}/members/{child['id']}", json={"sex": "male"}, headers=version_of(child)),
        await worker.delete(f"{address}/members/{child['id']}?reason=moved-out", headers=version_of(child)),
        await worker.post(
            f"{address}:change-head", json={"head": child["id"], "former_head": "parent"}, headers=version_of(file)
        ),
    ):
        assert code_of(refused) == (409, "case-file-closed")
    assert (await worker.get(address)).json() == file


async def test_a_change_is_one_version_one_entry_and_one_event(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker, decile=2, address="خیابان مدرس", area_class="urban")
    answer = await worker.patch(
        f"/v1/case-files/{file['id']}",
        json={"decile": 3, "address": None, "area_class": "urban", "insurance": "health"},
        headers=version_of(file),
    )
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    differing = {name for name in changed if changed[name] != file[name]}
    assert differing == {"decile", "address", "insurance", "version", "updated_at"}
    (entry, _) = (await worker.get(f"/v1/case-files/{file['id']}/history")).json()["items"]
    assert entry["changes"] == {
        "decile": [2, 3],
        "address": ["خیابان مدرس", None],
        "insurance": [None, "health"],
    }
    (_, event) = await running.events(count=2)
    assert event.data["changed"] == ["address", "decile", "insurance"]
    assert "مدرس" not in event.to_json().decode()


async def test_a_change_to_what_is_already_so_is_none(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, decile=2)
    for body in ({}, {"decile": 2}):
        answer = await worker.patch(f"/v1/case-files/{file['id']}", json=body, headers=version_of(file))
        assert (answer.status_code, answer.json()) == (200, file)


async def test_a_stale_or_missing_version_changes_nothing(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    address = f"/v1/case-files/{file['id']}"
    await worker.patch(address, json={"decile": 1}, headers=version_of(file))
    for method, path, body in (
        ("PATCH", address, {"decile": 9}),
        ("POST", f"{address}:suspend", {"reason": "not-found"}),
        ("POST", f"{address}:close", {"reason": "duplicate"}),
    ):
        stale = await worker.request(method, path, json=body, headers=version_of(file))
        assert code_of(stale) == (412, "precondition-failed")
        assert code_of(await worker.request(method, path, json=body)) == (428, "precondition-required")
    assert (await worker.get(address)).json()["decile"] == 1


async def test_place_and_number_are_not_changed_by_hand(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    for body in ({"jurisdiction": "2901001"}, {"number": "00000077"}, {"status": "closed"}, {"legacy_number": "5"}):
        answer = await worker.patch(f"/v1/case-files/{file['id']}", json=body, headers=version_of(file))
        assert code_of(answer) == (422, "invalid-input")


async def test_a_map_point_stays_whole(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, latitude=32.86, longitude=59.21)
    answer = await worker.patch(f"/v1/case-files/{file['id']}", json={"latitude": None}, headers=version_of(file))
    assert code_of(answer) == (422, "half-a-map-point")
    answer = await worker.patch(
        f"/v1/case-files/{file['id']}", json={"latitude": None, "longitude": None}, headers=version_of(file)
    )
    assert (answer.json()["latitude"], answer.json()["longitude"]) == (None, None)


async def test_history_is_read_in_pages(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    for decile in (1, 2, 3, 4):
        changed = await worker.patch(f"/v1/case-files/{file['id']}", json={"decile": decile}, headers=version_of(file))
        file = changed.json()
    address, versions = f"/v1/case-files/{file['id']}/history?limit=2", []
    while address:
        answer = await worker.get(address)
        versions += [entry["version"] for entry in answer.json()["items"]]
        address = answer.links["next"]["url"] if "next" in answer.links else ""
    assert versions == [5, 4, 3, 2, 1]


async def test_history_cannot_be_rewritten_not_even_by_our_own_code(
    worker: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(worker)
    async with running.database.command(Actor.system("casefile")) as command:
        for statement in (
            "UPDATE case_file_history SET actor = 'nobody'",
            "DELETE FROM case_file_history",
        ):
            assert (await command.connection.execute(statement)).endswith(" 0")
    history = await worker.get(f"/v1/case-files/{file['id']}/history")
    assert [entry["actor"] for entry in history.json()["items"]] == [f"social-worker@{CENTER}"]


async def test_a_head_is_changed_in_one_step(worker: httpx.AsyncClient, client_as: ClientAs) -> None:
    file = await opened(worker, person("head"), person("spouse"), person("child"))
    head, spouse, _ = file["members"]
    answer = await worker.post(
        f"/v1/case-files/{file['id']}:change-head",
        json={"head": spouse["id"], "former_head": "spouse"},
        headers=version_of(file),
    )
    assert answer.status_code == 200, answer.text
    relations = {member["id"]: member["relation"] for member in answer.json()["members"]}
    assert (relations[spouse["id"]], relations[head["id"]]) == ("head", "spouse")
    assert answer.json()["members"][0]["id"] == spouse["id"]
    again = await worker.post(
        f"/v1/case-files/{file['id']}:change-head",
        json={"head": spouse["id"], "former_head": "spouse"},
        headers=version_of(answer.json()),
    )
    assert code_of(again) == (422, "not-a-member")


async def test_everything_can_be_announced_again(
    worker: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    files = {file["id"]: file for file in (await opened(worker, person("head"), person()), await opened(county))}
    async with running.database.command(Actor.system("casefile")) as command:
        await announce_all(command)
    again = (await running.events(count=4))[2:]
    assert {event.type for event in again} == {"pl.casefile.case-file.changed.v1"}
    for event in again:
        file = files[event.data["case_file_id"]]
        assert (event.data["version"], event.data["changed"]) == (1, [])
        assert (str(event.jurisdiction), event.data["member_count"]) == (file["jurisdiction"], file["member_count"])
