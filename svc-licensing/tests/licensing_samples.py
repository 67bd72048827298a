"""Founders, their papers and the way to a decision, in short words."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from shared.chassis.actor import Actor
from shared.contracts.licensing import InquiryAskedV1
from shared.contracts.national import InquiryRepliedV1
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE = "2901003", "2901001", "2902001", "3001001"
VALID_ID, WRONG_ID = "10380284790", "10380285692"

Json = dict[str, Any]

_serial = count(1)


def version_of(resource: Json) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def named(answer: httpx.Response) -> list[str]:
    """What a refusal names as missing."""
    return [error["pointer"] for error in answer.json().get("errors", [])]


def national_id() -> str:
    """A valid one that no other call gives."""
    digits = f"{700_000_000 + next(_serial):09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)


def person(role: str = "founder", **fields: Any) -> Json:
    said: Json = {
        "role": role,
        "identity": {"type": "national", "value": national_id()},
        "given_name": "مریم",
        "family_name": "احمدی",
        "birth_date": "1980-05-01",
        "sex": "female",
    }
    return said | fields


def natural(*people: Json, **fields: Any) -> Json:
    """The body with which a natural person is registered."""
    return {"kind": "natural", "people": [person(), *people], **fields}


def legal(*people: Json, **fields: Any) -> Json:
    """The body with which a legal person is registered: a board of two, a chief executive and an inspector."""
    board = [person("board-member"), person("alternate-member"), person("ceo"), person("inspector")]
    said = {"kind": "legal", "institution_id": VALID_ID, "name": "مؤسسهٔ خیریهٔ مهر", "people": people or board}
    return said | fields


async def sent(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> Json:
    answer = await client.request(method, path, **request)
    assert answer.is_success, f"{method} {path}: {answer.text}"
    found: Json = answer.json()
    return found


async def step(client: httpx.AsyncClient, application: Json, name: str, body: Json | None = None) -> Json:
    """Take a step with the version that was read last."""
    path = f"/v1/licence-applications/{application['id']}:{name}"
    return await sent(client, "POST", path, json=body, headers=version_of(application))


async def registered(client: httpx.AsyncClient, institution: Json | None = None, **fields: Any) -> Json:
    """An application for an agreement in principle of a clause-4 center, unless fields say otherwise."""
    founder = await sent(client, "POST", "/v1/institutions", json=institution or natural())
    said = {"licence": "agreement-in-principle", "clause": 4, "founder_id": founder["id"]}
    return await sent(client, "POST", "/v1/licence-applications", json=said | fields)


async def with_papers(client: httpx.AsyncClient, application: Json) -> Json:
    """The application after every paper that it lacks was seen."""
    for missing in application["missing"]:
        paper = {"code": missing["code"], "person_id": missing["person_id"], "reference": f"پوشه {next(_serial)}"}
        path = f"/v1/licence-applications/{application['id']}/documents"
        application = await sent(client, "POST", path, json=paper, headers=version_of(application))
    assert application["missing"] == []
    return application


async def read(client: httpx.AsyncClient, application: Json) -> Json:
    return await sent(client, "GET", f"/v1/licence-applications/{application['id']}")


async def asked(running: Running, count: int) -> list[InquiryAskedV1]:
    """The first questions that other bodies were sent."""
    from nats.js.api import ConsumerConfig, DeliverPolicy

    from shared.contracts.events import Envelope

    subscription = await running.service.broker.jetstream.subscribe(
        InquiryAskedV1.everywhere, ordered_consumer=True, config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
    )
    found = [Envelope.parse((await subscription.next_msg(timeout=10)).data).event for _ in range(count)]
    await subscription.unsubscribe()
    assert all(isinstance(each, InquiryAskedV1) for each in found)
    return found  # type: ignore[return-value]


def reply(inquiry: Json, result: str = "ok", **fields: Any) -> InquiryRepliedV1:
    said: Json = {
        "jurisdiction": Jurisdiction(inquiry["jurisdiction"]),
        "inquiry_id": inquiry["id"],
        "system": inquiry["system"],
        "result": result,
        "reference": f"R-{next(_serial)}",
        "replied_at": datetime.now(UTC),
    }
    return InquiryRepliedV1(**said | fields)


async def answered(
    running: Running, client: httpx.AsyncClient, application: Json, result: str = "ok", **fields: Any
) -> Json:
    """The application after every open inquiry was answered over NATS by the body that was asked."""
    application = await read(client, application)
    await running.publish(*[reply(each, result, **fields) for each in application["inquiries"] if not each["settled"]])

    async def all_settled() -> bool:
        nonlocal application
        application = await read(client, application)
        return all(each["settled"] or each["replaced_by"] for each in application["inquiries"])

    await eventually(all_settled)
    return application


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Wait for what consumers and workers bring about. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


SEATS = [
    {"person": "director", "capacity": "director-general"},
    {"person": "member", "capacity": "legal-expert"},
    {"person": "deputy", "capacity": "specialised-deputy"},
]


async def open_session(secretary: httpx.AsyncClient, *, present: tuple[str, ...] = ("member", "deputy")) -> Json:
    """A session of today, open, with those who came."""
    session = await sent(secretary, "POST", "/v1/commission-sessions", json={"held_on": "1405/09/01", "seats": SEATS})
    path = f"/v1/commission-sessions/{session['id']}:open"
    return await sent(secretary, "POST", path, json={"present": [*present]}, headers=version_of(session))


async def inquiring(manager: httpx.AsyncClient, officer: httpx.AsyncClient, deputy: httpx.AsyncClient) -> Json:
    """An application whose local inquiries were just opened."""
    application = await step(manager, await with_papers(manager, await registered(manager)), "submit")
    application = await step(officer, application, "accept")
    application = await step(deputy, application, "state-need", {"needed": True, "reason": "x"})
    return await step(officer, application, "open-inquiries")


async def association(manager: httpx.AsyncClient) -> Json:
    """An application of clause 13, whose deadlines and capital are confirmed, with all that it needs but its papers."""
    said = {"licence": "establishment", "clause": 13, "field_of_work": "county", "capital_rials": 500_000_000}
    return await registered(manager, legal(), **said)


async def executed(running: Running, sql: str, *args: object) -> None:
    """As the service itself: what only time would bring about."""
    async with running.database.command(Actor.system("licensing")) as command:
        await command.connection.execute(sql, *args)
