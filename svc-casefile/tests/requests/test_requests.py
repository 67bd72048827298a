"""What becomes of a request."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from casefile_samples import CENTER, Json, code_of, opened, person, pointers, version_of
from request_samples import (
    BODIES,
    CASH_AID,
    ENDED,
    FOLLOW_UP,
    asked,
    in_days,
    know_days,
    know_services,
    moved,
    step,
    stepped,
    timeline,
)

from shared.chassis.actor import Actor
from shared.testing.plugin import ClientAs, Running
from svc_casefile.requests.queries import open_requests
from svc_casefile.requests.service import STEPS

CONSENT = {"given_by": "مریم احمدی", "given_on": "2026-01-05", "form": "spoken"}
NEIGHBOURS = {"name": "رضا کریمی", "relation": "همسایه", "consent": CONSENT}


@pytest.fixture
async def file(running: Running, worker: httpx.AsyncClient) -> Json:
    await know_services(running)
    return await opened(worker, person("head"), person())


async def test_a_request_is_recorded_and_can_be_read(worker: httpx.AsyncClient, file: Json) -> None:
    child = file["members"][1]["id"]
    request = await asked(worker, file, member_id=child, description="كفش برای مدرسه")

    assert (request["status"], request["version"], request["open"]) == ("requested", 1, True)
    assert len(request["tracking_code"]) == 16
    assert request["description"] == "کفش برای مدرسه"
    assert (request["case_file_id"], request["member_id"]) == (file["id"], child)
    assert (request["jurisdiction"], request["recorded_by"]) == (CENTER, f"social-worker@{CENTER}")
    read = await worker.get(f"/v1/service-requests/{request['id']}")
    assert (read.json(), read.headers["etag"]) == (request, '"1"')
    (listed,) = (await worker.get(f"/v1/case-files/{file['id']}/service-requests")).json()["items"]
    assert listed.items() <= request.items()


async def test_the_address_of_a_new_request_leads_to_it(worker: httpx.AsyncClient, file: Json) -> None:
    path = f"/v1/case-files/{file['id']}/service-requests"
    key = {"Idempotency-Key": "one"}
    answers = [await worker.post(path, json={"service_code": CASH_AID}, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json() == (await worker.get(answers[0].headers["location"])).json()
    assert len((await worker.get(path)).json()["items"]) == 1


async def test_without_a_rule_there_is_no_due_date(worker: httpx.AsyncClient, file: Json) -> None:
    request = await asked(worker, file)
    assert (request["due_on"], request["due_rule"], request["overdue"]) == (None, None, False)


async def test_the_due_date_follows_the_rule_of_the_service_then_the_general_one(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    await know_days(running, "service-request-days", 30)
    await know_days(running, "service-request-days-s05", 10)
    await know_days(running, "service-request-days-s05", 5, "2901")
    await know_days(running, "service-request-days-s05", 1, "2902")

    of_its_own, general = (
        await asked(worker, file, service_code=CASH_AID),
        await asked(worker, file, service_code=FOLLOW_UP),
    )

    assert (of_its_own["due_on"], of_its_own["due_rule"]) == (in_days(5), "service-request-days-s05")
    assert (general["due_on"], general["due_rule"]) == (in_days(30), "service-request-days")
    assert general["expected_on"] == general["due_on"]


async def test_from_request_to_delivery(running: Running, worker: httpx.AsyncClient, file: Json) -> None:
    request = await stepped(worker, await asked(worker, file), "accept", "start", "deliver", note="تحویل شد")

    assert (request["status"], request["version"], request["open"]) == ("delivered", 4, False)
    assert request["note"] == "تحویل شد"
    assert request["delivered_by"] == f"social-worker@{CENTER}"
    assert request["closed_at"] == request["delivered_at"] == request["status_since"]
    assert [kind for kind, _ in await timeline(running, file)] == [
        "request-opened",
        "request-accepted",
        "request-started",
        "request-delivered",
    ]
    events = await running.events(count=4, type="pl.casefile.service-request")
    assert [each.type.split(".")[3] for each in events] == ["opened", "accepted", "started", "delivered"]
    assert [each.data["version"] for each in events] == [1, 2, 3, 4]
    assert all(each.address.endswith(".29.01.003") for each in events)


async def test_a_request_does_not_count_the_files_version_up(worker: httpx.AsyncClient, file: Json) -> None:
    await stepped(worker, await asked(worker, file), "accept", "deliver")
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file


REACHED = {
    "requested": (),
    "accepted": ("accept",),
    "in-progress": ("accept", "start"),
    "delivered": ("accept", "deliver"),
    "referred": ("accept", "refer"),
    "refused": ("refuse",),
}
ALLOWED = {
    "requested": {"accept", "refuse"},
    "accepted": {"start", "deliver", "refer", "refuse"},
    "in-progress": {"deliver", "refer", "refuse"},
    "delivered": set(),
    "referred": {"record-answer"},
    "refused": set(),
}


@pytest.mark.parametrize("status", REACHED)
async def test_a_step_out_of_turn_says_which_are_possible(worker: httpx.AsyncClient, file: Json, status: str) -> None:
    request = await stepped(worker, await asked(worker, file), *REACHED[status])
    assert request["status"] == status
    for name in STEPS.keys() - ALLOWED[status]:
        answer = await step(worker, request, name)
        assert code_of(answer) == (409, "request-step-not-allowed"), name
        assert (answer.json()["present"], set(answer.json()["allowed"])) == (status, ALLOWED[status])
    for name in sorted(ALLOWED[status]):
        other = await stepped(worker, await asked(worker, file), *REACHED[status])
        assert (await step(worker, other, name)).status_code == 200, name


async def test_a_step_needs_the_version_that_was_read(worker: httpx.AsyncClient, file: Json) -> None:
    request = await asked(worker, file)
    await stepped(worker, request, "accept")
    for name in (*STEPS, "set-pin"):
        address = f"/v1/service-requests/{request['id']}:{name}"
        assert code_of(await worker.post(address, json=BODIES.get(name, {})))[0] == 428
        assert code_of(await step(worker, request, name)) == (412, "precondition-failed"), name


async def test_of_two_at_once_one_is_too_late(worker: httpx.AsyncClient, file: Json) -> None:
    request = await stepped(worker, await asked(worker, file), "accept")
    answers = await asyncio.gather(*(step(worker, request, "deliver") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]


async def test_a_service_that_is_not_offered_cannot_be_asked_for(worker: httpx.AsyncClient, file: Json) -> None:
    for code in (ENDED, "S22"):
        answer = await worker.post(f"/v1/case-files/{file['id']}/service-requests", json={"service_code": code})
        assert code_of(answer) == (422, "service-not-offered")
        assert pointers(answer) == ["/service_code"]


async def test_it_is_for_a_present_member_of_this_household(worker: httpx.AsyncClient, file: Json) -> None:
    other, child = await opened(worker), file["members"][1]
    gone = await worker.delete(
        f"/v1/case-files/{file['id']}/members/{child['id']}?reason=moved-out", headers=version_of(child)
    )
    assert gone.is_success
    for member in (other["members"][0]["id"], child["id"]):
        answer = await worker.post(
            f"/v1/case-files/{file['id']}/service-requests", json={"service_code": CASH_AID, "member_id": member}
        )
        assert code_of(answer) == (422, "not-a-member")


async def test_who_asks_for_somebody_else_is_named_with_the_consent(worker: httpx.AsyncClient, file: Json) -> None:
    request = await asked(worker, file, asked_by="on-behalf", on_behalf=NEIGHBOURS)
    assert (request["asked_by"], request["on_behalf"]) == ("on-behalf", NEIGHBOURS)
    without = {key: value for key, value in NEIGHBOURS.items() if key != "consent"}
    for fields in (
        {"asked_by": "on-behalf"},
        {"on_behalf": NEIGHBOURS},
        {"asked_by": "worker", "on_behalf": NEIGHBOURS},
        {"asked_by": "on-behalf", "on_behalf": without},
        {"asked_by": "on-behalf", "on_behalf": NEIGHBOURS | {"consent": CONSENT | {"given_on": in_days(1)}}},
    ):
        answer = await worker.post(
            f"/v1/case-files/{file['id']}/service-requests", json={"service_code": CASH_AID} | fields
        )
        assert code_of(answer) == (422, "invalid-input"), fields


async def test_a_referral_waits_for_its_answer(running: Running, worker: httpx.AsyncClient, file: Json) -> None:
    await know_days(running, "referral-answer-days", 14)
    request = await stepped(worker, await asked(worker, file), "accept", "refer")

    (referral,) = request["referrals"]
    assert (request["status"], request["open"], request["expected_on"]) == ("referred", True, in_days(14))
    assert (referral["referred_to"], referral["answer_due_on"], referral["outcome"]) == (
        "کمیتهٔ امداد",
        in_days(14),
        None,
    )

    request = await stepped(worker, request, "record-answer", outcome="provided", answer="پرداخت شد")
    (referral,) = request["referrals"]
    assert (request["status"], request["open"]) == ("referred", False)
    assert (referral["outcome"], referral["answered_on"], referral["answer"]) == ("provided", in_days(0), "پرداخت شد")
    assert code_of(await step(worker, request, "record-answer")) == (409, "request-step-not-allowed")
    kinds = await timeline(running, file)
    assert kinds[-2:] == [
        ("request-referred", {"service_code": CASH_AID, "to": "other-body"}),
        ("referral-answered", {"service_code": CASH_AID, "outcome": "provided"}),
    ]


async def test_what_was_declined_comes_back_and_can_be_referred_again(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    await know_days(running, "service-request-days", 30)
    request = await stepped(worker, await asked(worker, file), "accept", "refer", answer_due_on=in_days(3))
    assert request["expected_on"] == in_days(3)

    request = await stepped(worker, request, "record-answer", outcome="declined")
    assert (request["status"], request["open"], request["expected_on"]) == ("in-progress", True, in_days(30))

    request = await stepped(worker, request, "refer", kind="level-two-center", referred_to="مرکز امید")
    assert [(each["kind"], each["outcome"]) for each in request["referrals"]] == [
        ("other-body", "declined"),
        ("level-two-center", None),
    ]
    assert request["expected_on"] is None  # no rule says when an answer is due, and nobody promised one


async def test_an_answer_is_due_in_the_future_and_not_older_than_the_question(
    worker: httpx.AsyncClient, file: Json
) -> None:
    request = await stepped(worker, await asked(worker, file), "accept")
    assert code_of(await step(worker, request, "refer", answer_due_on=in_days(-1))) == (422, "answer-due-in-the-past")
    request = await stepped(worker, request, "refer")
    answer = await step(worker, request, "record-answer", answered_on=in_days(-1))
    assert (*code_of(answer), pointers(answer)) == (422, "answered-before-referred", ["/answered_on"])


async def test_of_a_closed_file_a_request_can_only_be_refused(worker: httpx.AsyncClient, file: Json) -> None:
    request = await stepped(worker, await asked(worker, file), "accept")
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "deceased"}, headers=version_of(file))

    for name in ("start", "deliver", "refer"):
        assert code_of(await step(worker, request, name)) == (409, "case-file-closed"), name
    answer = await worker.post(f"/v1/case-files/{file['id']}/service-requests", json={"service_code": CASH_AID})
    assert code_of(answer) == (409, "case-file-closed")
    assert (await step(worker, request, "refuse", reason="case-file-closed")).json()["status"] == "refused"


async def test_a_delivery_counts_where_it_was_made(
    running: Running, county: httpx.AsyncClient, worker: httpx.AsyncClient
) -> None:
    await know_services(running)
    file = await opened(county, person("head"))
    request = await asked(county, file)
    assert request["jurisdiction"] == "2901"
    await moved(running, file, CENTER)

    before = datetime.now(UTC) - timedelta(seconds=1)
    await stepped(worker, request, "accept", "deliver")

    async with running.database.query(Actor.system("casefile")) as query:
        row = await query.fetchrow(
            "SELECT jurisdiction, service_code, delivered_at, delivered_by, case_file_id FROM service_request"
            " WHERE delivered_at >= $1 AND jurisdiction = $2",
            before,
            CENTER,
        )
    assert row is not None
    assert (row["service_code"], row["delivered_by"]) == (CASH_AID, f"social-worker@{CENTER}")
    assert str(row["case_file_id"]) == file["id"]


async def test_the_open_requests_of_a_file(running: Running, worker: httpx.AsyncClient, file: Json) -> None:
    waiting, referred = await asked(worker, file), await stepped(worker, await asked(worker, file), "accept", "refer")
    await stepped(worker, await asked(worker, file), "refuse")
    async with running.database.query(Actor.system("casefile")) as query:
        rows = await open_requests(query.connection, file["id"])
    assert [(str(row["id"]), row["status"]) for row in rows] == [
        (waiting["id"], "requested"),
        (referred["id"], "referred"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"service_code": "5"},
        {"service_code": None},
        {"member_id": "x"},
        {"pin": "12345"},
        {"pin": "111111"},
        {"pin": "456789"},
        {"pin": "321098"},
        {"asked_by": "somebody"},
        {"description": ""},
        {"due_on": "2030-01-01"},
        {"status": "delivered"},
        {"jurisdiction": "2901001"},
    ],
)
async def test_bad_input(worker: httpx.AsyncClient, file: Json, fields: Json) -> None:
    answer = await worker.post(
        f"/v1/case-files/{file['id']}/service-requests", json={"service_code": CASH_AID} | fields
    )
    assert code_of(answer) == (422, "invalid-input")
    assert pointers(answer) == [f"/{next(iter(fields))}"]
    assert (await worker.get(f"/v1/case-files/{file['id']}/service-requests")).json()["items"] == []


async def test_the_words_of_the_household_are_not_announced(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    request = await asked(
        worker,
        file,
        description="روایت",
        asked_by="on-behalf",
        on_behalf=NEIGHBOURS,
        member_id=file["members"][1]["id"],
    )
    await stepped(worker, request, "accept", "refer")
    for event in await running.events(count=3, type="pl.casefile.service-request"):
        text = event.to_json().decode()
        assert not any(
            word in text for word in ("روایت", "کریمی", "امداد", request["tracking_code"], request["member_id"])
        )


async def test_a_manager_and_the_county_may_work_on_it_as_well(
    client_as: ClientAs, worker: httpx.AsyncClient, county: httpx.AsyncClient, file: Json
) -> None:
    manager = await client_as("center-manager", CENTER)
    request = await asked(manager, file, asked_by="manager")
    request = await stepped(worker, request, "accept")
    request = await stepped(county, request, "deliver")
    assert request["delivered_by"] == "county-officer@2901"
