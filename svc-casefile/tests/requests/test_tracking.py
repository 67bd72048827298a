"""Following a request without an account, by its code and a PIN that the requester chose."""

import asyncio

import httpx
import pytest
from casefile_samples import Json, code_of, opened, version_of
from request_samples import PIN, asked, in_days, know_days, know_services, stepped

from shared.chassis.actor import Actor
from shared.testing.plugin import Running
from svc_casefile.requests.service import TRIES


@pytest.fixture
async def request_made(running: Running, worker: httpx.AsyncClient) -> Json:
    await know_services(running)
    await know_days(running, "service-request-days", 10)
    return await asked(worker, await opened(worker), pin=PIN, description="روایت")


async def track(client: httpx.AsyncClient, code: str, pin: str = PIN) -> httpx.Response:
    return await client.post("/v1/service-requests:track", json={"tracking_code": code, "pin": pin})


async def test_state_and_dates_are_all_that_is_shown(
    public: httpx.AsyncClient, worker: httpx.AsyncClient, request_made: Json
) -> None:
    request = await stepped(worker, request_made, "accept")
    answer = await track(public, request["tracking_code"])
    assert answer.json() == {
        "status": "accepted",
        "status_since": request["status_since"],
        "requested_at": request["requested_at"],
        "expected_on": in_days(10),
        "overdue": False,
        "escalated": False,
        "closed_at": None,
    }


async def test_the_code_is_read_as_people_write_it(public: httpx.AsyncClient, request_made: Json) -> None:
    code = request_made["tracking_code"]
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    in_fours = "-".join(code[start : start + 4] for start in range(0, 16, 4))
    assert (await track(public, in_fours.translate(persian), PIN.translate(persian))).status_code == 200


async def test_a_wrong_pin_and_an_unknown_code_are_answered_alike(
    public: httpx.AsyncClient, worker: httpx.AsyncClient, request_made: Json
) -> None:
    untracked = await asked(worker, {"id": request_made["case_file_id"]})
    answers = [
        await track(public, request_made["tracking_code"], "402719"),
        await track(public, "0000000000000000"),
        await track(public, untracked["tracking_code"]),
    ]
    assert {code_of(answer) for answer in answers} == {(404, "tracking-unknown")}
    bodies = [{**answer.json(), "trace_id": None} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


async def test_a_code_can_be_tried_so_often_and_no_more_whoever_tries(
    public: httpx.AsyncClient, worker: httpx.AsyncClient, request_made: Json
) -> None:
    code = request_made["tracking_code"]
    answers = await asyncio.gather(*(track(public, code, f"{wrong:06}") for wrong in range(TRIES + 5)))
    assert sorted(answer.status_code for answer in answers) == [404] * TRIES + [429] * 5

    refused = await track(public, code)  # the right PIN, too late
    assert code_of(refused) == (429, "too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert (await track(public, "1" * 16)).status_code == 404  # other codes are not held up


async def test_the_tries_are_forgotten_after_their_hour(
    running: Running, public: httpx.AsyncClient, request_made: Json
) -> None:
    code = request_made["tracking_code"]
    for _ in range(TRIES + 1):
        last = await track(public, code)
    assert last.status_code == 429
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE tracking_attempt SET since = since - interval '1 hour'")
    assert (await track(public, code)).status_code == 200


async def test_a_new_pin_voids_the_old_one(
    public: httpx.AsyncClient, worker: httpx.AsyncClient, request_made: Json
) -> None:
    assert request_made["trackable"]
    changed = await worker.post(
        f"/v1/service-requests/{request_made['id']}:set-pin", json={"pin": "918273"}, headers=version_of(request_made)
    )
    assert changed.json()["version"] == 2
    assert (await track(public, request_made["tracking_code"])).status_code == 404
    assert (await track(public, request_made["tracking_code"], "918273")).status_code == 200


async def test_no_pin_is_kept_or_shown(running: Running, worker: httpx.AsyncClient, request_made: Json) -> None:
    assert PIN not in str(request_made)
    async with running.database.query(Actor.system("casefile")) as query:
        row = await query.fetchval("SELECT row_to_json(r)::text FROM service_request r")
    assert PIN not in row


@pytest.mark.parametrize(
    ("code", "pin"), [("1" * 15, PIN), ("x" * 16, PIN), ("1" * 16, "12345"), ("1" * 16, "abcdef"), ("", "")]
)
async def test_bad_input(running: Running, public: httpx.AsyncClient, code: str, pin: str) -> None:
    answer = await track(public, code, pin)
    assert code_of(answer) == (422, "invalid-input")
    async with running.database.query(Actor.system("casefile")) as query:
        assert await query.fetchval("SELECT count(*) FROM tracking_attempt") == 0


async def test_the_state_is_all_that_is_told_across_scopes(running: Running) -> None:
    actor = Actor(subject="anybody", roles=frozenset(), scope=None)
    async with running.database.query(actor) as query:
        columns = await query.fetchrow("SELECT proallargtypes, proargnames FROM pg_proc WHERE proname = $1", NAME)
        assert await query.fetch("SELECT * FROM track_service_request('x'::bytea)") == []
        # and the scope is the caller's again
        assert await query.fetchval("SELECT current_setting('app.scope_from') || current_setting('app.scope_to')") == ""
        executors = await query.fetchval(
            "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
            " WHERE proname = $1 AND grantee <> proowner",
            NAME,
        )
    assert columns["proargnames"][1:] == [
        "status",
        "status_since",
        "requested_at",
        "expected_on",
        "escalated",
        "closed_at",
    ]
    assert executors == ["casefile_app"]


NAME = "track_service_request"
