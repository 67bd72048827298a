"""Months, tariffs and rules to settle by, and short words for what a statement says."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import httpx
from casefile_samples import CENTER, Json

from shared.chassis.actor import Actor
from shared.contracts.registry import ParameterSetV1, TariffSignedOffV1
from shared.kit.calendar import TEHRAN, JalaliMonth
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.centers.repository import keep_parameter
from svc_casefile.tariffs.repository import keep_tariff

AZAR, DEY, BAHMAN = JalaliMonth("1404-09"), JalaliMonth("1404-10"), JalaliMonth("1404-11")
"""Months of thirty days that are over."""
LONG_AGO = date(2021, 3, 21)
BY_DAYS, AT_THE_END, FROM_A_MINIMUM = 1, 2, 3


def day(number: int, month: JalaliMonth = AZAR, *, hour: int = 9) -> datetime:
    """That day of the month, in the morning, in Iran."""
    first = month.first_day
    return datetime.combine(date.fromordinal(first.toordinal() + number - 1), time(hour), TEHRAN)


async def know_rule(running: Running, name: str, value: int, *, place: str = "IR", **fields: Any) -> None:
    said = {"parameter_id": new_id(), "valid_from": LONG_AGO} | fields
    async with running.database.command(Actor.system("casefile")) as command:
        event = ParameterSetV1(jurisdiction=Jurisdiction(place), name=f"settlement-{name}", value=value, **said)
        await keep_parameter(command, event)


async def know_tariff(
    running: Running, rials: int, *, service: str = "S06", area: str = "urban", place: str = "IR", **fields: Any
) -> str:
    said = {"tariff_id": new_id(), "valid_from": LONG_AGO} | fields
    async with running.database.command(Actor.system("casefile")) as command:
        event = TariffSignedOffV1(
            jurisdiction=Jurisdiction(place), service_code=service, area_class=area, amount_rials=rials, **said
        )
        await keep_tariff(command, event)
    return str(event.tariff_id)


async def pay_care(running: Running, rials: int | None, *, rule: int = BY_DAYS, **fields: Any) -> None:
    """A file in care counts as service S06 by that rule, at that tariff if any."""
    await know_rule(running, "care-rule", rule)
    await know_rule(running, "care-service", 6)
    if rials is not None:
        await know_tariff(running, rials, **fields)


async def was_held(running: Running, file: Json, *terms: tuple[datetime, str | None], **fields: Any) -> None:
    """Let the file have been with these workers from these moments on, each until the next."""
    said = {"status": "active", "area_class": "urban", "jurisdiction": CENTER} | fields
    ends: Sequence[datetime | None] = [*(since for since, _ in terms[1:]), None]
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("DELETE FROM responsibility WHERE case_file_id = $1", file["id"])
        for (since, worker), until in zip(terms, ends, strict=True):
            await command.connection.execute(
                "INSERT INTO responsibility (case_file_id, since, until, jurisdiction, status, worker, area_class)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                file["id"],
                since.astimezone(UTC),
                until,
                said["jurisdiction"],
                said["status"],
                worker,
                said["area_class"],
            )


async def drafted(client: httpx.AsyncClient, month: JalaliMonth = AZAR, *, place: str = CENTER) -> Json:
    """The statement of one center."""
    answer = await client.post("/v1/settlements", json={"month": month, "jurisdiction": place})
    assert answer.status_code == 200, answer.text
    (statement,) = (each for each in answer.json()["items"] if each["jurisdiction"] == place)
    found: Json = statement
    return found


async def lines_of(client: httpx.AsyncClient, statement: Json, **filters: str) -> list[Json]:
    page = await client.get(f"/v1/settlements/{statement['id']}/lines", params={"limit": "200", **filters})
    items: list[Json] = page.raise_for_status().json()["items"]
    return items


async def step(client: httpx.AsyncClient, statement: Json, verb: str, **body: Any) -> httpx.Response:
    return await client.post(
        f"/v1/settlements/{statement['id']}:{verb}",
        json=body or None,
        headers={"If-Match": f'"{statement["version"]}"'},
    )


async def stepped(client: httpx.AsyncClient, statement: Json, verb: str, **body: Any) -> Json:
    answer = await step(client, statement, verb, **body)
    assert answer.status_code == 200, answer.text
    result: Json = answer.json()
    return result
