"""Couples who ask about their risk."""

import httpx
from screening_samples import Json, national_id

CASES = "/v1/genetic-cases"


def couple(*, yes: int = 4, **said: object) -> Json:
    person = {"given_name": "مریم", "family_name": "رستگار", "identity": {"type": "national", "value": national_id()}}
    body = {"occasion": "marriage", "persons": [person], "pedigree": "عموزاده‌اند"}
    return body | {"answers": ["yes"] * yes + ["no"] * 3} | said


async def opened(client: httpx.AsyncClient, body: Json, **headers: str) -> Json:
    answer = await client.post(CASES, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return await read(client, answer.json())


async def read(client: httpx.AsyncClient, case: Json) -> Json:
    """All of a case, as those see it who may."""
    answer = await client.get(f"{CASES}/{case['id']}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
