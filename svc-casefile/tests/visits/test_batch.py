"""Visits made without a connection: sent twice, in parts or in any order, the result is the same."""

import asyncio
import json
from itertools import permutations
from uuid import uuid4

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened, person, version_of
from visit_samples import (
    ADDRESS,
    bring_after,
    days_ago,
    due,
    in_days,
    know_interval,
    missed,
    moved,
    offline,
    outcomes,
    patched,
    read,
    rows_of,
    sent,
    visit,
    visits_of,
)

from shared.testing.plugin import ClientAs, Running

RESULT = """
    SELECT (SELECT json_agg(row_to_json(v) ORDER BY v.id) FROM (
               SELECT id, visited_at, outcome, changes, changes_state FROM home_visit WHERE case_file_id = f.id) v)
               AS visits,
           (SELECT json_agg(json_build_array(kind, at, ref, about) ORDER BY at, ref) FROM timeline_entry t
             WHERE t.case_file_id = f.id AND kind = 'visit-recorded') AS timeline,
           f.address, f.decile, f.tenure, f.mobile, f.visited_on, f.visit_planned_on, f.visit_due_on, f.look_for_since
      FROM case_file f WHERE f.id = $1
"""


async def _result(running: Running, file: Json) -> Json:
    (row,) = await rows_of(running, RESULT, file["id"])
    return json.loads(json.dumps({**row}, default=str).replace(file["id"], "file"))


async def test_a_batch_is_recorded_visit_by_visit(worker: httpx.AsyncClient, running: Running) -> None:
    files = [await opened(worker) for _ in range(3)]
    batch = [
        offline(files[0], changes={"decile": 2}, file_version=1),
        offline(files[1], **missed()),
        offline(files[2], latitude=32.8),
        {"id": "no uuid"},
        offline({"id": str(uuid4())}),
    ]
    result = await sent(worker, *batch)
    assert outcomes(result) == ["recorded", "recorded", "refused", "refused", "refused"]
    counts = {name: result[name] for name in ("recorded", "unchanged", "conflicts", "forwarded", "refused")}
    assert counts == {"recorded": 2, "unchanged": 0, "conflicts": 0, "forwarded": 0, "refused": 3}
    assert [item["id"] for item in result["items"]] == [*(each["id"] for each in batch[:3]), None, batch[4]["id"]]
    assert [error["code"] for error in result["items"][2]["errors"]] == ["half-a-map-point"]
    assert ("/id", "uuid-parsing") in {(error["pointer"], error["code"]) for error in result["items"][3]["errors"]}
    assert [(e["pointer"], e["code"]) for e in result["items"][4]["errors"]] == [("/case_file_id", "not-found")]
    assert result["items"][4]["errors"][0]["message"].keys() == {"fa", "en"}
    assert (await read(worker, files[0]))["decile"] == 2
    assert [len(await visits_of(worker, file)) for file in files] == [1, 1, 0]
    types = [event.type for event in await running.events(count=6)]
    assert types.count("pl.casefile.visit.recorded.v1") == 2


async def test_sent_twice_it_changes_nothing(worker: httpx.AsyncClient, running: Running) -> None:
    await know_interval(running, 6)
    file = await opened(worker)
    batch = [offline(file, changes={"decile": 2}, file_version=1), offline(file, **missed(visited_at=days_ago(3)))]
    await sent(worker, *batch)
    before, version = await _result(running, file), (await read(worker, file))["version"]
    again = await sent(worker, *reversed(batch))
    assert outcomes(again) == ["unchanged", "unchanged"]
    assert await _result(running, file) == before
    assert (await read(worker, file))["version"] == version == 2
    assert outcomes(await sent(worker, batch[0], batch[0])) == ["unchanged", "unchanged"]
    assert len(await running.events(count=4)) == 4
    with pytest.raises(AssertionError):
        await running.events(count=5, seconds=0.3)


async def test_the_same_batch_twice_at_once(worker: httpx.AsyncClient, running: Running) -> None:
    files = [await opened(worker) for _ in range(5)]
    batch = [offline(file, changes={"decile": 2}, file_version=1) for file in files]
    results = await asyncio.gather(sent(worker, *batch), sent(worker, *reversed(batch)), sent(worker, *batch))
    assert sum(result["recorded"] for result in results) == 5
    assert sum(result["unchanged"] for result in results) == 10
    for file in files:
        assert (await read(worker, file))["version"] == 2
        assert len(await visits_of(worker, file)) == 1


async def test_in_any_order_and_in_any_parts_the_result_is_the_same(
    worker: httpx.AsyncClient, running: Running
) -> None:
    """The office has changed the address meanwhile; four visits speak of it, of other fields, and of nobody at home."""
    await know_interval(running, 6)
    ids = [str(uuid4()) for _ in range(5)]
    times = [days_ago(day) for day in (9, 8, 7, 6, 5)]
    said: list[Json] = [
        {"changes": {"address": ADDRESS, "decile": 1}, "file_version": 1},
        {"changes": {"decile": 2, "tenure": "rented"}, "file_version": 1, "next_visit_on": in_days(20)},
        {"changes": {"decile": 3}, "file_version": 2},
        missed(),
        missed(changes={"mobile": "+989151234567"}, file_version=1),
    ]
    results = []
    for number, order in enumerate(permutations(range(5))):
        if number % 17:
            continue
        file = await opened(worker)
        await patched(worker, file, address="نشانی دفتر")
        batch = []
        for each in range(5):
            fields = said[each] | {"visited_at": times[each]}
            made = offline(file) | fields if "outcome" in fields else offline(file, **fields)
            if made["outcome"] != "met":
                made.pop("met_other", None)
            batch.append(made | {"id": ids[each][:-12] + f"{number:012}"})
        parts = ([batch[each] for each in order[:2]], [batch[each] for each in order[2:]])
        for part in parts if number % 2 else [[batch[each]] for each in order]:
            await sent(worker, *part)
        results.append(json.loads(json.dumps(await _result(running, file)).replace(f"{number:012}", "")))
    assert len(results) == 8
    assert all(result == results[0] for result in results)
    assert results[0]["decile"] == 3
    assert results[0]["tenure"] == "rented"
    assert results[0]["mobile"] == "+989151234567"
    assert results[0]["address"] == "نشانی دفتر"
    assert results[0]["look_for_since"] == in_days(-5)


async def test_of_two_visits_that_speak_of_one_field_the_later_stands(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    later = offline(file, visited_at=days_ago(1), changes={"decile": 7}, file_version=1)
    earlier = offline(file, visited_at=days_ago(2), changes={"decile": 3, "tenure": "owned"}, file_version=1)
    assert outcomes(await sent(worker, later)) == ["recorded"]
    assert outcomes(await sent(worker, earlier)) == ["recorded"]
    now = await read(worker, file)
    assert (now["decile"], now["tenure"], now["version"]) == (7, "owned", 3)
    assert (await worker.get("/v1/visits:conflicts")).json()["items"] == []


async def test_one_id_for_two_visits(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    first = offline(file)
    other = first | {"planned": True}
    assert outcomes(await sent(worker, first, other)) == ["refused", "refused"]
    assert outcomes(await sent(worker, first)) == ["recorded"]
    result = await sent(worker, other)
    assert (outcomes(result), result["items"][0]["errors"][0]["code"]) == (["refused"], "visit-id-taken")


async def test_an_id_taken_elsewhere_does_not_stop_the_others(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    theirs, file = await opened(neighbour), await opened(worker)
    taken = offline(theirs)
    await sent(neighbour, taken)
    good, bad = offline(file, changes={"decile": 4}, file_version=1), offline(file, id=taken["id"])
    result = await sent(worker, bad, good)
    assert outcomes(result) == ["refused", "recorded"]
    assert [error["code"] for error in result["items"][0]["errors"]] == ["visit-id-taken"]
    assert (await read(worker, file))["decile"] == 4
    assert len(await visits_of(worker, file)) == 1


async def test_a_visit_to_a_file_that_was_closed_meanwhile_is_kept(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "empowered"}, headers=version_of(file))
    plain, asking = offline(file), offline(file, changes={"decile": 2}, file_version=1)
    assert outcomes(await sent(worker, plain, asking)) == ["recorded", "conflict"]
    assert (await read(worker, file))["decile"] is None


async def test_a_visit_goes_after_a_file_that_has_moved(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(worker)
    late = offline(file, changes={"decile": 2}, file_version=1)
    await moved(running, file, NEIGHBOUR)
    assert outcomes(await sent(worker, late)) == ["forwarded"]
    assert outcomes(await sent(worker, late)) == ["forwarded"]
    await bring_after(running)
    await bring_after(running)
    (there,) = await visits_of(neighbour, file)
    assert (there["id"], there["visited_by"], there["jurisdiction"]) == (
        late["id"],
        f"social-worker@{CENTER}",
        NEIGHBOUR,
    )
    assert there["changes_state"] == "conflict"
    assert (await read(neighbour, file))["decile"] is None
    assert outcomes(await sent(worker, late)) == ["forwarded"]
    assert code_of(await worker.get(f"/v1/visits/{late['id']}")) == (404, "not-found")
    (row,) = await rows_of(running, "SELECT outcome, received_by, body FROM late_visit")
    assert (row["outcome"], row["received_by"], row["body"]) == ("conflict", f"social-worker@{CENTER}", {})


async def test_a_file_that_has_left_is_not_visited_any_more(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(worker)
    await moved(running, file, NEIGHBOUR)
    result = await sent(worker, offline(file, visited_at=days_ago(-1 / 1440)))
    assert [error["code"] for error in result["items"][0]["errors"]] == ["not-found"]
    await bring_after(running)
    assert await visits_of(neighbour, file) == []


async def test_a_file_that_was_never_here_is_no_file(neighbour: httpx.AsyncClient, worker: httpx.AsyncClient) -> None:
    result = await sent(neighbour, offline(await opened(worker)))
    assert [error["code"] for error in result["items"][0]["errors"]] == ["not-found"]


async def test_hundreds_at_once(worker: httpx.AsyncClient) -> None:
    files = [await opened(worker) for _ in range(20)]
    batch = [offline(file, visited_at=days_ago(day)) for file in files for day in range(1, 26)]
    result = await sent(worker, *batch)
    assert result["recorded"] == 500
    answer = await worker.post("/v1/visits:batch", json={"visits": [*batch, batch[0]]})
    assert code_of(answer) == (422, "invalid-input")
    assert code_of(await worker.post("/v1/visits:batch", json={"visits": []})) == (422, "invalid-input")


async def test_a_key_gets_the_first_answer_again(worker: httpx.AsyncClient) -> None:
    body = {"visits": [offline(await opened(worker))]}
    first, second = [
        await worker.post("/v1/visits:batch", json=body, headers={"Idempotency-Key": "batch-1"}) for _ in range(2)
    ]
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"


async def test_a_batch_reads_no_more_for_a_hundred_than_for_one(
    worker: httpx.AsyncClient, client_as: ClientAs, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncpg

    files = [await opened(worker, person("head"), person()) for _ in range(30)]
    counted = 0
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        original = getattr(asyncpg.Connection, name)

        def counting(self, *arguments, _original=original, **options):  # type: ignore[no-untyped-def]
            nonlocal counted
            sql = str(arguments[0])
            counted += "visit" in sql or "case_file" in sql or "outbox (" in sql
            return _original(self, *arguments, **options)

        monkeypatch.setattr(asyncpg.Connection, name, counting)

    async def statements(*batch: Json) -> int:
        nonlocal counted
        counted = 0
        assert set(outcomes(await sent(worker, *batch))) == {"recorded"}
        return counted

    def made(file: Json) -> Json:
        return offline(file, met_members=[file["members"][0]["id"]], changes={"decile": 2}, file_version=1)

    one = await statements(made(files[0]))
    assert await statements(*(made(file) for file in files[1:])) <= one + 3  # what runs beside the requests


async def test_due_dates_follow_a_batch(worker: httpx.AsyncClient, running: Running) -> None:
    await know_interval(running, 6)
    files = [await opened(worker) for _ in range(3)]
    await sent(worker, *(offline(file, visited_at=days_ago(300), next_visit_on=in_days(5)) for file in files))
    assert {item["visit_due_on"] for item in await due(worker)} != {in_days(5)}
    await sent(worker, *(offline(file, visited_at=days_ago(1), next_visit_on=in_days(5)) for file in files))
    assert {item["visit_due_on"] for item in await due(worker)} == {in_days(5)}
    assert visit()["outcome"] == "met"
