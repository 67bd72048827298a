"""Services to ask for, rules on how long they may take, and requests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import httpx
from casefile_samples import Json, version_of

from shared.chassis.actor import Actor
from shared.contracts.registry import CatalogueServiceChangedV1, ParameterSetV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.catalogue import repository as catalogue
from svc_casefile.centers import repository as centers

CASH_AID, FOLLOW_UP, ENDED = "S05", "S06", "S90"
PIN = "402718"


async def know_services(running: Running) -> None:
    async with running.database.command(Actor.system("casefile")) as command:
        for code, until in ((CASH_AID, None), (FOLLOW_UP, None), (ENDED, date(2025, 1, 1))):
            await catalogue.keep_service(
                command,
                CatalogueServiceChangedV1(
                    code=code,
                    version=1,
                    name_fa="خدمت",
                    name_en="Service",
                    domain="social-affairs",
                    active_from=date(2021, 3, 8),
                    active_to=until,
                ),
            )


async def know_days(running: Running, name: str, days: int, place: str = "IR") -> None:
    rule = ParameterSetV1(
        parameter_id=new_id(), jurisdiction=Jurisdiction(place), name=name, value=days, valid_from=date(2021, 3, 8)
    )
    async with running.database.command(Actor.system("casefile")) as command:
        await centers.keep_parameter(command, rule)


def in_days(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


async def asked(client: httpx.AsyncClient, file: Json, **fields: Any) -> Json:
    """A request for one-off cash aid, unless `fields` say what for."""
    answer = await client.post(
        f"/v1/case-files/{file['id']}/service-requests", json={"service_code": CASH_AID} | fields
    )
    assert answer.status_code == 201, answer.text
    request: Json = answer.json()
    return request


BODIES: dict[str, Json] = {
    "refuse": {"reason": "not-eligible"},
    "refer": {"kind": "other-body", "referred_to": "کمیتهٔ امداد", "reason": "درمان"},
    "record-answer": {"outcome": "provided"},
    "set-pin": {"pin": "591837"},
}


async def step(client: httpx.AsyncClient, request: Json, name: str, **fields: Any) -> httpx.Response:
    return await client.post(
        f"/v1/service-requests/{request['id']}:{name}",
        json=BODIES.get(name, {}) | fields,
        headers=version_of(request),
    )


async def stepped(client: httpx.AsyncClient, request: Json, *names: str, **fields: Any) -> Json:
    """The request after these steps; `fields` belong to the last."""
    for name in names:
        answer = await step(client, request, name, **(fields if name == names[-1] else {}))
        assert answer.status_code == 200, answer.text
        request = answer.json()
    return request


async def moved(running: Running, file: Json, center: str) -> None:
    """Give the file to a center, as a distribution or a transfer does."""
    owner = await asyncpg.connect(str(running.settings.database_owner_url))
    await owner.execute("SELECT set_config('app.scope_from', '', false), set_config('app.scope_to', ':', false)")
    for table, key in (("case_file", "id"), ("member", "case_file_id")):
        await owner.execute(f"UPDATE {table} SET jurisdiction = $2 WHERE {key} = $1::text::uuid", file["id"], center)
    await owner.execute(
        "UPDATE case_file SET status = 'active', updated_at = $2 WHERE id = $1::text::uuid",
        file["id"],
        datetime.now(UTC),
    )
    await owner.close()


async def timeline(running: Running, file: Json) -> list[tuple[str, Json]]:
    """Kind and words of what happened to the household, in the order in which it was recorded."""
    async with running.database.query(Actor.system("casefile")) as query:
        rows = await query.fetch(
            "SELECT kind, about FROM timeline_entry WHERE case_file_id = $1::text::uuid ORDER BY recorded_at, id",
            file["id"],
        )
    return [(row["kind"], row["about"]) for row in rows]
