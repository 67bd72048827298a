"""Who may know what was screened, and of where."""

import httpx
from referral_samples import referred
from screening_samples import CENTER, NEIGHBOUR, Json, code_of

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs

COVERAGE = "/v1/screening-coverage"


async def test_who_may_know_and_of_where(screener: httpx.AsyncClient, base: Json, client_as: ClientAs) -> None:
    await referred(screener, base)
    scopes = {Role.HEADQUARTERS: "IR", Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}
    for role in Role:
        client = await client_as(role, scopes.get(role, CENTER))
        for address in (COVERAGE, f"{COVERAGE}:csv"):
            answer = await client.get(address, params={"programme": "vision"})
            assert answer.status_code == (200 if Permission.COVERAGE_READ in GRANTS[role] else 403), (role, address)
    stranger = await client_as("center-manager", NEIGHBOUR)
    assert (await stranger.get(COVERAGE, params={"programme": "vision"})).json()["items"] == []
    elsewhere = await stranger.get(COVERAGE, params={"programme": "vision", "jurisdiction": CENTER})
    assert code_of(elsewhere) == (403, "scope-forbidden")
    assert (await stranger.get(COVERAGE, params={"programme": "unknown"})).status_code == 422
    assert (await stranger.get(COVERAGE, params={"programme": "genetics"})).status_code in {409, 422}
