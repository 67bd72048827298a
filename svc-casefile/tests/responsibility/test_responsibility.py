"""From its opening to its closing a file has one responsible place, worker and payer at every instant."""

from datetime import datetime
from itertools import pairwise

import asyncpg
import httpx
from casefile_samples import CENTER, Json, opened, version_of
from worker_samples import assigned, know_worker, now

from shared.chassis.actor import Actor
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running

COUNTY = "2901"


async def _of(running: Running, file: Json, *, scope: str = "IR") -> list[asyncpg.Record]:
    actor = Actor(subject="reader", roles=frozenset(), scope=Jurisdiction(scope))
    async with running.database.query(actor) as query:
        return await query.fetch("SELECT * FROM responsibility WHERE case_file_id = $1 ORDER BY since", file["id"])


async def _patched(client: httpx.AsyncClient, file: Json, **body: object) -> Json:
    answer = await client.patch(f"/v1/case-files/{file['id']}", json=body, headers=version_of(file))
    assert answer.status_code == 200, answer.text
    changed: Json = answer.json()
    return changed


async def test_every_change_of_worker_payer_or_status_begins_the_next(
    worker: httpx.AsyncClient, running: Running, client_as: ClientAs
) -> None:
    manager = await client_as("center-manager", CENTER)
    await know_worker(running, "sara", CENTER)
    file = await opened(worker, payer_category="pensioner")
    await assigned(manager, "sara", file)
    file = await now(worker, file)
    file = await _patched(worker, file, address="نشانی تازه")  # no term of the responsibility
    file = await _patched(worker, file, payer_category="non-pensioner")
    closed = await worker.post(
        f"/v1/case-files/{file['id']}:close", json={"reason": "empowered"}, headers=version_of(file)
    )
    rows = await _of(running, file)
    assert [(row["worker"], row["payer_category"]) for row in rows] == [
        (None, "pensioner"),
        ("sara", "pensioner"),
        ("sara", "non-pensioner"),
    ]
    assert {(row["jurisdiction"], row["status"]) for row in rows} == {(CENTER, "active")}
    for before, after in pairwise(rows):
        assert before["until"] == after["since"]
    assert rows[-1]["until"] == datetime.fromisoformat(closed.json()["updated_at"])


async def test_a_place_that_handed_a_file_on_sees_that_and_no_more(running: Running, county: httpx.AsyncClient) -> None:
    file = await opened(county, status="waiting")
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE case_file SET jurisdiction = $2, status = 'active', updated_at = $3 WHERE id = $1",
            file["id"], CENTER, command.now,
        )  # fmt: skip
    at_county, at_center = await _of(running, file)
    assert (at_county["jurisdiction"], at_county["next_jurisdiction"]) == (COUNTY, CENTER)
    assert (at_center["jurisdiction"], at_center["until"]) == (CENTER, None)
    assert at_county["until"] == at_center["since"]
    assert await _of(running, file, scope=CENTER) == [at_center]
    assert await _of(running, file, scope="2902") == []


async def test_of_what_one_command_does_in_steps_the_last_is_told(running: Running, worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    async with running.database.command(Actor.system("casefile")) as command:
        for name in ("first", "second"):
            await command.connection.execute(
                "UPDATE case_file SET assigned_worker = $2, updated_at = $3 WHERE id = $1",
                file["id"], name, command.now,
            )  # fmt: skip
    first, last = await _of(running, file)
    assert (first["worker"], last["worker"], last["until"]) == (None, "second", None)
    assert first["until"] == last["since"]


async def test_what_began_earlier_and_was_done_later_is_told_later(running: Running, worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    places = ["2901002", "2902001", CENTER]
    async with running.database.command(Actor.system("casefile")) as command:
        for place, at in zip(places, (command.now, "2020-01-01Z", "2020-01-02Z"), strict=True):
            await command.connection.execute(
                "UPDATE case_file SET jurisdiction = $2, updated_at = $3::text::timestamptz WHERE id = $1",
                file["id"], place, str(at),
            )  # fmt: skip
    story = await _of(running, file)
    assert [each["jurisdiction"] for each in story] == [CENTER, *places]
    assert [each["next_jurisdiction"] for each in story] == [*places, None]
    assert [each["until"] for each in story] == [*(each["since"] for each in story[1:]), None]
