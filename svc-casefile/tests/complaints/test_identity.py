"""Who complains is sealed: read from above, with a reason, and never by those who handle it or hold the disk."""

import base64
import json

import httpx
import pytest
from casefile_samples import CENTER, code_of
from complaint_samples import WHO, complained, seen_by, time_passes

from shared.chassis.actor import Actor
from shared.chassis.sealing import SealBroken, Seals
from shared.testing.plugin import ClientAs, Running
from svc_casefile.complaints.service import seal_anew

REASON = {"reason": "برای تماس دربارهٔ پاسخ"}


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


async def test_those_who_handle_it_never_read_who_it_was(
    running: Running, public: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await complained(public)
    (complaint,) = await seen_by(manager)
    assert complaint["identity_sealed"]
    pages = [await manager.get(f"/v1/complaints/{complaint['id']}{path}") for path in ("", "/entries")]
    assert not any(word in page.text for page in pages for word in WHO.values())
    refused = await manager.post(f"/v1/complaints/{complaint['id']}:unseal", json=REASON)
    assert code_of(refused) == (409, "unsealed-from-above")


async def test_a_level_above_unseals_it_and_that_stays_known(
    running: Running, public: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:  # fmt: skip
    await complained(public)
    (complaint,) = await seen_by(county)
    address = f"/v1/complaints/{complaint['id']}"
    assert code_of(await county.post(f"{address}:unseal", json={})) == (422, "invalid-input")
    auditor = await client_as("auditor", "2901")
    assert code_of(await auditor.post(f"{address}:unseal", json=REASON)) == (403, "forbidden")

    unsealed = await county.post(f"{address}:unseal", json=REASON)

    assert unsealed.json() == {"complaint_id": complaint["id"], "identity": WHO}
    entry = (await manager.get(f"{address}/entries")).json()["items"][-1]
    assert (entry["kind"], entry["actor"], entry["note"]) == ("unsealed", "county-officer@2901", REASON["reason"])
    (fact,) = await running.events(type="pl.casefile.complaint.identity-unsealed.v1", count=1)
    assert (str(fact.jurisdiction), fact.data["unsealed_from"], fact.actor) == (CENTER, "2901", "county-officer@2901")
    assert not any(word in fact.to_json().decode() for word in WHO.values())


async def test_headquarters_unseals_what_a_province_handles_and_nobody_what_it_handles_itself(
    public: httpx.AsyncClient, manager: httpx.AsyncClient, client_as: ClientAs
) -> None:
    headquarters = await client_as("headquarters", "IR")
    await complained(public, "province", "29")
    await complained(public, "county", "2901")
    await complained(public, "center", CENTER)
    of_province, of_nation = await seen_by(headquarters)
    assert (of_province["jurisdiction"], of_nation["jurisdiction"]) == ("29", "IR")
    assert (await headquarters.post(f"/v1/complaints/{of_province['id']}:unseal", json=REASON)).is_success
    refused = await headquarters.post(f"/v1/complaints/{of_nation['id']}:unseal", json=REASON)
    assert code_of(refused) == (409, "unsealed-from-above")


async def test_a_report_has_nobody_to_unseal(
    public: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    await complained(public, kind="report", identity=None)
    (complaint,) = await seen_by(county)
    assert not complaint["identity_sealed"]
    assert code_of(await county.post(f"/v1/complaints/{complaint['id']}:unseal", json=REASON)) == (409, "no-identity")


async def test_the_database_holds_nothing_that_can_be_read(
    running: Running, public: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await complained(public)
    await complained(public)
    await time_passes(running)
    async with running.database.query(Actor.system("casefile")) as query:
        rows = await query.fetch("SELECT complaint_id, key_id, sealed FROM complaint_identity ORDER BY complaint_id")
        said = await query.fetchval("SELECT string_agg(complaint::text, '') FROM complaint")
        told = await query.fetchval("SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM outbox")
    first, second = rows
    assert first["sealed"] != second["sealed"]
    assert not any(word in said + told or word.encode() in first["sealed"] for word in WHO.values())

    seals = running.settings.seals  # type: ignore[attr-defined]
    place = f"complaint_identity.sealed.{first['complaint_id']}"
    assert json.loads(seals.open(first["sealed"], key_id=first["key_id"], place=place)) == WHO
    with pytest.raises(SealBroken):  # what is moved to another row does not open there
        seals.open(second["sealed"], key_id=second["key_id"], place=place)
    with pytest.raises(SealBroken):
        seals.open(first["sealed"][:-1] + b"\0", key_id=first["key_id"], place=place)


async def test_a_new_key_seals_anew_what_an_earlier_one_has_sealed(
    running: Running, public: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await complained(public)
    before = json.loads(running.settings.sealing_keys.get_secret_value())  # type: ignore[attr-defined]
    both = Seals.parse(json.dumps(before | {"newer": base64.b64encode(b"n" * 32).decode()}))
    newer = Seals.parse(json.dumps({"newer": base64.b64encode(b"n" * 32).decode()}))
    for expected in (1, 0):
        async with running.database.command(Actor.system("casefile")) as command:
            assert await seal_anew(command, seals=both) == expected
    async with running.database.query(Actor.system("casefile")) as query:
        (row,) = await query.fetch("SELECT * FROM complaint_identity")
    place = f"complaint_identity.sealed.{row['complaint_id']}"
    assert row["key_id"] == "newer"
    assert json.loads(newer.open(row["sealed"], key_id="newer", place=place)) == WHO


@pytest.mark.parametrize("keys", ["", "{}", "[]", '{"a": "short"}', '{"a": "!"}', '{"a": 1}'])
def test_keys_that_are_none(keys: str) -> None:
    with pytest.raises(ValueError, match=r"key|JSON|Expecting"):
        Seals.parse(keys)
