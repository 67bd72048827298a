"""Households to open files for, and short words for what their answers say."""

from itertools import count
from typing import Any

import httpx

CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE = "2901003", "2901001", "2902001", "3001001"
SUSPENDED_CENTER = "2901009"

Json = dict[str, Any]

_serial = count(1)


def national_id(number: int) -> str:
    """A valid national id; different for different numbers."""
    digits = f"{100_000_000 + number % 800_000_000:09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)


def person(relation: str = "child", **fields: Any) -> Json:
    """Somebody with an identity that nobody else has."""
    said: Json = {
        "relation": relation,
        "identity": {"type": "national", "value": national_id(next(_serial))},
        "given_name": "مریم",
        "family_name": "احمدی",
        "birth_date": "1990-05-01",
        "sex": "female",
    }
    return said | fields


def household(*members: Json, **fields: Any) -> Json:
    """The body with which a file is opened: a head alone, unless members are given."""
    return {"members": list(members) or [person("head")], **fields}


async def opened(client: httpx.AsyncClient, *members: Json, **fields: Any) -> Json:
    """A file opened by `client`, as it was answered."""
    answer = await client.post("/v1/case-files", json=household(*members, **fields))
    assert answer.status_code == 201, answer.text
    file: Json = answer.json()
    return file


def version_of(resource: Json) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in answer.json().get("errors", [])]
