"""People in need, and short words for what is done about them."""

from datetime import timedelta

import httpx
from casefile_samples import CENTER, Json, person, version_of

from shared.kit.calendar import today

BODIES = ("relief-committee", "social-security")
ASSESSMENT: Json = {"visited_on": "2026-05-10", "report": "گزارش بازدید", "coverage_reason": "female-headed"}


def somebody(**fields: object) -> Json:
    """The body with which a finding is recorded."""
    return {
        "found_by": "neighbour",
        "found_on": "2026-05-01",
        "given_name": "فاطمه",
        "family_name": "کریمی",
        "address": "بیرجند، خیابان طالقانی ۳",
        "persons": 3,
        "situation": "سه نفر در یک اتاق",
    } | fields


def inquiry(body: str, answer: str = "not-covered", *, days: int = 30, **fields: object) -> Json:
    return {
        "body": body,
        "answer": answer,
        "reference": "نامهٔ ۱۲/۳۴",
        "valid_until": (today() + timedelta(days=days)).isoformat(),
    } | fields


async def found(client: httpx.AsyncClient, **fields: object) -> Json:
    answer = await client.post("/v1/findings", json=somebody(**fields))
    assert answer.status_code == 201, answer.text
    finding: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/findings/{finding['id']}"
    return finding


async def sent(client: httpx.AsyncClient, finding: Json, step: str, body: Json) -> httpx.Response:
    return await client.post(f"/v1/findings/{finding['id']}:{step}", json=body, headers=version_of(finding))


async def did(client: httpx.AsyncClient, finding: Json, step: str, body: Json) -> Json:
    answer = await sent(client, finding, step, body)
    assert answer.status_code == 200, answer.text
    moved: Json = answer.json()
    assert answer.headers["ETag"] == f'"{moved["version"]}"'
    return moved


async def asked(client: httpx.AsyncClient, finding: Json, *inquiries: Json) -> Json:
    """What other support bodies said, that they do not support the household unless it is given otherwise."""
    for each in inquiries or [inquiry(body) for body in BODIES]:
        answer = await client.post(f"/v1/findings/{finding['id']}/inquiries", json=each)
        assert answer.status_code == 201, answer.text
        finding = answer.json()
    return finding


async def assessed(worker: httpx.AsyncClient, finding: Json, **fields: object) -> Json:
    finding = await did(worker, finding, "screen", {"note": "نیازمند به نظر می‌رسد"})
    return await did(worker, finding, "assess", ASSESSMENT | fields)


class Committees:
    """The two levels that decide: a center's manager and an officer of its county."""

    def __init__(self, worker: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient) -> None:
        self.worker, self.manager, self.county = worker, manager, county

    async def supported(self, finding: Json | None = None, **fields: object) -> Json:
        finding = finding or await found(self.worker, **fields)
        finding = await assessed(self.worker, finding)
        return await did(self.manager, finding, "decide-local", {"decision": "support"})

    async def waiting(self, *, urgent: str | None = None, **fields: object) -> Json:
        """Somebody on the waiting list of the center."""
        because: Json = {} if urgent is None else {"urgent": True, "urgent_because": urgent}
        finding = await assessed(self.worker, await found(self.worker, **fields), **because)
        finding = await asked(self.worker, finding)
        finding = await did(self.manager, finding, "decide-local", {"decision": "support"})
        return await did(self.county, finding, "decide-county", {"decision": "admit"})


def household(**fields: object) -> Json:
    return {"members": [person("head"), person()], **fields}


__all__ = [
    "ASSESSMENT",
    "BODIES",
    "CENTER",
    "Committees",
    "asked",
    "assessed",
    "did",
    "found",
    "household",
    "inquiry",
    "sent",
    "somebody",
]
