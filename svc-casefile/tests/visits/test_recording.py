"""What is recorded of a visit, and what it does to the file."""

from uuid import uuid4

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened, person, pointers, version_of
from visit_samples import (
    ADDRESS,
    HOME,
    days_ago,
    due,
    in_days,
    know_interval,
    missed,
    moved,
    patched,
    read,
    recorded,
    rows_of,
    visit,
    visits_of,
)

from shared.testing.plugin import ClientAs, Running
from svc_casefile.visits.service import ALLOWANCE


async def _post(client: httpx.AsyncClient, file: Json, body: Json) -> httpx.Response:
    return await client.post(f"/v1/case-files/{file['id']}/visits", json=body)


async def test_what_was_reported_is_what_is_read(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person(), **HOME)
    head = file["members"][0]["id"]
    body = visit(
        planned=True, met_members=[head], findings="وضع خانه خوب است", next_visit_on=in_days(40), accuracy_m=5,
        latitude=32.8701, longitude=59.2201,
    )  # fmt: skip
    answer = await _post(worker, file, body)
    done = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/visits/{done['id']}"
    assert answer.headers["ETag"] == '"1"'
    for name in ("planned", "outcome", "met_members", "met_other", "findings", "next_visit_on", "accuracy_m"):
        assert done[name] == body[name], name
    assert (done["visited_by"], done["jurisdiction"], done["changes_state"]) == (
        f"social-worker@{CENTER}", CENTER, "none",
    )  # fmt: skip
    again = (await worker.get(answer.headers["Location"])).json()
    assert again == done
    (listed,) = await visits_of(worker, file)
    assert listed == {name: done[name] for name in listed}


async def test_the_file_does_not_change_by_being_visited(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    await recorded(worker, file)
    assert await read(worker, file) == file


async def test_changes_are_made_in_the_same_command(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker)
    done = await recorded(worker, file, changes={"address": ADDRESS, "decile": 2}, file_version=1)
    now = await read(worker, file)
    assert (done["changes_state"], done["applied_version"]) == ("applied", 2)
    assert (now["version"], now["address"], now["decile"]) == (2, ADDRESS, 2)
    entry = (await worker.get(f"/v1/case-files/{file['id']}/history")).json()["items"][0]
    assert (entry["action"], entry["changes"]["decile"]) == ("visited", [None, 2])
    _, changed, visited = await running.events(count=3)
    assert (changed.type, changed.data["version"], sorted(changed.data["changed"])) == (
        "pl.casefile.case-file.changed.v1", 2, ["address", "decile"],
    )  # fmt: skip
    assert (visited.type, visited.data["visit_id"]) == ("pl.casefile.visit.recorded.v1", done["id"])


async def test_changes_of_a_file_that_has_changed_are_refused_while_online(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    await patched(worker, file, decile=5)
    answer = await _post(worker, file, visit(changes={"address": ADDRESS}, file_version=1))
    assert code_of(answer) == (412, "precondition-failed")
    assert await visits_of(worker, file) == []
    assert (await read(worker, file))["address"] is None


async def test_the_same_visit_again_is_the_one_that_is_there(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker)
    body = visit(id=str(uuid4()), changes={"decile": 3}, file_version=1)
    first, second = await _post(worker, file, body), await _post(worker, file, body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (await read(worker, file))["version"] == 2
    assert len(await rows_of(running, "SELECT FROM timeline_entry WHERE kind = 'visit-recorded'")) == 1
    answer = await _post(worker, file, body | {"planned": True})
    assert (code_of(answer), pointers(answer)) == ((409, "visit-id-taken"), ["/id"])


async def test_an_id_that_is_taken_elsewhere_tells_nothing_of_it(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    theirs = await recorded(neighbour, await opened(neighbour))
    file = await opened(worker)
    answer = await _post(worker, file, visit(id=theirs["id"]))
    assert code_of(answer) == (409, "visit-id-taken")
    assert await visits_of(worker, file) == []


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"visited_at": days_ago(-1)}, "/visited_at", "time-in-the-future"),
        ({"visited_at": "2026-01-01T10:00:00"}, "/visited_at", "timezone-aware"),
        ({"outcome": "met", "met_other": None}, "", "nobody-met"),
        ({"latitude": 32.8}, "", "half-a-map-point"),
        ({"accuracy_m": 3}, "", "accuracy-of-nothing"),
        ({"changes": {"decile": 3}}, "", "changes-of-a-version"),
        ({"file_version": 1}, "", "changes-of-a-version"),
        ({"changes": {"latitude": 32.8}, "file_version": 1}, "", "half-a-map-point"),
        ({"changes": {"status": "closed"}, "file_version": 1}, "/changes/status", "extra-forbidden"),
        ({"changes": {"decile": 11}, "file_version": 1}, "/changes/decile", "less-than-equal"),
        ({"next_visit_on": "2020-01-01"}, "", "next-visit-not-later"),
    ],
)
async def test_what_makes_no_visit(worker: httpx.AsyncClient, fields: Json, pointer: str, code: str) -> None:
    file = await opened(worker)
    answer = await _post(worker, file, visit(**fields))
    assert answer.status_code == 422, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_only_who_is_or_was_of_the_household_is_met(worker: httpx.AsyncClient) -> None:
    file, other = await opened(worker, person("head"), person()), await opened(worker)
    answer = await _post(worker, file, visit(met_members=[file["members"][0]["id"], other["members"][0]["id"]]))
    assert (code_of(answer), pointers(answer)) == ((422, "not-of-the-household"), ["/met_members/1"])
    child = file["members"][1]
    await worker.delete(
        f"/v1/case-files/{file['id']}/members/{child['id']}?reason=moved-out", headers=version_of(child)
    )
    await recorded(worker, file, met_members=[child["id"]])


async def test_a_version_that_the_file_never_had(worker: httpx.AsyncClient) -> None:
    answer = await _post(worker, await opened(worker), visit(changes={"decile": 3}, file_version=7))
    assert (code_of(answer), pointers(answer)) == ((422, "version-unknown"), ["/file_version"])


async def test_a_closed_file_is_not_visited(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "empowered"}, headers=version_of(file))
    assert code_of(await _post(worker, file, visit())) == (409, "case-file-closed")


async def test_how_far_from_home(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker, **HOME)
    near = {"latitude": 32.8701, "longitude": 59.2200, "accuracy_m": 5}
    far = {"latitude": 32.8800, "longitude": 59.2200, "accuracy_m": 30}
    at_home, elsewhere = await recorded(worker, file, **near), await recorded(worker, file, **far)
    nowhere = await recorded(worker, file)
    assert (at_home["distance_m"], at_home["place_plausible"]) == (11, True)
    assert (elsewhere["distance_m"], elsewhere["place_plausible"]) == (1112, False)
    assert (nowhere["distance_m"], nowhere["place_plausible"]) == (None, None)
    await know_interval(running, 1100, name=ALLOWANCE)
    assert (await recorded(worker, file, **far))["place_plausible"] is True


async def test_without_anything_to_go_by_no_place_is_judged(worker: httpx.AsyncClient) -> None:
    unknown = await recorded(worker, await opened(worker), latitude=32.9, longitude=59.2)
    assert (unknown["distance_m"], unknown["place_plausible"]) == (None, None)
    file = await opened(worker, latitude=32.87, longitude=59.22)
    vague = await recorded(worker, file, latitude=32.88, longitude=59.22)
    assert (vague["distance_m"], vague["place_plausible"]) == (1112, None)


async def test_not_found_at_home_twice_is_to_be_looked_for(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker)
    await recorded(worker, file, **missed(visited_at=days_ago(5)))
    assert await due(worker, to_look_for=True) == []
    await recorded(worker, file, **missed(visited_at=days_ago(2)))
    (item,) = await due(worker, to_look_for=True)
    assert item["look_for_since"] == in_days(-2)
    (event,) = await running.events(count=1, type="pl.casefile.case-file.to-look-for.v1")
    assert (event.data["case_file_id"], event.data["since"]) == (file["id"], in_days(-2))
    await recorded(worker, file)
    (item,) = await due(worker, to_look_for=False)
    assert item["look_for_since"] is None
    await running.events(count=1, type="pl.casefile.case-file.found.v1")
    kinds = await rows_of(
        running, "SELECT kind FROM timeline_entry WHERE case_file_id = $1 ORDER BY recorded_at", file["id"]
    )
    assert {"marked-to-look-for", "household-found"} <= {row["kind"] for row in kinds}


async def test_whoever_refuses_was_at_home(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    await recorded(worker, file, **missed(visited_at=days_ago(5)))
    await recorded(worker, file, **missed(visited_at=days_ago(4), outcome="refused"))
    await recorded(worker, file, **missed(visited_at=days_ago(2)))
    assert await due(worker, to_look_for=True) == []


async def test_events_and_timeline_tell_nothing_personal(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker, **HOME)
    secret = {"findings": "راز", "met_other": "همسایه", "changes": {"address": ADDRESS}, "file_version": 1}
    done = await recorded(worker, file, latitude=32.8712, longitude=59.2234, **secret)
    for event in await running.events(count=3):
        sent = event.to_json().decode()
        assert not any(word in sent for word in ("راز", "همسایه", ADDRESS, "32.8712", "59.2234")), event.type
    (line,) = await rows_of(running, "SELECT kind, ref, about FROM timeline_entry WHERE case_file_id = $1", file["id"])
    assert (line["kind"], str(line["ref"]), line["about"]) == (
        "visit-recorded", done["id"], {"outcome": "met", "planned": False},
    )  # fmt: skip


async def test_the_visits_of_a_file_page_from_the_latest(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    ids = [(await recorded(worker, file, visited_at=days_ago(day)))["id"] for day in (1, 2, 3, 4, 5)]
    first = (await worker.get(f"/v1/case-files/{file['id']}/visits", params={"limit": 3})).json()
    rest = (await worker.get(f"/v1/case-files/{file['id']}/visits", params={"limit": 3, "after": first["next"]})).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ids
    assert rest["next"] is None


async def test_a_visit_goes_with_the_file(worker: httpx.AsyncClient, client_as: ClientAs, running: Running) -> None:
    file = await opened(worker)
    done = await recorded(worker, file)
    await moved(running, file, NEIGHBOUR)
    neighbour = await client_as("social-worker", NEIGHBOUR)
    assert (await neighbour.get(f"/v1/visits/{done['id']}")).json()["jurisdiction"] == CENTER
    assert code_of(await worker.get(f"/v1/visits/{done['id']}")) == (404, "not-found")
