"""Decisions of the commission to issue licences on, and licences."""

from datetime import date
from typing import Any

import httpx

from shared.chassis.actor import Actor
from shared.kit.ids import new_id
from shared.testing.plugin import Running

LICENCES, VERIFICATIONS = "/v1/licences", "/v1/licence-verifications"
PROVINCE, COUNTY, CENTER, NEIGHBOUR, OTHER_PROVINCE = "29", "2901", "2901003", "2901001", "0904001"
HOLDER, INSTITUTION_ID = "مؤسسهٔ مثبت زندگی", "10380284790"

Json = dict[str, Any]


async def founder(running: Running, *, at: str = CENTER) -> str:
    """An institution with a manager; its id."""
    founder_id = str(new_id())
    async with running.database.command(Actor.system("licensing")) as command:
        await command.connection.execute(
            "INSERT INTO institution (id, jurisdiction, version, kind, name, registered_at, registered_by)"
            " VALUES ($1, $2, 1, 'natural', $3, now(), 'test')",
            founder_id,
            at,
            HOLDER,
        )
        await command.connection.execute(
            "INSERT INTO institution_person (id, institution_id, jurisdiction, role, identity_type, identity_value,"
            " given_name, family_name, qualifications, added_at)"
            " VALUES (gen_random_uuid(), $1, $2, 'technical-manager', 'national', '0499370899', 'زهرا', 'احمدی', '[]',"
            " now())",
            founder_id,
            at,
        )
    return founder_id


async def decided(
    running: Running,
    founder_id: str,
    *,
    at: str = CENTER,
    kind: str = "agreement-in-principle",
    act: str = "issue",
    clause: int = 4,
    center: str | None = CENTER,
    status: str = "approved",
    on: date = date(2026, 11, 22),
    **columns: Any,
) -> str:
    """An application that the commission has decided; its id."""
    application_id = str(new_id())
    row = {
        "id": application_id,
        "jurisdiction": at,
        "version": 1,
        "number": application_id,
        "licence_kind": kind,
        "act": act,
        "clause": clause,
        "founder_id": founder_id,
        "institution_id": INSTITUTION_ID,
        "holder_name": HOLDER,
        "center": center,
        "address": "بیرجند، خیابان مدرس",
        "activity_scope": "خدمات سطح یک",
        "rules_on": on,
        "status": status,
        "round": 1,
        "conditions": '["دست‌کم یک مددکار برای هر 200 پرونده"]',
        "decision": "approved",
        "decided_on": on,
        "registered_by": "test",
        **columns,
    }
    names = ", ".join(row)
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    async with running.database.command(Actor.system("licensing")) as command:
        await command.connection.execute(
            f"INSERT INTO application ({names}, manager_id, status_since, registered_at) SELECT {places},"
            f" (SELECT id FROM institution_person WHERE institution_id = '{founder_id}'), now(), now()",
            *row.values(),
        )
    return application_id


async def sign_off(running: Running, licence: str, code: str, **figures: int) -> None:
    """Let somebody vouch for what nothing published confirms."""
    async with running.database.command(Actor.system("licensing")) as command:
        await command.connection.execute(
            "UPDATE requirement SET standing = 'signed-off', signed_off_by = 'test', figures = to_jsonb($3::json)"
            " WHERE licence = $1 AND code = $2 AND standing = 'proposed'",
            licence,
            code,
            str(figures).replace("'", '"'),
        )


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def send(client: httpx.AsyncClient, licence: Json, step: str, **body: Any) -> httpx.Response:
    headers = {"If-Match": f'"{licence["version"]}"'}
    return await client.post(f"{LICENCES}/{licence['id']}:{step}", json=body, headers=headers)


async def take(client: httpx.AsyncClient, licence: Json, step: str, **body: Any) -> Json:
    answer = await send(client, licence, step, **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def issued(client: httpx.AsyncClient, application_id: str, **body: Any) -> Json:
    answer = await client.post(LICENCES, json={"application_id": application_id, **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def read(client: httpx.AsyncClient, licence: Json) -> Json:
    return dict((await client.get(f"{LICENCES}/{licence['id']}")).raise_for_status().json())
