"""Who may do what with whose referrals."""

from collections.abc import Mapping

import httpx
import pytest
from referral_samples import OF_CLINICS, REFERRALS, clinic_of, read, referred, send, step
from screening_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, Json, code_of

from shared.chassis.service import Service
from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.kit.ids import new_id
from shared.testing.plugin import ClientAs

CLINICS, LOOPS = "/v1/referral-clinics", "/v1/referral-loops"
SCOPES = {
    Role.HEADQUARTERS: "IR",
    Role.PROVINCE_OFFICER: "29",
    Role.COUNTY_OFFICER: "2901",
    Role.INTEGRATION_CLIENT: "29",
}
STEPS: Mapping[str, Json] = {
    "remind": {"by": "visit"},
    "appoint": {},
    "miss": {},
    "attend": {},
    "diagnose": {"diagnosis": "amblyopia"},
    "treat": {"treatment": "patching"},
    "claim-aid": {"aid": "glasses", "invoice_number": "7", "invoice_rials": 7},
    "follow-up": {"progress": "better"},
    "lose": {"reason": "declined"},
    "close": {"reason": "recovered"},
}
OF_A_CLINIC = ("miss", "diagnose", "treat", "claim-aid", "follow-up")


@pytest.fixture
async def referral(screener: httpx.AsyncClient, base: Json) -> Json:
    return await referred(screener, base)


def test_every_operation_has_its_line_here(service: Service) -> None:
    declared = {
        (method.upper(), path)
        for path, operations in service.app.openapi()["paths"].items()
        for method in operations
        if "referral" in path
    }
    one = "/{referral_id}"
    assert declared == {
        *(("GET", path) for path in (REFERRALS, REFERRALS + one, OF_CLINICS, OF_CLINICS + one, LOOPS)),
        *(("POST", f"{REFERRALS}{one}:{name}") for name in STEPS),
        *(("POST", f"{OF_CLINICS}{one}:{name}") for name in OF_A_CLINIC),
        ("POST", f"{OF_CLINICS}:attend"),
        *((method, CLINICS) for method in ("GET", "POST")),
        *((method, CLINICS + "/{clinic_id}") for method in ("GET", "PATCH")),
    }


async def test_roles(referral: Json, client_as: ClientAs, screener: httpx.AsyncClient) -> None:
    for role in Role:
        client = await client_as(role, SCOPES.get(role, CENTER))
        granted = GRANTS[role]
        for address in (REFERRALS, f"{REFERRALS}/{referral['id']}"):
            status = (await client.get(address)).status_code
            assert status == (200 if Permission.SCREENING_READ in granted else 403), (role, address)
        assert (await client.get(LOOPS)).status_code == (200 if Permission.COVERAGE_READ in granted else 403), role
        assert (await client.get(CLINICS)).status_code == 200, role
        if Permission.REFERRAL_WRITE not in granted:
            for name, body in STEPS.items():
                assert code_of(await send(client, referral, name, **body)) == (403, "forbidden"), (role, name)
        if Permission.REFERRAL_REPORT not in granted:
            assert code_of(await client.get(OF_CLINICS)) == (403, "forbidden"), role
            attended = await client.post(f"{OF_CLINICS}:attend", json={"token": referral["token"]})
            assert code_of(attended) == (403, "forbidden"), role
            for name in OF_A_CLINIC:
                answer = await send(client, referral, name, at=OF_CLINICS, **STEPS[name])
                assert code_of(answer) == (403, "forbidden"), (role, name)
        if Permission.CLINIC_WRITE not in granted:
            answer = await client.post(CLINICS, json={"kind": "optometrist", "name_fa": "مهر"})
            assert code_of(answer) == (403, "forbidden"), role
    assert await read(screener, referral) == referral


async def test_who_may_write_takes_every_step(screener: httpx.AsyncClient, base: Json, client_as: ClientAs) -> None:
    ways = (
        ("remind", "appoint", "miss", "attend", "diagnose", "treat", "claim-aid", "follow-up", "close"),
        ("lose",),
    )
    assert {name for way in ways for name in way} == set(STEPS)
    for role in (role for role in Role if Permission.REFERRAL_WRITE in GRANTS[role]):
        client = await client_as(role, SCOPES.get(role, CENTER))
        for way in ways:
            referral = await referred(screener, base)
            for name in way:
                referral = await step(client, referral, name, **STEPS[name])


@pytest.mark.parametrize("scope", [NEIGHBOUR, OTHER_PROVINCE])
async def test_outside_the_scope_there_is_no_referral(referral: Json, client_as: ClientAs, scope: str) -> None:
    client = await client_as("center-manager", scope)
    assert (await client.get(REFERRALS)).json()["items"] == []
    for wanted in (referral["id"], new_id()):
        assert code_of(await client.get(f"{REFERRALS}/{wanted}")) == (404, "not-found")
    for name, body in STEPS.items():
        assert code_of(await send(client, referral, name, **body)) == (404, "not-found"), name
    for address in (REFERRALS, LOOPS):
        assert code_of(await client.get(address, params={"jurisdiction": CENTER})) == (403, "scope-forbidden")


async def test_a_client_sees_the_referrals_of_its_own_clinics_alone(
    referral: Json, screener: httpx.AsyncClient, county: httpx.AsyncClient, client_as: ClientAs, base: Json
) -> None:
    clinic = await clinic_of(county, client="clinic-1")
    await clinic_of(county, client="clinic-2")
    await clinic_of(county, client="clinic-2", kind="audiology")
    one, two, nobody = [
        await client_as("integration-client", "29", subject=subject) for subject in ("clinic-1", "clinic-2", "none")
    ]
    far = await client_as("integration-client", "30", subject="clinic-1")
    sent = await step(screener, referral, "appoint", clinic_id=clinic["id"])
    await referred(screener, base)
    (seen,) = (await one.get(OF_CLINICS)).json()["items"]
    assert seen["id"] == referral["id"]
    assert (await one.get(f"{OF_CLINICS}/{referral['id']}")).json() == seen
    for client in (two, nobody, far):
        assert (await client.get(OF_CLINICS)).json()["items"] == []
        assert code_of(await client.get(f"{OF_CLINICS}/{referral['id']}")) == (404, "not-found")
        for name in OF_A_CLINIC:
            answer = await send(client, sent, name, at=OF_CLINICS, **STEPS[name])
            assert code_of(answer) == (404, "not-found"), name
    slip = {"token": referral["token"]}
    assert code_of(await far.post(f"{OF_CLINICS}:attend", json=slip)) == (404, "referral-token-unknown")
    assert code_of(await nobody.post(f"{OF_CLINICS}:attend", json=slip)) == (422, "clinic-unknown")
    wrong = {"token": "0000-0000-0000"}
    assert code_of(await one.post(f"{OF_CLINICS}:attend", json=wrong)) == (404, "referral-token-unknown")
    # a family goes where it likes: whoever is shown the slip has the referral
    assert (await two.post(f"{OF_CLINICS}:attend", json=slip)).json()["status"] == "attended"
    assert (await one.get(OF_CLINICS)).json()["items"] == []
