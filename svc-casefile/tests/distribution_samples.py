"""A small province of centers, rules and waiting files, and short words for what a plan says."""

from datetime import date
from typing import Any

import httpx
from casefile_samples import Json, household
from import_samples import taken_in

from shared.chassis.actor import Actor
from shared.contracts.registry import CenterOpenedV1, ParameterSetV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.centers import repository

OPENING_DAY = "2021-03-08"
BIRJAND, NEAR_BIRJAND, QAEN = (32.87, 59.22), (32.90, 59.30), (33.73, 59.18)


async def know_center(running: Running, code: str, place: tuple[float, float], **fields: Any) -> None:
    """As registry's event would tell it."""
    said = {"version": 1, "name_fa": f"مرکز {code}", "status": "open", "area_class": "urban"} | fields
    async with running.database.command(Actor.system("casefile")) as command:
        event = CenterOpenedV1(
            jurisdiction=Jurisdiction(code), code=code, latitude=place[0], longitude=place[1], **said
        )
        await repository.keep_center(command, event)


async def know_rule(running: Running, bound: str, value: int, *, place: str = "IR", **fields: Any) -> None:
    said = {"parameter_id": new_id(), "valid_from": date(2021, 1, 1)} | fields
    async with running.database.command(Actor.system("casefile")) as command:
        event = ParameterSetV1(jurisdiction=Jurisdiction(place), name=f"files-per-center-{bound}", value=value, **said)
        await repository.keep_parameter(command, event)


def waiting(place: tuple[float, float] | None = BIRJAND, *, county: str = "2901", **fields: Any) -> Json:
    """A household on the waiting list of a county."""
    point = {} if place is None else {"latitude": place[0], "longitude": place[1]}
    return household(jurisdiction=county, **point, **fields)


async def wait_for_a_center(client: httpx.AsyncClient, *lines: Json) -> None:
    job = await taken_in(client, *lines)
    assert job["landed"] == len(lines)


async def planned(client: httpx.AsyncClient, jurisdiction: str = "29", on: str = OPENING_DAY) -> Json:
    answer = await client.post("/v1/distributions", json={"jurisdiction": jurisdiction, "on": on})
    assert answer.status_code == 201, answer.text
    plan: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/distributions/{plan['id']}"
    assert answer.headers["ETag"] == f'"{plan["version"]}"'
    return plan


async def decided(client: httpx.AsyncClient, plan: Json, verb: str = "apply") -> httpx.Response:
    return await client.post(f"/v1/distributions/{plan['id']}:{verb}", headers={"If-Match": f'"{plan["version"]}"'})


async def applied(client: httpx.AsyncClient, plan: Json) -> Json:
    answer = await decided(client, plan)
    assert answer.status_code == 200, answer.text
    result: Json = answer.json()
    return result


async def part_of(client: httpx.AsyncClient, plan: Json, part: str, **filters: str) -> list[Json]:
    page = await client.get(f"/v1/distributions/{plan['id']}/{part}", params={"limit": "200", **filters})
    items: list[Json] = page.raise_for_status().json()["items"]
    return items


async def loads(client: httpx.AsyncClient, plan: Json) -> dict[str, int]:
    return {center["center"]: center["load_after"] for center in await part_of(client, plan, "centers")}


async def reasons(client: httpx.AsyncClient, plan: Json) -> list[tuple[str | None, int | None, str]]:
    """Center, choice and reason of each file, in the order in which they were entered."""
    placements = sorted(await part_of(client, plan, "placements"), key=lambda placement: placement["number"])
    return [(placement["center"], placement["choice"], placement["reason"]) for placement in placements]
