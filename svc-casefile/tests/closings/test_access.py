"""Who may clear a center that closes, and look at it: role × operation × own place, another's, none."""

from collections.abc import Mapping

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of
from distribution_samples import BIRJAND, know_center, know_rule

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs, Running

CLOSINGS = "/v1/center-closings"
CLEAR: Mapping[str, str] = {"center": CENTER, "reason": "پایان قرارداد"}
PLACES = {Role.HEADQUARTERS: "IR", Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}


@pytest.fixture
async def closing(running: Running, county: httpx.AsyncClient) -> Json:
    """Of CENTER, which is suspended and empty."""
    await know_center(running, CENTER, BIRJAND, version=9, status="suspended")
    await know_rule(running, "maximum", 3)
    answer = await county.post(CLOSINGS, json=CLEAR)
    assert answer.status_code == 201, answer.text
    closing: Json = answer.json()
    return closing


@pytest.mark.parametrize("role", Role)
async def test_each_role_does_what_it_is_granted_and_no_more(closing: Json, client_as: ClientAs, role: Role) -> None:
    client = await client_as(role, PLACES.get(role, CENTER))
    for permission, answer in (
        (Permission.TRANSFER_READ, await client.get(CLOSINGS)),
        (Permission.TRANSFER_READ, await client.get(f"{CLOSINGS}/{closing['id']}")),
        (Permission.TRANSFER_BULK, await client.post(CLOSINGS, json=CLEAR)),
    ):
        if permission in GRANTS[role]:
            assert answer.is_success, (role, answer.text)
        else:
            assert code_of(answer) == (403, "forbidden"), role


async def test_elsewhere_it_does_not_exist(closing: Json, client_as: ClientAs) -> None:
    for stranger in (await client_as("county-officer", "2902"), await client_as("center-manager", NEIGHBOUR)):
        assert (await stranger.get(CLOSINGS)).json()["items"] == []
        assert code_of(await stranger.get(f"{CLOSINGS}/{closing['id']}")) == (404, "not-found")
    other = await client_as("county-officer", "2902")
    assert code_of(await other.post(CLOSINGS, json=CLEAR)) == (403, "scope-forbidden")


async def test_without_a_scope_or_a_token(closing: Json, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    nowhere = await client_as("county-officer", None)
    for client, refusal in ((nowhere, (400, "scope-required")), (anonymous, (401, "unauthorised"))):
        assert code_of(await client.post(CLOSINGS, json=CLEAR)) == refusal
        assert code_of(await client.get(CLOSINGS)) == refusal
        assert code_of(await client.get(f"{CLOSINGS}/{closing['id']}")) == refusal
