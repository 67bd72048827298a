"""Families that wait, children who may be placed, and the way to the final order."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx
from adoption_samples import Json, couple, national_id, registered, single_woman, version_of

from shared.chassis.actor import Actor
from shared.contracts.registry import ParameterSetV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_adoption.parameters.repository import keep_parameter
from svc_adoption.priority import Facts
from svc_adoption.queue import service as queue

QUEUE, TRACKING, CHILDREN = "/v1/adoption-queue", "/v1/adoption-tracking", "/v1/adoption-children"
MATCHES, PLACEMENTS = "/v1/adoption-matches", "/v1/adoption-placements"
DEADLINES, ERASURES = "/v1/adoption-deadlines", "/v1/adoption-erasures"

APPROVED = {"outcome": "approved", "decided_on": "2026-02-20", "session": "کمیتهٔ ۱۴"}
ORDER = {"court": "شعبهٔ ۲ بیرجند", "number": "۱۴۰۴/۱۲", "issued_on": "2026-03-10"}
RULING = {"court": "شعبهٔ ۲ بیرجند", "number": "۱۴۰۵/۷۰", "issued_on": "2026-10-10"}

__all__ = ["couple", "single_woman"]


async def let_wait(running: Running, request: Json, **facts: Any) -> None:
    """As if the committee had approved it: of a childless couple in their thirties, unless facts are said."""
    known = Facts(couple=True, children=0, born=[date(1990, 1, 1)] * 2, religion="islam")
    async with running.database.command(Actor.system("adoption")) as command:
        await command.connection.execute(
            "UPDATE request SET status = 'waiting', process = 'court-trial', submitted_at = now(), referred_at = now(),"
            " waiting_since = now() WHERE id = $1",
            UUID(request["id"]),
        )
        await queue.enter(
            command,
            request_id=UUID(request["id"]),
            jurisdiction=request["jurisdiction"],
            form=request["form"],
            facts=known.model_copy(update=facts),
            seals=running.settings.seals,  # type: ignore[attr-defined]
            reason="approved",
        )


async def waiting(running: Running, client: httpx.AsyncClient, said: Json | None = None, **facts: Any) -> Json:
    """A family that waits; `said` of the request, `facts` of the family."""
    request = await registered(client, **(said or {}))
    await let_wait(running, request, **facts)
    return request


async def set_rule(running: Running, name: str, value: int) -> None:
    async with running.database.command(Actor.system("adoption")) as command:
        await keep_parameter(
            command,
            ParameterSetV1(
                jurisdiction=Jurisdiction("IR"),
                parameter_id=new_id(),
                name=name,
                value=value,
                valid_from=date(2021, 3, 21),
            ),
        )


def child(**said: Any) -> Json:
    body: Json = {
        "jurisdiction": "2901",
        "sex": "girl",
        "birth_date": "2024-05-10",
        "health": "healthy",
        "basis": "orphaned",
        "in_care_since": "2025-01-20",
        "evidence": {"reference": "۱۴۰۴/۳۳", "issued_on": "2025-03-01"},
        "given_name": "رُزان",
        "family_name": "نیک‌سیرت",
        "identity": {"type": "national", "value": national_id()},
        "religion": "islam",
        "care_home": "شیرخوارگاه آفتاب",
        "health_notes": "بی‌بیماری",
    }
    return body | said


async def child_registered(client: httpx.AsyncClient, **said: Any) -> Json:
    answer = await client.post(CHILDREN, json=child(**said))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def stepped(client: httpx.AsyncClient, path: str, resource: Json, step: str, body: Json | None = None) -> Json:
    answer = await client.post(f"{path}/{resource['id']}{step}", json=body, headers=version_of(resource))
    assert answer.is_success, f"{step}: {answer.text}"
    return dict(answer.json())


async def proposed(client: httpx.AsyncClient, a_child: Json, request: Json, **said: Any) -> Json:
    body = {"child_id": a_child["id"], "request_id": request["id"]} | said
    answer = await client.post(MATCHES, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def matched(one: httpx.AsyncClient, other: httpx.AsyncClient, match: Json) -> Json:
    return await stepped(other, MATCHES, await stepped(one, MATCHES, match, ":decide", APPROVED), ":confirm")


async def accepted(client: httpx.AsyncClient, match: Json) -> Json:
    match = await stepped(client, MATCHES, match, ":introduce", {"introduced_on": "2026-02-25"})
    return await stepped(client, MATCHES, match, ":accept", {"answered_on": "2026-03-01"})


async def on_trial(client: httpx.AsyncClient, match: Json, **said: Any) -> Json:
    answer = await client.post(PLACEMENTS, json={"match_id": match["id"], "order": ORDER} | said)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
