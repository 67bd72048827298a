"""Who may import, and who sees what became of it: role × operation × own place, another's, none."""

import httpx
from casefile_samples import code_of, household
from import_samples import finished, ndjson, sent, taken_in

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: "2901003"}
WHERE = [(role, PLACES[level]) for role in Role for level in sorted(LEVELS[role])]


async def test_only_roles_that_may_import_do(centers: None, client_as: ClientAs) -> None:
    for role, place in WHERE:
        answer = await sent(await client_as(role, place), ndjson(household(jurisdiction="2901")))

        if Permission.CASE_FILE_IMPORT in GRANTS[role]:
            assert answer.status_code == 202, role
        else:
            assert code_of(answer) == (403, "forbidden"), role


async def test_an_import_is_seen_where_it_was_sent_from_and_above(
    province: httpx.AsyncClient, client_as: ClientAs
) -> None:
    job = await taken_in(province, household(jurisdiction="2901"), b"{")
    for role, place in WHERE:
        client = await client_as(role, place)
        one, errors, listed = [
            await client.get(address)
            for address in (f"/v1/imports/{job['id']}", f"/v1/imports/{job['id']}/errors", "/v1/imports")
        ]

        if Permission.IMPORT_READ not in GRANTS[role]:
            assert {code_of(answer) for answer in (one, errors, listed)} == {(403, "forbidden")}, role
        elif place in {"IR", "29"}:
            assert one.json() == job, role
            assert [item["id"] for item in listed.json()["items"]] == [job["id"]], role
            assert len(errors.json()["items"]) == 1, role
        else:
            assert code_of(one) == code_of(errors) == (404, "not-found"), (role, place)
            assert listed.json()["items"] == [], (role, place)


async def test_another_province_does_not_see_it(province: httpx.AsyncClient, client_as: ClientAs) -> None:
    job = await taken_in(province, household(jurisdiction="2901"))
    other = await client_as("province-officer", "30")

    unknown = "01a2008d-7400-7000-8000-000000000000"
    theirs, nobodys = await other.get(f"/v1/imports/{job['id']}"), await other.get(f"/v1/imports/{unknown}")

    assert code_of(theirs) == code_of(nobodys) == (404, "not-found")
    assert theirs.json()["title"] == nobodys.json()["title"]
    assert (await other.get("/v1/imports")).json()["items"] == []


async def test_a_line_lands_only_inside_the_scope_it_was_sent_in(
    province: httpx.AsyncClient, client_as: ClientAs
) -> None:
    other = await client_as("province-officer", "30")

    job = await finished(other, await sent(other, ndjson(household(jurisdiction="2901"))))

    assert (job["landed"], job["refused"]) == (0, 1)
    assert (await province.get("/v1/case-files")).json()["items"] == []


async def test_nobody_imports_without_a_token_or_a_scope(
    anonymous: httpx.AsyncClient, centers: None, client_as: ClientAs
) -> None:
    nowhere = await client_as("province-officer", None)

    assert code_of(await sent(anonymous, b"")) == (401, "unauthorised")
    assert code_of(await anonymous.get("/v1/imports")) == (401, "unauthorised")
    assert code_of(await sent(nowhere, b"")) == (400, "scope-required")
    assert code_of(await nowhere.get("/v1/imports")) == (400, "scope-required")
