"""Social workers as registry tells of them, and the rule on how many files each may have."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx
from casefile_samples import Json, version_of

from shared.chassis.actor import Actor
from shared.contracts.registry import ParameterSetV1, PostingEndedV1, PostingGrantedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.centers import repository as centers
from svc_casefile.staff.consumers import remember_posting


async def know_worker(running: Running, person: str, center: str, **fields: Any) -> UUID:
    """Post somebody as registry's event would tell it: a social worker since 2021, unless fields say otherwise."""
    ended = fields.pop("ended", False)
    said = {"posting_id": new_id(), "version": 1, "role": "social-worker", "valid_from": date(2021, 1, 1)} | fields
    fact = PostingEndedV1 if ended else PostingGrantedV1
    event = fact(jurisdiction=Jurisdiction(center), person=person, granted_by="officer", **said)
    async with running.database.command(Actor.system("casefile")) as command:
        await remember_posting(command, event)
    return event.posting_id


async def know_files_per_worker(running: Running, value: int, *, place: str = "IR") -> None:
    event = ParameterSetV1(
        jurisdiction=Jurisdiction(place),
        parameter_id=new_id(),
        name="files-per-worker",
        value=value,
        valid_from=date(2021, 1, 1),
    )
    async with running.database.command(Actor.system("casefile")) as command:
        await centers.keep_parameter(command, event)


async def assigned(client: httpx.AsyncClient, worker: str | None, *files: Json) -> httpx.Response:
    named = [{"id": file["id"], "version": file["version"]} for file in files]
    return await client.post("/v1/case-files:assign", json={"worker": worker, "files": named})


async def now(client: httpx.AsyncClient, file: Json) -> Json:
    """The file as it now is."""
    found: Json = (await client.get(f"/v1/case-files/{file['id']}")).raise_for_status().json()
    return found


async def planned(client: httpx.AsyncClient, center: str, *leaving: str) -> Json:
    answer = await client.post("/v1/assignment-plans", json={"center": center, "leaving": list(leaving)})
    assert answer.status_code == 201, answer.text
    plan: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/assignment-plans/{plan['id']}"
    return plan


async def decided(client: httpx.AsyncClient, plan: Json, verb: str = "apply") -> httpx.Response:
    return await client.post(f"/v1/assignment-plans/{plan['id']}:{verb}", headers=version_of(plan))


async def loads(client: httpx.AsyncClient, **filters: str) -> dict[str, int]:
    page = (await client.get("/v1/workers", params={"limit": "200", **filters})).raise_for_status().json()
    return {each["worker"]: each["files"] for each in page["items"]}
