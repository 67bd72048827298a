"""An upload that breaks off: what came whole lands, and the rest is said to be missing."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from casefile_samples import code_of, household
from import_samples import IMPORT, Json, counts, errors_of, files_of, finished, ndjson, sent, taken_in

from shared.chassis.actor import Actor
from shared.testing.plugin import Running
from svc_casefile.imports import endpoints, service

HEADERS = {"Content-Type": "application/x-ndjson"}


async def break_off(client: httpx.AsyncClient, *pieces: bytes, key: str | None = None) -> Json:
    """Send the pieces of a longer body and hang up; answers with the import."""

    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece
        for _ in range(500):
            if (await client.get("/v1/imports", params={"limit": 1})).json()["items"]:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)  # until it was read as well: what only the socket holds goes down with it
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await client.post(
            IMPORT,
            params={"source": "armaghan"},
            content=stream(),
            headers=HEADERS | ({"Idempotency-Key": key} if key else {}),
        )
    (job,) = (await client.get("/v1/imports", params={"limit": 1})).json()["items"]
    return await finished(client, httpx.Response(202, headers={"Location": f"/v1/imports/{job['id']}"}))


async def test_whole_lines_land_and_the_cut_one_is_reported(province: httpx.AsyncClient) -> None:
    lines = [household(jurisdiction="2901") for _ in range(3)]
    body = ndjson(*lines)

    job = await break_off(province, body[:-40])

    assert (job["status"], counts(job)) == ("incomplete", (3, 2, 0, 1))
    assert await errors_of(province, job) == [(3, "", "line-cut")]
    assert len(await files_of(province)) == 2

    again = await taken_in(province, *lines)
    assert (again["status"], counts(again)) == ("done", (3, 1, 2, 0))


async def test_a_cut_between_two_lines_is_noticed_too(province: httpx.AsyncClient) -> None:
    job = await break_off(province, ndjson(household(jurisdiction="2901")))

    assert (job["status"], counts(job)) == ("incomplete", (1, 1, 0, 0))
    assert await errors_of(province, job) == []


async def test_a_cut_after_many_chunks_keeps_them_all(province: httpx.AsyncClient) -> None:
    lines = [household(jurisdiction="2901", address="ن" * 1500) for _ in range(500)]
    body = ndjson(*lines)

    job = await break_off(province, body[:700_000], body[700_000:1_500_000], body[1_500_000:-1])

    assert (job["status"], counts(job)) == ("incomplete", (500, 499, 0, 1))
    assert await errors_of(province, job) == [(500, "", "line-cut")]


async def test_the_key_of_a_cut_import_tells_that_it_was_cut(province: httpx.AsyncClient) -> None:
    line = household(jurisdiction="2901")
    job = await break_off(province, ndjson(line), key="k")

    again = await sent(province, ndjson(line), **{"Idempotency-Key": "k"})

    assert (again.json()["id"], again.json()["status"]) == (job["id"], "incomplete")


async def test_too_large_a_file_is_refused_and_its_first_part_lands(
    province: httpx.AsyncClient,
) -> None:
    (route,) = [route for route in endpoints.router.routes if route.operation_id == "import_case_files"]  # type: ignore[attr-defined]
    object.__setattr__(route.endpoint.policy, "max_body_bytes", 3000)  # type: ignore[attr-defined]
    try:
        lines = [household(jurisdiction="2901") for _ in range(20)]

        async def undeclared() -> AsyncIterator[bytes]:
            for line in lines:
                yield ndjson(line)
                await asyncio.sleep(0.01)

        declared, streamed = await sent(province, ndjson(*lines)), await sent(province, undeclared())
    finally:
        object.__setattr__(route.endpoint.policy, "max_body_bytes", endpoints.LARGEST_BYTES)  # type: ignore[attr-defined]

    assert code_of(declared) == code_of(streamed) == (413, "payload-too-large")
    (job,) = (await province.get("/v1/imports")).json()["items"]
    job = await finished(province, httpx.Response(202, headers={"Location": f"/v1/imports/{job['id']}"}))
    assert job["status"] == "incomplete"
    assert 0 < job["landed"] < len(lines)
    assert job["landed"] == len(await files_of(province))


async def test_a_receiver_that_died_leaves_an_incomplete_import(
    running: Running, province: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody ends the import of a process that was killed; the worker of any other does after some silence."""
    job = await taken_in(province, household(jurisdiction="2901"))
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE import_job SET ended = NULL")
    assert (await province.get(f"/v1/imports/{job['id']}")).json()["status"] == "receiving"

    monkeypatch.setattr(service, "SILENCE", service.SILENCE * 0)

    job = await finished(province, httpx.Response(202, headers={"Location": f"/v1/imports/{job['id']}"}))
    assert (job["status"], counts(job)) == ("incomplete", (1, 1, 0, 0))


async def test_a_sender_who_falls_silent_is_gone(province: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SILENCE", service.SILENCE / 300)

    async def dawdling() -> AsyncIterator[bytes]:
        yield ndjson(household(jurisdiction="2901")) + b'{"jurisd'
        await asyncio.sleep(1)
        yield b'iction": "2901"}'

    answer = await sent(province, dawdling())

    assert code_of(answer) == (408, "upload-cut")
    (job,) = (await province.get("/v1/imports")).json()["items"]
    job = await finished(province, httpx.Response(202, headers={"Location": f"/v1/imports/{job['id']}"}))
    assert (job["status"], counts(job)) == ("incomplete", (2, 1, 0, 1))
    assert await errors_of(province, job) == [(2, "", "line-cut")]
