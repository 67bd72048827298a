"""Scoping failure 13: emergency reading that is lost in a refactor, or offered to the wrong person.

Asked of the running service with callers who have every role, so that only the rules of the emergency can hold
against them; `svc-casefile/tests/break_glass` has the rest.
"""

from typing import Any

import httpx
import pytest

from shared.chassis.actor import Actor
from shared.testing.plugin import Running
from tests.samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, Json, household, sent, version_of

from .conftest import CallerAt

REASON = "کودک بی‌هوش در درمانگاه شهر"


@pytest.fixture
async def file(casefile: Running, caller_at: CallerAt) -> Json:
    return await sent(await caller_at(casefile, CENTER), "POST", "/v1/case-files", json=household())


async def _broken(client: httpx.AsyncClient, file: Json, **changed: Any) -> httpx.Response:
    proof = {"identity": file["members"][1]["identity"], "number": file["number"], "reason": REASON}
    return await client.post("/v1/case-files:break-glass", json=proof | changed)


async def test_13_a_reason_and_a_proof_are_needed(casefile: Running, caller_at: CallerAt, file: Json) -> None:
    stranger = await caller_at(casefile, OTHER_PROVINCE)
    assert (await _broken(stranger, file, reason="")).status_code == 422
    assert (await _broken(stranger, file, number=None)).status_code == 422
    assert (await _broken(stranger, file, number="99999999")).status_code == 404
    assert (await stranger.get(f"/v1/case-files/{file['id']}")).status_code == 404
    assert (await _broken(stranger, file)).status_code == 201
    assert (await stranger.get(f"/v1/case-files/{file['id']}")).status_code == 200


async def test_13_it_ends(casefile: Running, caller_at: CallerAt, file: Json) -> None:
    stranger, owner = await caller_at(casefile, OTHER_PROVINCE), await caller_at(casefile, CENTER)
    for end in ("expiry", "revoked"):
        glass = (await _broken(stranger, file)).json()
        assert (await stranger.get(f"/v1/case-files/{file['id']}")).status_code == 200
        if end == "revoked":
            await sent(owner, "POST", f"/v1/break-glass/{glass['id']}:revoke", headers=version_of(glass))
        else:
            async with casefile.database.command(Actor.system("casefile")) as command:
                await command.connection.execute(
                    "UPDATE break_glass SET opened_at = opened_at - interval '3 hours', expires_at = now()"
                )
        assert (await stranger.get(f"/v1/case-files/{file['id']}")).status_code == 404, end


async def test_13_it_is_for_one_person_one_place_one_file_and_reading(
    casefile: Running, caller_at: CallerAt, file: Json
) -> None:
    stranger, owner = await caller_at(casefile, OTHER_PROVINCE), await caller_at(casefile, CENTER)
    other = await sent(owner, "POST", "/v1/case-files", json=household())
    await _broken(stranger, file)
    assert (await stranger.get(f"/v1/case-files/{other['id']}")).status_code == 404
    for place in (NEIGHBOUR, OTHER_PROVINCE[:4], OTHER_PROVINCE[:2]):
        client = await caller_at(casefile, place)
        assert (await client.get(f"/v1/case-files/{file['id']}")).status_code == 404, place
    assert (await sent(stranger, "GET", "/v1/case-files"))["items"] == []
    assert (await sent(stranger, "GET", "/v1/case-files:summary"))["files"] == 0
    assert (await stranger.get("/v1/case-files:export")).content == b""
    changed = await stranger.patch(f"/v1/case-files/{file['id']}", json={"decile": 1}, headers=version_of(file))
    assert changed.status_code == 404
    assert await sent(owner, "GET", f"/v1/case-files/{file['id']}") == file


async def test_13_its_own_center_is_told(casefile: Running, caller_at: CallerAt, file: Json) -> None:
    stranger, owner = await caller_at(casefile, OTHER_PROVINCE), await caller_at(casefile, CENTER)
    glass = (await _broken(stranger, file)).json()
    (event,) = await casefile.events(type="pl.casefile.case-file.glass-broken.v1", count=1)
    assert (event.data["break_glass_id"], str(event.data["jurisdiction"])) == (glass["id"], CENTER)
    assert [each["reason"] for each in (await sent(owner, "GET", "/v1/break-glass"))["items"]] == [REASON]
