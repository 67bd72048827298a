"""Files to import, and short words for what became of them."""

import asyncio
import json
import time
from typing import Any

import httpx

IMPORT = "/v1/case-files:import"

Json = dict[str, Any]


def ndjson(*lines: Json | bytes) -> bytes:
    return b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)


async def sent(client: httpx.AsyncClient, body: object, *, source: str = "armaghan", **headers: str) -> httpx.Response:
    return await client.post(
        IMPORT, params={"source": source}, content=body, headers={"Content-Type": "application/x-ndjson", **headers}
    )


async def finished(client: httpx.AsyncClient, answer: httpx.Response, *, seconds: float = 20) -> Json:
    """The import when all its lines were dealt with."""
    assert answer.status_code == 202, answer.text
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = (await client.get(answer.headers["Location"])).raise_for_status().json()
        if job["status"] in {"done", "incomplete"}:
            return job
        await asyncio.sleep(0.02)
    raise AssertionError(job)


async def taken_in(client: httpx.AsyncClient, *lines: Json | bytes, **kwargs: str) -> Json:
    return await finished(client, await sent(client, ndjson(*lines), **kwargs))


async def errors_of(client: httpx.AsyncClient, job: Json) -> list[tuple[int, str, str]]:
    page = (await client.get(f"/v1/imports/{job['id']}/errors", params={"limit": 200})).raise_for_status().json()
    return [(error["line"], error["pointer"], error["code"]) for error in page["items"]]


def counts(job: Json) -> tuple[int, int, int, int]:
    return job["lines"], job["landed"], job["unchanged"], job["refused"]


async def files_of(client: httpx.AsyncClient, **filters: str) -> list[Json]:
    page = (await client.get("/v1/case-files", params={"limit": "200", **filters})).raise_for_status().json()
    return page["items"]
