"""Transfers between the sides of a small country, and short words for what they say."""

import asyncio
from typing import Any

import asyncpg
import httpx
from casefile_samples import Json, version_of

from shared.chassis.actor import Actor
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running


async def asking(client: httpx.AsyncClient, destination: str, file: Json, **fields: Any) -> httpx.Response:
    """By the side that has the file."""
    body = {"case_file_id": file["id"], "destination": destination, **fields}
    return await client.post("/v1/transfers", json=body)


async def asking_for(client: httpx.AsyncClient, destination: str, file: Json, **fields: Any) -> httpx.Response:
    """By the side that wants it, and knows the household's number and head."""
    body = {"number": file["number"], "identity": file["members"][0]["identity"], "destination": destination, **fields}
    return await client.post("/v1/transfers", json=body)


def made(answer: httpx.Response) -> Json:
    assert answer.is_success, answer.text
    transfer: Json = answer.json()
    assert answer.headers["ETag"] == f'"{transfer["version"]}"'
    return transfer


async def stepping(client: httpx.AsyncClient, transfer: Json, step: str, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/transfers/{transfer['id']}:{step}", json=body, headers=version_of(transfer))


async def stepped(client: httpx.AsyncClient, transfer: Json, step: str, **body: Any) -> Json:
    return made(await stepping(client, transfer, step, **body))


async def read(client: httpx.AsyncClient, transfer: Json) -> Json:
    found: Json = (await client.get(f"/v1/transfers/{transfer['id']}")).raise_for_status().json()
    return found


async def until(client: httpx.AsyncClient, transfer: Json, status: str) -> Json:
    """The transfer when it has come to that status."""
    for _ in range(250):
        found = await read(client, transfer)
        if found["status"] == status:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def moved(origin: httpx.AsyncClient, destination: httpx.AsyncClient, file: Json, to: str) -> Json:
    """A whole transfer, by two managers, as the destination sees it afterwards."""
    transfer = await stepped(origin, made(await asking(origin, to, file)), "confirm")
    transfer = await stepped(destination, transfer, "accept")
    return await until(destination, transfer, "effective")


async def rows(running: Running, sql: str, *arguments: object, scope: str = "IR") -> list[asyncpg.Record]:
    async with running.database.query(Actor(subject="x", roles=frozenset(), scope=Jurisdiction(scope))) as query:
        return await query.fetch(sql, *arguments)


async def eventually(running: Running, sql: str, *arguments: object, expected: int) -> list[asyncpg.Record]:
    """The rows when there are as many as expected."""
    for _ in range(250):
        found = await rows(running, sql, *arguments)
        if len(found) == expected:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def execute(running: Running, sql: str, *arguments: object) -> None:
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(sql, *arguments)
