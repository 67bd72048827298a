"""Whose a clinic is, and who may write it; that every role may read is tested with the referrals."""

import httpx
import pytest
from referral_samples import clinic_of, referred, send
from screening_samples import Json, code_of, version_of

from shared.testing.plugin import ClientAs

CLINICS = "/v1/referral-clinics"


@pytest.fixture
async def referral(screener: httpx.AsyncClient, base: Json) -> Json:
    return await referred(screener, base)


async def test_a_clinic_belongs_to_a_place(
    county: httpx.AsyncClient, screener: httpx.AsyncClient, client_as: ClientAs, referral: Json
) -> None:
    clinic = await clinic_of(county, client="clinic-1")
    assert (clinic["jurisdiction"], clinic["reports"]) == ("2901", True)
    assert "clinic-1" not in (await screener.get(f"{CLINICS}/{clinic['id']}")).text
    elsewhere = {"kind": "optometrist", "name_fa": "مهر", "jurisdiction": "2902"}
    assert code_of(await county.post(CLINICS, json=elsewhere)) == (403, "scope-forbidden")
    other = await client_as("county-officer", "2902")
    out = {"active": False}
    answer = await other.patch(f"{CLINICS}/{clinic['id']}", json=out, headers=version_of(clinic))
    assert code_of(answer) == (404, "not-found")
    answer = await county.patch(f"{CLINICS}/{clinic['id']}", json=out, headers=version_of(clinic))
    assert answer.json()["active"] is False
    again = await county.patch(f"{CLINICS}/{clinic['id']}", json=out, headers=version_of(clinic))
    assert code_of(again) == (412, "precondition-failed")
    assert code_of(await send(screener, referral, "appoint", clinic_id=clinic["id"])) == (422, "clinic-unknown")
