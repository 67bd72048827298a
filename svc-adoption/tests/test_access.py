"""Who may do what with whose request: role × operation × own place, another's, none."""

from typing import Any

import httpx
import pytest
from adoption_samples import (
    CENTER,
    EXPORTS,
    NEIGHBOUR,
    REQUESTS,
    Json,
    before_the_committee,
    code_of,
    couple,
    registered,
    version_of,
)

from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: CENTER}
Request = tuple[Permission, str, str, Any]

REQUIREMENTS = "/v1/adoption-requirements"
REQUIREMENT = REQUIREMENTS + "/{requirement}"
ONE = "/v1/adoption-requests/{request}"
DOSSIER = "/v1/adoption-dossiers/{dossier}"
DECISION = DOSSIER + "/decisions/{decision}"
EXPORT = "/v1/adoption-exports/{export}"
VISIT = {"made_on": "2026-01-05", "text": "x"}
WHO = {"identity": {"type": "national", "value": "0499370899"}}
DECIDED = {"outcome": "defer", "session_on": "2026-01-05", "minutes": "1", "reason": "x"}
NEW_REQUIREMENT = {
    "form": "guardianship",
    "valid_from": "2020-01-01",
    "process": "judges-order",
    "documents": [],
    "checks": [],
    "source": "x",
}

PUBLIC: list[Request] = [
    (Permission.ADOPTION_REQUIREMENT_READ, "GET", REQUIREMENTS, None),
    (Permission.ADOPTION_REQUIREMENT_READ, "GET", REQUIREMENT, None),
]
NATIONAL: list[Request] = [
    (Permission.ADOPTION_REQUIREMENT_WRITE, "POST", REQUIREMENTS, NEW_REQUIREMENT),
    (Permission.ADOPTION_REQUIREMENT_SIGN_OFF, "POST", REQUIREMENT + ":sign-off", None),
]
LISTS: list[Request] = [
    (Permission.ADOPTION_READ, "GET", REQUESTS, None),
    (Permission.ADOPTION_SEARCH, "POST", REQUESTS + ":search", WHO),
    (Permission.ADOPTION_DECIDE, "GET", "/v1/adoption-dossiers", None),
    (Permission.ADOPTION_EXPORT, "GET", EXPORTS, None),
]
READS: list[Request] = [
    (Permission.ADOPTION_READ, "GET", ONE, None),
    (Permission.ADOPTION_READ, "GET", ONE + "/eligibility", None),
    (Permission.ADOPTION_READ, "GET", ONE + "/history", None),
    (Permission.ADOPTION_READ, "GET", ONE + "/decisions", None),
    (Permission.ADOPTION_DECIDE, "GET", DOSSIER, None),
    (Permission.ADOPTION_EXPORT, "GET", EXPORT, None),
    (Permission.ADOPTION_EXPORT, "GET", EXPORT + "/content", None),
]
STEPS: list[Request] = [
    (Permission.ADOPTION_REGISTER, "PATCH", ONE, {"relatives": True}),
    (Permission.ADOPTION_REGISTER, "POST", ONE + "/documents", {"kind": "job"}),
    (Permission.ADOPTION_REGISTER, "POST", ONE + ":submit", None),
    (Permission.ADOPTION_REGISTER, "POST", ONE + ":record-interview", VISIT),
    (Permission.ADOPTION_REGISTER, "POST", ONE + ":record-home-visit", VISIT),
    (Permission.ADOPTION_REGISTER, "POST", ONE + ":withdraw", {"reason": "other"}),
]
WRITES: list[Request] = [
    *STEPS,
    (
        Permission.ADOPTION_WRITE,
        "POST",
        ONE + "/exemptions",
        {"kind": "infertility", "authority": "x", "reference": "1", "decided_on": "2026-01-01"},
    ),
    (Permission.ADOPTION_WRITE, "POST", ONE + ":return", {"missing": ["job"], "text": "x"}),
    (Permission.ADOPTION_WRITE, "POST", ONE + ":accept", None),
    (Permission.ADOPTION_WRITE, "POST", ONE + ":refer", None),
    (Permission.ADOPTION_WRITE, "POST", ONE + ":record-order", {"made_on": "2026-01-05", "reference": "1"}),
    (Permission.ADOPTION_WRITE, "POST", ONE + "/checks/health:ask", {"asked_of": "x"}),
    (Permission.ADOPTION_WRITE, "POST", ONE + "/checks/health:answer", {"passed": True, "answered_on": "2026-01-05"}),
    (Permission.ADOPTION_DECIDE, "POST", DOSSIER + "/decisions", DECIDED),
    (Permission.ADOPTION_DECIDE, "POST", DECISION + ":confirm", None),
    (Permission.ADOPTION_DECIDE, "POST", DECISION + ":object", {"reason": "x"}),
    (Permission.ADOPTION_EXPORT_APPROVE, "POST", EXPORT + ":approve", None),
    (Permission.ADOPTION_EXPORT_APPROVE, "POST", EXPORT + ":refuse", None),
]
ADDS: list[Request] = [
    (Permission.ADOPTION_REGISTER, "POST", REQUESTS, {}),
    (Permission.ADOPTION_EXPORT, "POST", EXPORTS, {"purpose": "court", "letter": "1"}),
]
SCOPED = [*LISTS, *READS, *WRITES, *ADDS]


@pytest.fixture
async def ids(worker: httpx.AsyncClient, officer: httpx.AsyncClient, member: httpx.AsyncClient) -> Json:
    """A draft of CENTER, a request before the committee with a decision that waits, and an export."""
    draft, referred = await registered(worker), await before_the_committee(worker, officer)
    proposed = await member.post(
        f"/v1/adoption-dossiers/{referred['id']}/decisions", json=DECIDED, headers=version_of(referred)
    )
    export = await officer.post(EXPORTS, json={"purpose": "court", "letter": "1"})
    requirements = (await officer.get(REQUIREMENTS)).json()["items"]
    return {
        "request": draft["id"],
        "dossier": referred["id"],
        "decision": proposed.json()["id"],
        "export": export.json()["id"],
        "requirement": requirements[0]["id"],
    }


async def send(client: httpx.AsyncClient, request: Request, ids: Json, *, version: int = 99) -> httpx.Response:
    _, method, path, body = request
    if path == REQUESTS and method == "POST":
        body = couple(center=CENTER)
    return await client.request(method, path.format(**ids), json=body, headers={"If-Match": f'"{version}"'})


async def test_every_operation_has_its_line_here(running: Running) -> None:
    mine = (REQUIREMENTS, REQUESTS, "/v1/adoption-dossiers", EXPORTS)
    declared = {
        (operation["x-permission"], method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if path.startswith(mine)
    }
    names = {"requirement", "request", "decision", "export"}
    known = {name: "{" + name + "_id}" for name in names} | {"dossier": "{request_id}"}
    shown = {
        (permission, method, path.format(**known).replace("checks/health", "checks/{check}"))
        for permission, method, path, _ in [*PUBLIC, *NATIONAL, *SCOPED]
    }
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
    places = {Level.PROVINCE: "09", Level.COUNTY: "2902", Level.CENTER: NEIGHBOUR}
    for role in (Role.ADOPTION_WORKER, Role.ADOPTION_OFFICER, Role.ADOPTION_COMMITTEE):
        for level in LEVELS[role]:
            client = await client_as(role, places[level])
            for request in [*READS, *WRITES]:
                if request[0] not in GRANTS[role]:
                    continue
                there, nowhere = await send(client, request, ids), await send(client, request, missing)
                assert code_of(there) == code_of(nowhere) == (404, "not-found"), (role, request)
                same = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (there, nowhere)]
                assert same[0] == same[1]
            for request in LISTS:
                if request[0] in GRANTS[role]:
                    assert (await send(client, request, ids)).json()["items"] == [], (role, request)
            if Permission.ADOPTION_READ in GRANTS[role]:
                for elsewhere in (CENTER, "IR"):
                    answer = await client.get(REQUESTS, params={"jurisdiction": elsewhere})
                    assert code_of(answer) == (403, "scope-forbidden")
                assert code_of(await client.post(REQUESTS, json=couple(center=CENTER))) == (403, "scope-forbidden")


async def test_a_center_knows_nothing_of_a_request_that_the_committee_has_or_had(
    ids: Json, worker: httpx.AsyncClient, member: httpx.AsyncClient, client_as: ClientAs
) -> None:
    gone = ids | {"request": ids["dossier"]}
    second = await client_as("adoption-committee", "29", subject="member-2")
    for _ in range(2):  # before the committee's word, and after it
        assert [each["id"] for each in (await worker.get(REQUESTS)).json()["items"]] == [ids["request"]]
        for request in [*READS[:4], *STEPS]:
            assert code_of(await send(worker, request, gone)) == (404, "not-found"), request
        confirmed = await second.post(f"{DECISION.format(**ids)}:confirm", headers={"If-Match": '"1"'})
    assert code_of(confirmed) == (412, "precondition-failed"), "it was confirmed once"
    # what the committee does not have before it is none of its business
    assert (await member.get("/v1/adoption-dossiers")).json()["items"] == []
    assert code_of(await member.get(DOSSIER.format(**ids))) == (404, "not-found")


async def test_without_a_scope_or_a_token(ids: Json, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    for role in (Role.ADOPTION_WORKER, Role.ADOPTION_OFFICER, Role.ADOPTION_COMMITTEE, Role.HEADQUARTERS):
        nowhere = await client_as(role, None)
        for request in [*NATIONAL, *SCOPED]:
            granted = request[0] in GRANTS[role] - EVERYONE
            expected = (400, "scope-required") if granted else (403, "forbidden")
            assert code_of(await send(nowhere, request, ids)) == expected, (role, request)
        for request in PUBLIC:
            assert (await send(nowhere, request, ids)).status_code == 200, request
    for request in [*PUBLIC, *NATIONAL, *SCOPED]:
        assert code_of(await send(anonymous, request, ids)) == (401, "unauthorised"), request
