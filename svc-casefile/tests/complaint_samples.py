"""Complaints to make, and short words for what becomes of them."""

from datetime import date
from typing import Any

import httpx
from casefile_samples import CENTER, Json, version_of

from shared.chassis.actor import Actor
from shared.contracts.registry import ParameterSetV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.centers.repository import keep_parameter
from svc_casefile.complaints.service import go_on

WHO = {"name": "زهرا کریمی", "mobile": "+989151234567", "national_id": "0499370899"}


def said(about: str = "worker", place: str = CENTER, **fields: Any) -> Json:
    """A complaint with an identity."""
    return {"kind": "complaint", "about": about, "place": place, "body": "بازدید نیامد", "identity": WHO} | fields


async def complained(client: httpx.AsyncClient, about: str = "worker", place: str = CENTER, **fields: Any) -> Json:
    answer = await client.post("/v1/complaints", json=said(about, place, **fields))
    assert answer.status_code == 201, answer.text
    received: Json = answer.json()
    return received


async def seen_by(client: httpx.AsyncClient) -> list[Json]:
    items: list[Json] = (await client.get("/v1/complaints")).raise_for_status().json()["items"]
    return items


async def step(client: httpx.AsyncClient, complaint: Json, verb: str, **body: Any) -> httpx.Response:
    return await client.post(
        f"/v1/complaints/{complaint['id']}:{verb}", json=body or None, headers=version_of(complaint)
    )


async def stepped(client: httpx.AsyncClient, complaint: Json, verb: str, **body: Any) -> Json:
    answer = await step(client, complaint, verb, **body)
    assert answer.status_code == 200, answer.text
    result: Json = answer.json()
    return result


async def know_answer_days(running: Running, days: int, *, place: str = "IR") -> None:
    async with running.database.command(Actor.system("casefile")) as command:
        event = ParameterSetV1(
            jurisdiction=Jurisdiction(place), parameter_id=new_id(), name="complaint-answer-days", value=days,
            valid_from=date(2021, 3, 21),
        )  # fmt: skip
        await keep_parameter(command, event)


async def time_passes(running: Running, *, day: date | None = None) -> None:
    """Let the day of every open complaint have been `day`, if given, and do what then is to be done."""
    async with running.database.command(Actor.system("casefile")) as command:
        if day is not None:
            await command.connection.execute("UPDATE complaint SET due_on = $1 WHERE status <> 'answered'", day)
        while await go_on(command):
            pass
