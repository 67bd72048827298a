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
from placing_samples import (
    accepted,
    child,
    child_registered,
    matched,
    on_trial,
    proposed,
    set_rule,
    waiting,
)

from shared.chassis.actor import Actor
from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running
from svc_adoption.retention import service as retention

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
    (Permission.ADOPTION_WRITE, "PUT", ONE + "/wishes", {"sex": "any"}),
    (
        Permission.ADOPTION_WRITE,
        "POST",
        ONE + ":begin-care",
        {"begun_on": "2026-02-20", "child_birth_date": "2020-01-01", "reference": "1"},
    ),
    (Permission.ADOPTION_WRITE, "POST", ONE + ":end-care", {"ended_on": "2026-02-20", "reason": "other"}),
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

QUEUED, CHILD = "/v1/adoption-queue/{waiting}", "/v1/adoption-children/{child}"
MATCH, PLACEMENT = "/v1/adoption-matches/{match}", "/v1/adoption-placements/{placement}"
DEADLINE, ERASURE = "/v1/adoption-deadlines/{deadline}", "/v1/adoption-erasures/{erasure}"
WISH = {"child_sex": "any", "child_from_months": 0, "child_to_months": 9, "child_health": "any"}
RULED = {"court": "x", "number": "1", "issued_on": "2026-03-10"}
ANEW = {"cause": "death", "happened_on": "2026-03-10", "outcome": "stays", "ruling": RULED, "text": "x"}

AFTER_LISTS: list[Request] = [
    (Permission.ADOPTION_FOLLOW, "GET", "/v1/adoption-queue", None),
    (Permission.ADOPTION_CHILD, "GET", "/v1/adoption-children", None),
    (Permission.ADOPTION_FOLLOW, "GET", "/v1/adoption-matches", None),
    (Permission.ADOPTION_FOLLOW, "GET", "/v1/adoption-placements", None),
    (Permission.ADOPTION_FOLLOW, "GET", "/v1/adoption-deadlines", None),
    (Permission.ADOPTION_FOLLOW, "GET", "/v1/adoption-erasures", None),
    (Permission.ADOPTION_FOLLOW, "GET", "/v1/adoption-erasures:due", None),
]
AFTER: list[Request] = [
    (Permission.ADOPTION_FOLLOW, "GET", QUEUED, None),
    (Permission.ADOPTION_FOLLOW, "POST", QUEUED + ":preview", WISH),
    (Permission.ADOPTION_PLACE, "POST", QUEUED + ":reconsider", {"children": 1, "reason": "child-born"}),
    (Permission.ADOPTION_REGISTER, "POST", "/v1/adoption-tracking/{request}", {"pin": "402718"}),
    (Permission.ADOPTION_CHILD, "GET", CHILD, None),
    (Permission.ADOPTION_CHILD, "POST", CHILD + ":withdraw", {"reason": "x"}),
    (Permission.ADOPTION_PLACE, "POST", "/v1/adoption-matches:search", {"child_id": "{child}"}),
    (Permission.ADOPTION_PLACE, "POST", "/v1/adoption-matches", {"child_id": "{child}", "request_id": "{waiting}"}),
    (Permission.ADOPTION_FOLLOW, "GET", MATCH, None),
    (
        Permission.ADOPTION_DECIDE,
        "POST",
        MATCH + ":decide",
        {"outcome": "approved", "decided_on": "2026-02-20", "session": "x"},
    ),
    (Permission.ADOPTION_DECIDE, "POST", MATCH + ":confirm", None),
    (Permission.ADOPTION_PLACE, "POST", MATCH + ":introduce", {"introduced_on": "2026-02-20"}),
    (Permission.ADOPTION_PLACE, "POST", MATCH + ":accept", {"answered_on": "2026-02-20"}),
    (Permission.ADOPTION_PLACE, "POST", MATCH + ":decline", {"answered_on": "2026-02-20", "reason": "x"}),
    (Permission.ADOPTION_PLACE, "POST", MATCH + ":cancel", {"reason": "x"}),
    (Permission.ADOPTION_PLACE, "POST", "/v1/adoption-placements", {"match_id": "{match}", "order": RULED}),
    (Permission.ADOPTION_PLACE, "GET", PLACEMENT, None),
    (Permission.ADOPTION_PLACE, "POST", PLACEMENT + "/visits", {"visited_on": "2026-03-10", "report": "x"}),
    (Permission.ADOPTION_PLACE, "POST", PLACEMENT + ":finalise", {"ruling": RULED}),
    (Permission.ADOPTION_PLACE, "POST", PLACEMENT + ":revoke", {"order": RULED, "reason": "x"}),
    (Permission.ADOPTION_PLACE, "POST", PLACEMENT + ":decide-anew", ANEW),
    (Permission.ADOPTION_FOLLOW, "GET", DEADLINE, None),
    (Permission.ADOPTION_PLACE, "POST", DEADLINE + ":meet", {"done_on": "2026-03-10", "reference": "29/1"}),
    (Permission.ADOPTION_FOLLOW, "GET", ERASURE, None),
]
"""What comes after the committee's word."""
PLACED_SCOPED = [*AFTER_LISTS, *AFTER, (Permission.ADOPTION_CHILD, "POST", "/v1/adoption-children", {})]


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


@pytest.fixture
async def placed(ids: Json, running: Running, worker: httpx.AsyncClient, province: httpx.AsyncClient,
                 member: httpx.AsyncClient, other_member: httpx.AsyncClient) -> Json:  # fmt: skip
    """Besides: a family that waits, one with a child on trial, one that was erased, and a child for whom to look."""
    trial = await matched(
        member, other_member,
        await proposed(province, await child_registered(province), await waiting(running, worker)),
    )  # fmt: skip
    placement = await on_trial(province, await accepted(province, trial))
    queued = await waiting(running, worker)
    gone = await registered(worker)
    await worker.post(f"{REQUESTS}/{gone['id']}:withdraw", json={"reason": "other"}, headers=version_of(gone))
    await set_rule(running, "adoption-erase-withdrawn-days", 0)
    async with running.database.command(Actor.system("adoption")) as command:
        assert await retention.erase(command) == 1
    first = (await province.get("/v1/adoption-deadlines")).json()["items"][0]
    return ids | {
        "waiting": queued["id"],
        "child": (await child_registered(province))["id"],
        "match": trial["id"],
        "placement": placement["id"],
        "deadline": first["id"],
        "erasure": (await province.get("/v1/adoption-erasures")).json()["items"][0]["id"],
    }


async def send(client: httpx.AsyncClient, request: Request, ids: Json, *, version: int = 99) -> httpx.Response:
    _, method, path, body = request
    if path == REQUESTS and method == "POST":
        body = couple(center=CENTER)
    if path == "/v1/adoption-children" and method == "POST":
        body = child()
    if isinstance(body, dict):
        body = {name: ids.get(str(value)[1:-1], value) for name, value in body.items()}
    return await client.request(method, path.format(**ids), json=body, headers={"If-Match": f'"{version}"'})


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (operation["x-permission"], method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if not operation.get("x-public")
    }
    names = {"requirement", "request", "decision", "export", "child", "match", "placement", "deadline", "erasure"}
    known = {name: "{" + name + "_id}" for name in names} | dict.fromkeys(("dossier", "waiting"), "{request_id}")
    shown = {
        (permission, method, path.format(**known).replace("checks/health", "checks/{check}"))
        for permission, method, path, _ in [*PUBLIC, *NATIONAL, *SCOPED, *PLACED_SCOPED]
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


async def test_what_comes_after_the_committee_is_for_whom_it_is_granted_and_where_it_is(
    placed: Json, client_as: ClientAs, anonymous: httpx.AsyncClient
) -> None:
    for role in Role:
        for level in LEVELS[role]:
            client = await client_as(role, PLACES[level])
            for request in PLACED_SCOPED:
                answer = await send(client, request, placed)
                if request[0] not in GRANTS[role]:
                    assert code_of(answer) == (403, "forbidden"), (role, request)
                else:
                    assert answer.status_code < 500, (role, request, answer.text)
                    forbidden = answer.status_code == 403
                    # the queue is the province's: a county looks for no family
                    assert not forbidden or code_of(answer) == (403, "scope-forbidden"), (role, request)
                    assert not forbidden or level == Level.COUNTY, (role, request)
    missing = {name: str(new_id()) for name in placed}
    elsewhere = [("adoption-officer", "09"), ("adoption-officer", "2902"), ("adoption-committee", "09")]
    for role, place in elsewhere:
        client = await client_as(role, place)
        for request in AFTER:
            if request[0] in GRANTS[Role(role)]:
                there, nowhere = await send(client, request, placed), await send(client, request, missing)
                assert there.status_code == nowhere.status_code == 404, (role, request, there.text)
                same = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (there, nowhere)]
                assert same[0] == same[1]
        for request in AFTER_LISTS:
            if request[0] in GRANTS[Role(role)]:
                assert (await send(client, request, placed)).json()["items"] == [], (role, request)
    nobody = await client_as("adoption-officer", None)
    for request in PLACED_SCOPED:
        granted = request[0] in GRANTS[Role.ADOPTION_OFFICER]
        expected = (400, "scope-required") if granted else (403, "forbidden")
        assert code_of(await send(nobody, request, placed)) == expected, request
        assert code_of(await send(anonymous, request, placed)) == (401, "unauthorised"), request
