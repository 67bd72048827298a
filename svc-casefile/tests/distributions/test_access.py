"""Who may plan, decide and look: role × operation × own place, another's, none."""

import httpx
import pytest
from casefile_samples import Json, code_of
from distribution_samples import (
    BIRJAND,
    OPENING_DAY,
    decided,
    know_center,
    know_rule,
    planned,
    wait_for_a_center,
    waiting,
)

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: "2901001"}
WHERE = [(role, PLACES[level]) for role in Role for level in sorted(LEVELS[role])]
NOBODYS = {"id": "01a2008d-7400-7000-8000-000000000000", "version": 1}


@pytest.fixture
async def officer(running: Running, client_as: ClientAs) -> httpx.AsyncClient:
    await know_center(running, "2901001", BIRJAND)
    await know_rule(running, "maximum", 3)
    officer = await client_as("province-officer", "29")
    await wait_for_a_center(officer, waiting())
    return officer


def reads(plan: Json) -> list[str]:
    address = f"/v1/distributions/{plan['id']}"
    return [address, f"{address}/centers", f"{address}/placements"]


async def test_each_role_does_what_it_is_granted_and_no_more(officer: httpx.AsyncClient, client_as: ClientAs) -> None:
    for role, place in WHERE:
        client = await client_as(role, place)
        plan = await planned(officer, "2901")
        attempts = {
            Permission.DISTRIBUTION_PLAN: await client.post(
                "/v1/distributions", json={"jurisdiction": "2901", "on": OPENING_DAY}
            ),
            Permission.DISTRIBUTION_READ: await client.get("/v1/distributions"),
            Permission.DISTRIBUTION_APPLY: await decided(client, plan, "drop"),
        }
        for permission, answer in attempts.items():
            if permission not in GRANTS[role]:
                assert code_of(answer) == (403, "forbidden"), (role, permission)
            elif place == "2901001" and permission == Permission.DISTRIBUTION_READ:
                assert answer.json()["items"] == [], role
            elif place == "2901001":
                assert code_of(answer)[1] in {"scope-forbidden", "not-found"}, (role, permission)
            else:
                assert answer.is_success, (role, place, permission, answer.text)


async def test_a_plan_is_seen_where_it_was_made_and_above(officer: httpx.AsyncClient, client_as: ClientAs) -> None:
    of_province, of_county = await planned(officer, "29"), await planned(officer, "2901")
    for role, place in WHERE:
        if Permission.DISTRIBUTION_READ not in GRANTS[role]:
            continue
        client = await client_as(role, place)
        expected = {"IR": [of_county, of_province], "29": [of_county, of_province], "2901": [of_county]}.get(place, [])
        assert (await client.get("/v1/distributions")).json()["items"] == expected, (role, place)
        for plan in (of_province, of_county):
            for address in reads(plan):
                answer = await client.get(address)
                if plan in expected:
                    assert answer.status_code == 200, (role, place, address)
                else:
                    assert code_of(answer) == (404, "not-found"), (role, place, address)


@pytest.mark.parametrize(
    ("role", "place"), [("province-officer", "30"), ("county-officer", "2902"), ("county-officer", "3001")]
)
async def test_elsewhere_a_plan_does_not_exist(
    officer: httpx.AsyncClient, client_as: ClientAs, role: str, place: str
) -> None:
    client, plan = await client_as(role, place), await planned(officer, "2901")

    for theirs, nobodys in zip(reads(plan), reads(NOBODYS), strict=True):
        answers = [await client.get(theirs), await client.get(nobodys)]
        assert [code_of(answer) for answer in answers] == [(404, "not-found")] * 2
    for verb in ("apply", "drop"):
        assert code_of(await decided(client, plan, verb)) == (404, "not-found")
    assert (await client.get("/v1/distributions")).json()["items"] == []
    assert (await officer.get(f"/v1/distributions/{plan['id']}")).json()["status"] == "planned"


async def test_a_county_officer_does_not_decide_on_the_plan_of_the_province(
    officer: httpx.AsyncClient, client_as: ClientAs
) -> None:
    county, plan = await client_as("county-officer", "2901"), await planned(officer, "29")

    assert code_of(await decided(county, plan)) == (404, "not-found")
    assert code_of(await county.post("/v1/distributions", json={"jurisdiction": "29", "on": OPENING_DAY})) == (
        403,
        "scope-forbidden",
    )


async def test_nobody_plans_without_a_token_or_a_scope(
    officer: httpx.AsyncClient, anonymous: httpx.AsyncClient, client_as: ClientAs
) -> None:
    nowhere, body = await client_as("province-officer", None), {"jurisdiction": "2901", "on": OPENING_DAY}

    assert code_of(await anonymous.post("/v1/distributions", json=body)) == (401, "unauthorised")
    assert code_of(await nowhere.post("/v1/distributions", json=body)) == (400, "scope-required")
    assert code_of(await nowhere.get("/v1/distributions")) == (400, "scope-required")
