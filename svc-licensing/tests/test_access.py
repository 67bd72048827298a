"""Who may do what, where: each role, each operation, at the place itself, beside it, and at none."""

from typing import Any

import httpx
import pytest
from licensing_samples import (
    CENTER,
    NEIGHBOUR,
    OTHER_PROVINCE,
    Json,
    answered,
    code_of,
    natural,
    open_session,
    person,
    read,
    registered,
    sent,
    step,
    with_papers,
)

from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: CENTER}
ELSEWHERE = {"3001001": Level.CENTER, "2902": Level.COUNTY, "30": Level.PROVINCE}

Request = tuple[Permission, str, str, Any]

APPLICATION, INQUIRY = "/v1/licence-applications/{application}", "/v1/licensing-inquiries/{inquiry}"
INSTITUTION, SESSION = "/v1/institutions/{institution}", "/v1/commission-sessions/{session}"
REQUIREMENT, SYSTEM = "/v1/licence-requirements/{requirement}", "/v1/national-systems/degree"
REASON = {"reason": "x"}

PUBLIC: list[Request] = [
    (Permission.REQUIREMENT_READ, "GET", "/v1/licence-requirements", None),
    (Permission.REQUIREMENT_READ, "GET", REQUIREMENT, None),
    (Permission.WORKING_DAY_READ, "GET", "/v1/official-holidays", None),
    (Permission.WORKING_DAY_READ, "GET", "/v1/working-days?since=2026-11-22&days=3", None),
]
NATIONAL: list[Request] = [
    (
        Permission.REQUIREMENT_WRITE,
        "POST",
        "/v1/licence-requirements",
        {
            "licence": "activity",
            "clause_from": 4,
            "kind": "validity",
            "code": "validity",
            "name_fa": "اعتبار",
            "name_en": "Validity",
            "figures": {"months": 12},
            "valid_from": "2030-01-01",
            "source": "x",
        },
    ),
    (Permission.REQUIREMENT_WRITE, "PUT", REQUIREMENT + "/figures", {"figures": {"months": 1}, "source": "x"}),
    (Permission.REQUIREMENT_SIGN_OFF, "POST", REQUIREMENT + ":sign-off", None),
    (Permission.REQUIREMENT_SIGN_OFF, "POST", REQUIREMENT + ":end", {"valid_to": "2030-01-01"}),
    (Permission.WORKING_DAY_WRITE, "POST", "/v1/official-holidays", {"day": "1408/01/01", "name_fa": "نوروز"}),
    (Permission.WORKING_DAY_WRITE, "DELETE", "/v1/official-holidays/2031-03-21", None),
    (Permission.NATIONAL_SYSTEM_WRITE, "POST", SYSTEM + ":down", None),
    (Permission.NATIONAL_SYSTEM_WRITE, "POST", SYSTEM + ":up", None),
]
READS: list[Request] = [
    (Permission.INSTITUTION_READ, "GET", INSTITUTION, None),
    (Permission.APPLICATION_READ, "GET", APPLICATION, None),
    (Permission.INQUIRY_READ, "GET", INQUIRY, None),
    (Permission.COMMISSION_READ, "GET", APPLICATION + "/votes", None),
    (Permission.COMMISSION_READ, "GET", SESSION, None),
]
LISTS: list[Request] = [
    (Permission.INSTITUTION_READ, "GET", "/v1/institutions", None),
    (Permission.APPLICATION_READ, "GET", "/v1/licence-applications", None),
    (Permission.INQUIRY_READ, "GET", "/v1/licensing-inquiries", None),
    (Permission.COMMISSION_READ, "GET", "/v1/commission-sessions", None),
    (Permission.DEADLINE_READ, "GET", "/v1/licensing-deadlines", None),
    (Permission.DEADLINE_READ, "GET", "/v1/licensing-overdue", None),
]
SYSTEMS: list[Request] = [(Permission.INQUIRY_READ, "GET", "/v1/national-systems", None)]
WRITES: list[Request] = [
    (Permission.INSTITUTION_WRITE, "PATCH", INSTITUTION, {"name": "x"}),
    (Permission.INSTITUTION_WRITE, "POST", INSTITUTION + "/people", person("technical-manager")),
    (Permission.INSTITUTION_WRITE, "POST", INSTITUTION + "/people/{person}:end", None),
    (Permission.APPLICATION_WRITE, "PATCH", APPLICATION, {"activity_scope": "x"}),
    (Permission.APPLICATION_WRITE, "POST", APPLICATION + "/documents", {"code": "photos", "reference": "x"}),
    (Permission.APPLICATION_WRITE, "POST", APPLICATION + ":submit", None),
    (Permission.APPLICATION_WRITE, "POST", APPLICATION + ":appeal", {"grounds": "x"}),
    (Permission.APPLICATION_WRITE, "POST", APPLICATION + ":withdraw", None),
    (Permission.APPLICATION_CHECK, "POST", APPLICATION + ":return", {"remarks": "x"}),
    (Permission.APPLICATION_CHECK, "POST", APPLICATION + ":accept", None),
    (Permission.APPLICATION_CHECK, "POST", APPLICATION + ":open-inquiries", None),
    (Permission.APPLICATION_CHECK, "POST", APPLICATION + ":send-on", None),
    (Permission.APPLICATION_STATE_NEED, "POST", APPLICATION + ":state-need", {"needed": True, **REASON}),
    (Permission.COMMISSION_WRITE, "POST", APPLICATION + ":send-back", {"remarks": "x"}),
    (Permission.COMMISSION_WRITE, "POST", APPLICATION + ":refer", None),
    (Permission.COMMISSION_WRITE, "POST", APPLICATION + ":review", {"opinion": "recommended", **REASON}),
    (Permission.COMMISSION_WRITE, "POST", APPLICATION + ":table", {"session_id": str(new_id())}),
    (Permission.COMMISSION_WRITE, "POST", APPLICATION + ":postpone", None),
    (Permission.COMMISSION_VOTE, "POST", APPLICATION + ":vote", {"vote": "for"}),
    (Permission.COMMISSION_WRITE, "POST", APPLICATION + ":decide", {"decision": "refused", **REASON}),
    (Permission.COMMISSION_WRITE, "POST", SESSION + ":open", {"present": ["member"]}),
    (Permission.COMMISSION_WRITE, "POST", SESSION + ":close", {"number": "1", "text": "x"}),
    (Permission.INQUIRY_WRITE, "POST", INQUIRY + ":give-evidence", {"result": "ok", "reference": "x"}),
    (Permission.INQUIRY_WRITE, "POST", INQUIRY + ":confirm-evidence", None),
    (Permission.INQUIRY_WRITE, "POST", INQUIRY + ":reject-evidence", None),
    (Permission.INQUIRY_WRITE, "POST", INQUIRY + ":extend", None),
    (Permission.INQUIRY_WRITE, "POST", INQUIRY + ":ask-again", None),
]
ADDS: list[Request] = [
    (Permission.INSTITUTION_WRITE, "POST", "/v1/institutions", natural(jurisdiction=CENTER)),
    (
        Permission.APPLICATION_WRITE,
        "POST",
        "/v1/licence-applications",
        {"licence": "agreement-in-principle", "clause": 4, "founder_id": "{institution}"},
    ),
    (
        Permission.COMMISSION_WRITE,
        "POST",
        "/v1/commission-sessions",
        {"held_on": "1405/09/01", "seats": [{"person": "member", "capacity": "legal-expert"}]},
    ),
]
SCOPED = [*READS, *LISTS, *SYSTEMS, *WRITES, *ADDS]


@pytest.fixture
async def ids(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    deputy: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
    headquarters: httpx.AsyncClient,
) -> Json:
    """One of everything, at CENTER: an application that is being vetted, one of its inquiries, a session."""
    application = await step(manager, await with_papers(manager, await registered(manager)), "submit")
    application = await step(officer, application, "accept")
    application = await step(deputy, application, "state-need", {"needed": True, "reason": "x"})
    application = await step(officer, application, "open-inquiries")
    application = await answered(running, officer, application)
    application = await step(secretary, await step(officer, application, "send-on"), "refer")
    found = {each["system"]: each["id"] for each in application["inquiries"]}
    founder = await sent(manager, "GET", f"/v1/institutions/{application['founder_id']}")
    proposed = {"kind": "appeal", "standing": "proposed"}
    requirements = await sent(headquarters, "GET", "/v1/licence-requirements", params=proposed)
    return {
        "application": application["id"],
        "inquiry": found["criminal-record"],
        "security": found["security"],
        "institution": founder["id"],
        "person": founder["people"][0]["id"],
        "session": (await open_session(secretary))["id"],
        "requirement": requirements["items"][0]["id"],
    }


async def send(client: httpx.AsyncClient, request: Request, ids: Json, *, version: int = 99) -> httpx.Response:
    _, method, path, body = request
    if body is not None:
        body = {
            name: value.format(**ids) if isinstance(value, str) and value.startswith("{") else value
            for name, value in body.items()
        }
    return await client.request(method, path.format(**ids), json=body, headers={"If-Match": f'"{version}"'})


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (operation["x-permission"], method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if not path.startswith("/v1/licences") and not operation.get("x-public")
    }
    names = {
        name: "{" + name + "_id}"
        for name in ("application", "inquiry", "institution", "person", "session", "requirement")
    }
    shown = set()
    for permission, method, path, _ in [*PUBLIC, *NATIONAL, *SCOPED]:
        address = path.partition("?")[0].format(**names)
        address = address.replace("systems/degree", "systems/{code}").replace("/2031-03-21", "/{day}")
        shown.add((permission, method, address))
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


async def test_elsewhere_nothing_exists(ids: Json, client_as: ClientAs) -> None:
    missing = {name: str(new_id()) for name in ids}
    for role in Role:
        for place, level in ELSEWHERE.items():
            if level not in LEVELS[role]:
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
                    assert (await send(client, request, ids)).json()["items"] == [], (role, place, request)


async def test_a_center_sees_what_it_registered_and_not_what_its_neighbour_did(ids: Json, client_as: ClientAs) -> None:
    neighbour = await client_as("center-manager", NEIGHBOUR)
    for request in READS:
        if request[0] in GRANTS[Role.CENTER_MANAGER]:
            assert code_of(await send(neighbour, request, ids)) == (404, "not-found"), request
    own = await client_as("center-manager", CENTER)
    items = (await own.get("/v1/licence-applications")).json()["items"]
    assert [each["id"] for each in items] == [ids["application"]]
    foreign = await send(neighbour, ADDS[1], ids)
    assert code_of(foreign) == (422, "founder-unknown")
    for path in ("institutions", "licence-applications", "licensing-inquiries", "licensing-deadlines"):
        answer = await neighbour.get(f"/v1/{path}", params={"jurisdiction": CENTER})
        assert code_of(answer) == (403, "scope-forbidden"), path
    elsewhere = await neighbour.post("/v1/institutions", json=natural(jurisdiction=OTHER_PROVINCE))
    assert code_of(elsewhere) == (403, "scope-forbidden")


async def test_what_security_answered_the_secretary_alone_sees(
    running: Running, ids: Json, client_as: ClientAs, secretary: httpx.AsyncClient
) -> None:
    application = await read(secretary, {"id": ids["application"]})
    await answered(running, secretary, application, "mismatch", note="سابقهٔ امنیتی")
    shown = await sent(secretary, "GET", f"/v1/licensing-inquiries/{ids['security']}")
    assert (shown["state"], shown["note"], shown["withheld"]) == ("mismatch", "سابقهٔ امنیتی", False)
    for role, place in (
        ("center-manager", CENTER),
        ("licensing-officer", "2901"),
        ("specialised-deputy", "29"),
        ("commission-member", "29"),
        ("province-officer", "29"),
        ("auditor", "IR"),
    ):
        client = await client_as(role, place)
        for answer in (
            await client.get(f"/v1/licensing-inquiries/{ids['security']}"),
            await client.get("/v1/licensing-inquiries", params={"limit": 200}),
            await client.get(f"/v1/licence-applications/{ids['application']}"),
        ):
            assert answer.status_code == 200, (role, answer.text)
            assert "mismatch" not in answer.text, role
            assert "امنیتی" not in answer.text, role
        found = (await client.get("/v1/licensing-inquiries", params={"state": "mismatch"})).json()["items"]
        assert found == [], role
        seen = (await client.get(f"/v1/licensing-inquiries/{ids['security']}")).json()
        assert (seen["settled"], seen["withheld"], seen["state"], seen["result"]) == (True, True, None, None)
    officer = await client_as("licensing-officer", "2901")
    again = await officer.post(f"/v1/licensing-inquiries/{ids['security']}:ask-again", headers={"If-Match": '"3"'})
    assert code_of(again) == (403, "forbidden")
    told = await running.events(type="pl.licensing.inquiry.answered.v1", count=5)
    assert {each.data["state"] for each in told if each.data["system"] in {"security", "selection"}} == {None}


async def test_without_a_scope_or_a_token(ids: Json, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    for role in (Role.LICENSING_OFFICER, Role.COMMISSION_SECRETARY, Role.HEADQUARTERS):
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
