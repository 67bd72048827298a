"""Events in the life of a household, and short words for reporting and deciding on them."""

import httpx
import pytest
from casefile_samples import Json, person, version_of


def report(kind: str, details: Json, **fields: object) -> Json:
    """The body with which an event is recorded."""
    return {"happened_on": "2026-05-01", "source": "visit", kind: details, **fields}


def details(kind: str, file: Json) -> Json:
    """Something of this kind that is possible in the household: head, spouse, child."""
    head, _, child = (member["id"] for member in file["members"])
    joining = person(given_name="آرش", birth_date=None)
    of_kind: Json = {
        "birth": {"child": joining},
        "death": {"member_id": child},
        "marriage": {"member_id": child, "spouse": joining | {"relation": "other-relative"}},
        "divorce": {"member_id": head},
        "move": {"home": {"address": "خیابان معلم ۵"}},
        "disability": {"member_id": child, "disability_type": "hearing", "disability_severity": "severe"},
        "school": {"member_id": child, "change": "finished", "education": "diploma"},
        "job": {"member_id": child, "change": "started", "occupation": "نجار"},
        "prison": {"member_id": head, "change": "imprisoned"},
        "missing": {"member_id": head, "change": "missing"},
        "guardianship": {"member_id": child, "guardian": "دادگاه بیرجند، ۱۲۳"},
    }
    found: Json = of_kind[kind]
    return found


APPLIED_AT_ONCE = {"move", "school"}
RESTRICTED = {"prison", "missing"}
KINDS = [
    "birth", "death", "marriage", "divorce", "move", "disability", "school", "job", "prison", "missing", "guardianship",
]  # fmt: skip


def address_of(event: Json) -> str:
    return f"/v1/case-files/{event['case_file_id']}/life-events/{event['id']}"


async def recorded(client: httpx.AsyncClient, file: Json, kind: str, said: Json, **fields: object) -> Json:
    answer = await client.post(f"/v1/case-files/{file['id']}/life-events", json=report(kind, said, **fields))
    assert answer.status_code == 201, answer.text
    event: Json = answer.json()
    assert answer.headers["Location"] == address_of(event)
    return event


async def decided(client: httpx.AsyncClient, event: Json, verb: str = "approve", **body: object) -> httpx.Response:
    if verb != "approve":
        body = {"reason": "سند کافی نیست"} | body
    return await client.post(f"{address_of(event)}:{verb}", json=body, headers=version_of(event))


async def approved(client: httpx.AsyncClient, event: Json, **body: object) -> Json:
    answer = await decided(client, event, **body)
    assert answer.status_code == 200, answer.text
    result: Json = answer.json()
    return result


async def read(client: httpx.AsyncClient, file: Json) -> Json:
    answer = await client.get(f"/v1/case-files/{file['id']}")
    found: Json = answer.raise_for_status().json()
    return found


async def members_of(client: httpx.AsyncClient, file: Json) -> dict[str, Json]:
    return {member["id"]: member for member in (await read(client, file))["members"]}


parametrised_by_kind = pytest.mark.parametrize("kind", KINDS)
