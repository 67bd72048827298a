"""Visits to households, and the rule by which they are due."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from casefile_samples import Json, version_of

from shared.chassis.actor import Actor
from shared.contracts.registry import ParameterSetV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.centers import repository as centers
from svc_casefile.visits import service

HOME = {"latitude": 32.8700, "longitude": 59.2200, "accuracy_m": 10}
ADDRESS = "نشانی تازه"


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def in_days(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def visit(**fields: Any) -> Json:
    """The body of a visit an hour ago; it met a neighbour, unless told otherwise."""
    said: Json = {"visited_at": days_ago(1 / 24), "planned": False, "outcome": "met", "met_other": "همسایه"}
    return {name: value for name, value in (said | fields).items() if value is not None}


def missed(**fields: Any) -> Json:
    return visit(outcome="not-at-home", met_other=None) | fields


def offline(file: Json, **fields: Any) -> Json:
    """One of a batch."""
    return visit(**fields) | {"id": fields.get("id", str(uuid4())), "case_file_id": file["id"]}


async def recorded(client: httpx.AsyncClient, file: Json, **fields: Any) -> Json:
    answer = await client.post(f"/v1/case-files/{file['id']}/visits", json=visit(**fields))
    assert answer.status_code == 201, answer.text
    done: Json = answer.json()
    return done


async def sent(client: httpx.AsyncClient, *visits: Json) -> Json:
    answer = await client.post("/v1/visits:batch", json={"visits": visits})
    assert answer.status_code == 200, answer.text
    result: Json = answer.json()
    return result


def outcomes(result: Json) -> list[str]:
    return [item["outcome"] for item in result["items"]]


async def read(client: httpx.AsyncClient, file: Json) -> Json:
    answer = await client.get(f"/v1/case-files/{file['id']}")
    assert answer.status_code == 200, answer.text
    now: Json = answer.json()
    return now


async def visits_of(client: httpx.AsyncClient, file: Json) -> list[Json]:
    answer = await client.get(f"/v1/case-files/{file['id']}/visits")
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def patched(client: httpx.AsyncClient, file: Json, **body: Any) -> Json:
    answer = await client.patch(f"/v1/case-files/{file['id']}", json=body, headers=version_of(file))
    assert answer.status_code == 200, answer.text
    changed: Json = answer.json()
    return changed


async def due(client: httpx.AsyncClient, **filters: Any) -> list[Json]:
    answer = await client.get("/v1/visits:due", params=filters)
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def due_on(client: httpx.AsyncClient, file: Json) -> str | None:
    (item,) = [item for item in await due(client, limit=200) if item["case_file_id"] == file["id"]]
    day: str | None = item["visit_due_on"]
    return day


async def know_interval(
    running: Running,
    months: int,
    *,
    jurisdiction: str = "IR",
    name: str = service.INTERVAL,
    valid_from: date = date(2021, 3, 8),
    valid_to: date | None = None,
    parameter_id: UUID | None = None,
    version: int = 1,
) -> UUID:
    """Let a rule be announced, and due dates follow it; answers with its id."""
    said = ParameterSetV1(
        jurisdiction=Jurisdiction(jurisdiction),
        parameter_id=parameter_id or new_id(),
        version=version,
        name=name,
        value=months,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    async with running.database.command(Actor.system("casefile")) as command:
        await centers.keep_parameter(command, said)
    await follow_rules(running)
    return said.parameter_id


async def follow_rules(running: Running) -> None:
    more = True
    while more:
        async with running.database.command(Actor.system("casefile")) as command:
            # the service's own worker may be at it, and not know of the rule yet
            await command.connection.execute("SELECT pg_advisory_xact_lock(hashtext('visit-due'))")
            more = await service.follow_rules(command)


async def bring_after(running: Running) -> None:
    async with running.database.command(Actor.system("casefile")) as command:
        await service.bring_after(command)


async def moved(running: Running, file: Json, center: str) -> None:
    """As a transfer moves a file."""
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE case_file SET jurisdiction = $2, version = version + 1, updated_at = $3 WHERE id = $1",
            file["id"], center, command.now,
        )  # fmt: skip
        await command.connection.execute(
            "UPDATE member SET jurisdiction = $2 WHERE case_file_id = $1", file["id"], center
        )


async def rows_of(running: Running, sql: str, *arguments: object) -> list[asyncpg.Record]:
    async with running.database.query(Actor.system("casefile")) as query:
        return await query.fetch(sql, *arguments)
