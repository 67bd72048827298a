"""People to screen and places to do it, and short words for what answers say."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx

from shared.chassis.actor import Actor
from shared.contracts.casefile import CaseFileOpenedV1, Member
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_screening.due_lists.queries import months_before

CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE = "2901003", "2901001", "2902001", "3001001"

Json = dict[str, Any]

_serial = count(1)


def version_of(resource: Json) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in answer.json().get("errors", [])]


def rule_of(protocol: Json, code: str) -> Json:
    (rule,) = [each for each in protocol["rules"] if each["code"] == code]
    return dict(rule)


def next_version(protocol: Json, *, valid_from: str, **figures: dict[str, int]) -> Json:
    """The body of a version that says what `protocol` says, but for the figures of the rules that are named."""
    kept = ("code", "kind", "stages", "instruments", "from_months", "to_months", "figures", "source")
    rules = [{name: rule[name] for name in kept} for rule in protocol["rules"]]
    for rule in rules:
        rule["figures"] = figures.get(rule["code"].replace("-", "_"), rule["figures"])
    body = {name: protocol[name] for name in ("from_months", "to_months", "stages", "instruments", "source")}
    return body | {"valid_from": valid_from, "rules": rules}


def national_id() -> str:
    """A valid one that no other call gives."""
    digits = f"{300_000_000 + next(_serial):09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)


def born(years: int, months: int = 0) -> date:
    """The day of birth of somebody who is that old today."""
    return months_before(today(), 12 * years + months)


def member(age: int = 5, *, relation: str = "child", **fields: Any) -> Member:
    return Member(**{"member_id": new_id(), "relation": relation, "birth_date": born(age), "sex": "female"} | fields)


def file(*members: Member, center: str = CENTER, **fields: Any) -> CaseFileOpenedV1:
    """A household's file, as casefile announces that it was opened."""
    said: Json = {
        "case_file_id": new_id(),
        "number": f"{next(_serial):08}",
        "version": 1,
        "status": "active",
        "jurisdiction": Jurisdiction(center),
        "member_count": len(members),
        "members": members,
        "opened_on": today(),
    }
    return CaseFileOpenedV1(**said | fields)


def eyes(right: str | None = "10/10", left: str | None = "10/10", **said: Any) -> Json:
    return {"shape": "eyes", "right": {"acuity": right}, "left": {"acuity": left}, **said}


def ears(right: str = "pass", left: str = "pass") -> Json:
    return {"shape": "ears", "right": right, "left": left}


def answers(yes: int) -> Json:
    return {"shape": "items", "answers": ["yes"] * yes + ["no"] * (10 - yes)}


def made(hours_ago: float = 1) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()


def encounter(person: str | UUID, base: Json, result: Json | None = None, **fields: Any) -> Json:
    """The body with which a first vision test is recorded, unless fields say otherwise."""
    said: Json = {
        "id": str(new_id()),
        "person_id": str(person),
        "programme": "vision",
        "stage": "first",
        "instrument": "e-chart",
        "base_id": base["id"],
        "made_at": made(),
        "attendance": "examined",
        "result": eyes() if result is None else result,
    }
    return said | fields


def not_there(person: str | UUID, base: Json, attendance: str = "absent", **fields: Any) -> Json:
    return encounter(person, base) | {"attendance": attendance, "result": None, "instrument": None} | fields


async def recorded(client: httpx.AsyncClient, body: Json) -> Json:
    answer = await client.post("/v1/screening-encounters", json=body)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def registered(client: httpx.AsyncClient, **fields: Any) -> Json:
    """Somebody of five who came to a base of the client's center."""
    answer = await client.post("/v1/screening-people", json={"birth_date": str(born(5)), "sex": "male"} | fields)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def base_at(client: httpx.AsyncClient, **fields: Any) -> Json:
    said = {
        "name_fa": "پایگاه مرکز",
        "kind": "fixed",
        "programmes": ["vision", "hearing-newborn", "hearing-preschool", "autism"],
        "opens_on": "2021-03-21",
    }
    answer = await client.post("/v1/screening-bases", json=said | fields)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Wait for what consumers bring about. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def know_people(running: Running, *files: CaseFileOpenedV1) -> None:
    """Let casefile announce files, and wait until their members are known."""
    await running.publish(*files)

    async def known() -> bool:
        async with running.database.query(Actor.system("screening")) as query:
            ids = [each.case_file_id for each in files]
            found = await query.fetchval("SELECT count(*) FROM household WHERE case_file_id = ANY($1)", ids)
            return bool(found == len(ids))

    await eventually(known)
