"""Who may do what with whose: role × operation × own place, another's, none."""

from typing import Any

import httpx
import pytest
from screening_samples import (
    CENTER,
    NEIGHBOUR,
    OTHER_PROVINCE,
    Json,
    code_of,
    encounter,
    eyes,
    file,
    know_people,
    made,
    member,
    recorded,
)

from shared.chassis.service import Service
from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: CENTER}
Request = tuple[Permission, str, str, Any]

PROGRAMME = "/v1/screening-programmes/vision"
PROTOCOL = PROGRAMME + "/protocols/1"
CAMPAIGN = "/v1/screening-campaigns/{campaign}"
BASE = "/v1/screening-bases/{base}"
PERMIT = "/v1/screener-permits/{permit}"
PERSON = "/v1/screening-people/{person}"
ENCOUNTER = "/v1/screening-encounters/{encounter}"
QUALITY = "?programme=vision&made_from=2026-01-01&made_to=2026-12-31"

PUBLIC: list[Request] = [
    (Permission.PROGRAMME_READ, "GET", "/v1/screening-programmes", None),
    (Permission.PROGRAMME_READ, "GET", PROGRAMME, None),
    (Permission.PROGRAMME_READ, "GET", PROGRAMME + "/protocols", None),
    (Permission.PROGRAMME_READ, "GET", PROTOCOL, None),
    (Permission.PROGRAMME_READ, "GET", "/v1/screening-campaigns", None),
    (Permission.PROGRAMME_READ, "GET", CAMPAIGN, None),
]
NATIONAL: list[Request] = [
    (Permission.PROGRAMME_WRITE, "POST", PROGRAMME + "/protocols", {}),
    (Permission.PROGRAMME_SIGN_OFF, "POST", PROTOCOL + ":sign-off", None),
    (Permission.PROGRAMME_WRITE, "PUT", PROTOCOL + "/rules/repeat-test-within", {"figures": {}, "source": "x"}),
    (Permission.PROGRAMME_SIGN_OFF, "POST", PROTOCOL + "/rules/repeat-test-within:sign-off", None),
]
READS: list[Request] = [
    (Permission.SCREENING_READ, "GET", BASE, None),
    (Permission.SCREENING_READ, "GET", BASE + "/due-list?programme=vision", None),
    (Permission.SCREENING_READ, "GET", PERMIT, None),
    (Permission.SCREENING_READ, "GET", PERSON, None),
    (Permission.SCREENING_READ, "GET", ENCOUNTER, None),
]
LISTS: list[Request] = [
    (Permission.SCREENING_READ, "GET", "/v1/screening-bases", None),
    (Permission.SCREENING_READ, "GET", "/v1/screener-permits", None),
    (Permission.SCREENING_READ, "GET", "/v1/screener-quality" + QUALITY, None),
    (Permission.SCREENING_READ, "GET", "/v1/screening-encounters", None),
    (Permission.SCREENING_READ, "GET", "/v1/screening-due-list?programme=vision", None),
    (Permission.SCREENING_READ, "GET", "/v1/screening-due-list:summary?programme=vision", None),
    (Permission.SCREENING_READ, "POST", "/v1/screening-people:search", {"case_file_number": "{number}"}),
]
WRITES: list[Request] = [
    (Permission.BASE_WRITE, "PATCH", BASE, {"name_fa": "پایگاه"}),
    (Permission.BASE_WRITE, "POST", BASE + "/devices", {"instrument": "e-chart", "serial_number": "{serial}"}),
    (Permission.BASE_WRITE, "PATCH", BASE + "/devices/{device}", {"calibrated_until": "2027-01-01"}),
    (Permission.SCREENER_PERMIT, "POST", PERMIT + ":revoke", {"reason": "پایان همکاری"}),
    (Permission.SCREENING_WRITE, "PATCH", PERSON, {"given_name": "سارا"}),
    (Permission.SCREENING_WRITE, "POST", PERSON + ":match", {"same_as": "{nobody}"}),
    (
        Permission.SCREENING_WRITE,
        "POST",
        ENCOUNTER + ":correct",
        {
            "id": "{fresh}",
            "stage": "first",
            "instrument": "e-chart",
            "made_at": "{made_at}",
            "result": eyes(),
            "reason": "x",
        },
    ),
]
ADDS: list[Request] = [
    (
        Permission.CAMPAIGN_WRITE,
        "POST",
        "/v1/screening-campaigns",
        {
            "programme": "vision",
            "name_fa": "پویش",
            "born_from": "1398/07/01",
            "born_to": "1401/12/29",
            "opens_on": "1405/07/01",
            "closes_on": "1499/09/30",
        },
    ),
    (
        Permission.BASE_WRITE,
        "POST",
        "/v1/screening-bases",
        {"name_fa": "پایگاه", "kind": "mobile", "programmes": ["vision"], "opens_on": "2026-01-01", "center": CENTER},
    ),
    (
        Permission.SCREENER_PERMIT,
        "POST",
        "/v1/screener-permits",
        {
            "person": f"screener@{CENTER}",
            "center": CENTER,
            "programme": "vision",
            "certificate": "12",
            "valid_from": "2026-01-01",
            "valid_to": "2027-01-01",
        },
    ),
    (Permission.SCREENING_WRITE, "POST", "/v1/screening-people", {"birth_date": "2021-01-01", "center": CENTER}),
    (Permission.SCREENING_WRITE, "POST", "/v1/screening-encounters", "{body}"),
    (Permission.SCREENING_WRITE, "POST", "/v1/screening-encounters:batch", {"encounters": [{}]}),
]
CAMPAIGNS: list[Request] = [
    (Permission.CAMPAIGN_WRITE, "PATCH", CAMPAIGN, {"name_fa": "پویش"}),
    (Permission.CAMPAIGN_WRITE, "POST", CAMPAIGN + ":open", None),
    (Permission.CAMPAIGN_WRITE, "POST", CAMPAIGN + ":close", None),
]
SCOPED = [*READS, *LISTS, *WRITES, *ADDS, *CAMPAIGNS]


@pytest.fixture
async def ids(
    running: Running,
    screener: httpx.AsyncClient,
    manager: httpx.AsyncClient,
    county: httpx.AsyncClient,
    base: Json,
) -> Json:
    """One of everything, at CENTER."""
    child = member(5)
    opened = file(child)
    await know_people(running, opened)
    test = await recorded(screener, encounter(child.member_id, base))
    device = await manager.post(
        f"/v1/screening-bases/{base['id']}/devices", json={"instrument": "e-chart", "serial_number": "1"}
    )
    campaign = await county.post("/v1/screening-campaigns", json=ADDS[0][3])
    permits = (await county.get("/v1/screener-permits", params={"jurisdiction": CENTER})).json()["items"]
    return {
        "campaign": campaign.json()["id"],
        "base": base["id"],
        "device": device.json()["id"],
        "permit": permits[0]["id"],
        "person": str(child.member_id),
        "number": opened.number,
        "encounter": test["id"],
        "body": encounter(child.member_id, base),
    }


async def send(client: httpx.AsyncClient, request: Request, ids: Json, *, version: int = 99) -> httpx.Response:
    _, method, path, body = request
    known = ids | {"serial": str(new_id()), "nobody": str(new_id()), "fresh": str(new_id()), "made_at": made()}
    if body == "{body}":
        body = known["body"] | {"id": known["fresh"]}
    elif body is not None:
        body = {
            name: value.format(**known) if isinstance(value, str) and value.startswith("{") else value
            for name, value in body.items()
        }
    return await client.request(method, path.format(**known), json=body, headers={"If-Match": f'"{version}"'})


def test_every_operation_has_its_line_here(service: Service) -> None:
    declared = {
        (operation["x-permission"], method.upper(), path)
        for path, operations in service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if not path.startswith(("/v1/screening-referral", "/v1/genetic", "/v1/screening-coverage", "/v1/referral"))
    }
    names = {name: "{" + name + "_id}" for name in ("campaign", "base", "device", "permit", "person", "encounter")}
    shown = set()
    for permission, method, path, _ in [*PUBLIC, *NATIONAL, *SCOPED]:
        address = path.partition("?")[0].format(**names).replace("programmes/vision", "programmes/{programme}")
        address = address.replace("/protocols/1", "/protocols/{number}")
        shown.add((permission, method, address.replace("repeat-test-within", "{rule}")))
    assert declared == shown


async def test_each_role_does_what_it_is_granted_and_no_more(ids: Json, client_as: ClientAs) -> None:
    for role in Role:
        for level in LEVELS[role]:
            client = await client_as(role, PLACES[level])
            for request in [*PUBLIC, *NATIONAL, *SCOPED]:
                answer = await send(client, request, ids)
                if request[0] not in GRANTS[role]:
                    assert code_of(answer) == (403, "forbidden"), (role, request)
                else:
                    assert answer.status_code != 403, (role, request, answer.text)
                    assert answer.status_code < 500, (role, request, answer.text)


async def test_elsewhere_nothing_exists(ids: Json, client_as: ClientAs, centers: None) -> None:
    missing = {name: str(new_id()) for name in ids} | {"number": "99999999", "body": ids["body"]}
    for role in Role:
        for place in (NEIGHBOUR, "2902", "30"):
            if {2: Level.PROVINCE, 4: Level.COUNTY, 7: Level.CENTER}[len(place)] not in LEVELS[role]:
                continue
            client = await client_as(role, place)
            for request in [*READS, *WRITES]:
                if request[0] not in GRANTS[role]:
                    continue
                there, nowhere = await send(client, request, ids), await send(client, request, missing)
                assert code_of(there) == code_of(nowhere) == (404, "not-found"), (role, place, request)
                same = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (there, nowhere)]
                assert same[0] == same[1]
            for request in LISTS:
                if request[0] in GRANTS[role]:
                    items = (await send(client, request, ids)).json()["items"]
                    assert all(each.get("center", place).startswith(place) for each in items), request
                    if "permits" not in request[2]:
                        assert items == [], (role, place, request)
            for request in CAMPAIGNS:
                if request[0] in GRANTS[role]:
                    assert code_of(await send(client, request, ids)) == (403, "scope-forbidden")


async def test_nothing_is_written_into_another_place(ids: Json, client_as: ClientAs, centers: None) -> None:
    refusals = {
        "/v1/screening-bases": (403, "scope-forbidden"),
        "/v1/screener-permits": (403, "scope-forbidden"),
        "/v1/screening-people": (403, "scope-forbidden"),
        "/v1/screening-encounters": (422, "person-unknown"),
    }
    for role, place in (("screener", NEIGHBOUR), ("county-officer", "2902"), ("center-manager", OTHER_PROVINCE)):
        client = await client_as(role, place)
        for request in ADDS:
            if request[0] in GRANTS[Role(role)] and request[2] in refusals:
                assert code_of(await send(client, request, ids)) == refusals[request[2]], (role, request)
    county = await client_as("county-officer", "2902")
    body = ADDS[0][3] | {"jurisdiction": "2901"}
    assert code_of(await county.post("/v1/screening-campaigns", json=body)) == (403, "scope-forbidden")
    for path in ("/v1/screening-bases", "/v1/screener-permits"):
        assert code_of(await county.get(path, params={"jurisdiction": CENTER})) == (403, "scope-forbidden")
    for path in ("/v1/screening-due-list", "/v1/screening-due-list:summary"):
        asked = {"jurisdiction": CENTER, "programme": "vision"}
        assert code_of(await county.get(path, params=asked)) == (403, "scope-forbidden")


async def test_without_a_scope_or_a_token(ids: Json, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    for role in (Role.SCREENER, Role.COUNTY_OFFICER, Role.HEADQUARTERS):
        nowhere = await client_as(role, None)
        for request in [*NATIONAL, *SCOPED]:
            granted = request[0] in GRANTS[role] - EVERYONE
            expected = (400, "scope-required") if granted else (403, "forbidden")
            assert code_of(await send(nowhere, request, ids)) == expected, (role, request)
    for request in [*PUBLIC, *NATIONAL, *SCOPED]:
        assert code_of(await send(anonymous, request, ids)) == (401, "unauthorised"), request
    nobody = await client_as(Role.SOCIAL_WORKER, None)
    for request in PUBLIC:
        assert (await send(nobody, request, ids)).status_code == 200, request


async def test_who_made_an_encounter_is_who_is_signed_in(
    screener: httpx.AsyncClient, client_as: ClientAs, ids: Json, base: Json
) -> None:
    read = (await screener.get(f"/v1/screening-encounters/{ids['encounter']}")).json()
    assert read["screener"] == f"screener@{CENTER}"
    stranger = await client_as("screener", CENTER, subject="somebody")
    body = encounter(ids["person"], base)
    assert code_of(await stranger.post("/v1/screening-encounters", json=body)) == (403, "screener-not-permitted")
