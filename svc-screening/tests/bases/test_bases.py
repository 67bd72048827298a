"""Bases of a center, permanent or for a campaign, and their devices."""

from datetime import timedelta

import httpx
from screening_samples import CENTER, NEIGHBOUR, Json, base_at, code_of, pointers, version_of

from shared.kit.calendar import today
from shared.kit.ids import new_id

BASES = "/v1/screening-bases"


async def campaign_of(client: httpx.AsyncClient, programme: str = "vision") -> Json:
    body = {
        "programme": programme,
        "name_fa": "پویش",
        "born_from": "1398/07/01",
        "born_to": "1401/12/29",
        "opens_on": str(today()),
        "closes_on": str(today() + timedelta(days=30)),
    }
    answer = await client.post("/v1/screening-campaigns", json=body)
    found: Json = answer.json()
    return found


async def test_a_base_is_set_up_changed_and_found(manager: httpx.AsyncClient, county: httpx.AsyncClient) -> None:
    fixed = await base_at(manager)
    campaign = await campaign_of(county)
    mobile = await base_at(county, center=CENTER, kind="mobile", programmes=["vision"], campaign_id=campaign["id"])
    assert (fixed["center"], mobile["center"]) == (CENTER, CENTER)
    assert (await manager.get(f"{BASES}/{fixed['id']}")).json() == fixed
    for asked, expected in (
        ({}, {fixed["id"], mobile["id"]}),
        ({"kind": "mobile"}, {mobile["id"]}),
        ({"programme": "autism"}, {fixed["id"]}),
        ({"campaign_id": campaign["id"]}, {mobile["id"]}),
        ({"on": "2021-01-01"}, set()),
    ):
        items = (await manager.get(BASES, params=asked)).json()["items"]
        assert {each["id"] for each in items} == expected, asked
    changed = await manager.patch(
        f"{BASES}/{fixed['id']}", json={"closes_on": str(today()), "programmes": ["vision"]}, headers=version_of(fixed)
    )
    assert (changed.json()["version"], changed.json()["programmes"]) == (2, ["vision"])
    stale = await manager.patch(f"{BASES}/{fixed['id']}", json={"name_fa": "نام"}, headers=version_of(fixed))
    assert code_of(stale) == (412, "precondition-failed")


async def test_a_device_is_one_that_the_programmes_of_the_base_know(manager: httpx.AsyncClient, base: Json) -> None:
    devices = f"{BASES}/{base['id']}/devices"
    body = {"instrument": "photoscreener", "model": "S12", "serial_number": "88-A", "calibrated_until": "2027-01-01"}
    device = (await manager.post(devices, json=body)).json()
    assert code_of(await manager.post(devices, json=body)) == (409, "serial-number-taken")
    unknown = await manager.post(devices, json=body | {"instrument": "mri"})
    assert (code_of(unknown), pointers(unknown)) == ((422, "instrument-unknown"), ["/instrument"])
    changed = await manager.patch(
        f"{devices}/{device['id']}", json={"withdrawn_on": str(today())}, headers=version_of(device)
    )
    assert (changed.json()["withdrawn_on"], changed.json()["version"]) == (str(today()), 2)
    assert (await manager.get(f"{BASES}/{base['id']}")).json()["devices"] == [changed.json()]


async def test_bad_input(manager: httpx.AsyncClient, county: httpx.AsyncClient) -> None:
    good = {"name_fa": "پایگاه", "kind": "fixed", "programmes": ["vision"], "opens_on": "2026-01-01"}
    autism = await campaign_of(county, "autism")
    for change, code, pointer in (
        ({"programmes": ["vision", "teeth"]}, (422, "programme-unknown"), "/programmes/1"),
        ({"programmes": []}, (422, "invalid-input"), "/programmes"),
        ({"kind": "floating"}, (422, "invalid-input"), "/kind"),
        ({"latitude": 32.8}, (422, "invalid-input"), ""),
        ({"closes_on": "2025-01-01"}, (422, "invalid-input"), ""),
        ({"campaign_id": str(new_id())}, (422, "campaign-elsewhere"), "/campaign_id"),
        ({"campaign_id": autism["id"]}, (422, "campaign-elsewhere"), "/campaign_id"),
        ({"jurisdiction": CENTER}, (422, "invalid-input"), "/jurisdiction"),
    ):
        answer = await manager.post(BASES, json=good | change)
        assert (code_of(answer), pointers(answer)) == (code, [pointer]), change
    assert code_of(await manager.post(BASES, json=good | {"center": NEIGHBOUR})) == (403, "scope-forbidden")
    for center in ("2901", "2901077"):
        assert code_of(await county.post(BASES, json=good | {"center": center})) == (422, "center-not-open")
