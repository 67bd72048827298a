"""A file goes from one center to another: place, worker and payer change at one instant."""

from datetime import date, datetime, timedelta

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, SUSPENDED_CENTER, Json, code_of, opened, person, pointers
from distribution_samples import know_center
from request_samples import asked, know_services
from transfer_samples import (
    asking,
    asking_for,
    eventually,
    execute,
    made,
    moved,
    read,
    rows,
    stepped,
    stepping,
    until,
)
from worker_samples import assigned, know_files_per_worker, know_worker, now

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running

TERMS = "SELECT * FROM responsibility WHERE case_file_id = $1 ORDER BY since"


async def test_a_worker_asks_and_both_managers_agree(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, client_as: ClientAs, running: Running
) -> None:
    worker = await client_as("social-worker", CENTER)
    file = await opened(worker, person("head"), person(), payer_category="pensioner")
    transfer = made(await asking(worker, NEIGHBOUR, file, note="خانواده جابه‌جا شد"))
    assert (transfer["status"], transfer["version"], transfer["kind"]) == ("requested", 1, "move")
    assert (transfer["origin"]["code"], transfer["destination"]["code"]) == (CENTER, NEIGHBOUR)
    assert transfer["possible"] == ["confirm", "refuse", "withdraw"]

    transfer = await stepped(origin, transfer, "confirm")
    assert (await now(origin, file))["jurisdiction"] == CENTER, "the origin answers for it until it leaves"
    transfer = await stepped(destination, transfer, "accept", payer_category="non-pensioner")
    assert (transfer["status"], transfer["effective_on"]) == ("accepted", str(today()))
    transfer = await until(destination, transfer, "effective")

    arrived = await now(destination, file)
    assert (arrived["jurisdiction"], arrived["status"], arrived["version"]) == (NEIGHBOUR, "active", 2)
    assert (arrived["payer_category"], len(arrived["members"])) == ("non-pensioner", 2)
    found = await destination.post("/v1/case-files:search", json={"identity": file["members"][1]["identity"]})
    assert [hit["id"] for hit in found.json()["items"]] == [file["id"]]
    entry, _ = (await destination.get(f"/v1/case-files/{file['id']}/history")).json()["items"]
    assert (entry["action"], entry["actor"]) == ("moved", "system:casefile")
    assert entry["changes"] == {
        "jurisdiction": [CENTER, NEIGHBOUR],
        "payer_category": ["pensioner", "non-pensioner"],
    }
    before, after = await rows(running, TERMS, arrived_id := file["id"])
    assert before["until"] == after["since"] == datetime.fromisoformat(transfer["effective_at"])
    assert (before["jurisdiction"], before["next_jurisdiction"]) == (CENTER, NEIGHBOUR)
    assert (after["jurisdiction"], after["payer_category"], after["until"]) == (NEIGHBOUR, "non-pensioner", None)
    kinds = await rows(
        running, "SELECT kind, actor FROM timeline_entry WHERE case_file_id = $1 ORDER BY at", arrived_id
    )
    assert [tuple(line) for line in kinds] == [
        ("transfer-requested", "social-worker@2901003"),
        ("transfer-confirmed", "center-manager@2901003"),
        ("transfer-accepted", "center-manager@2901001"),
        ("transfer-effective", "system:casefile"),
    ]


async def test_the_origin_keeps_a_stub_and_nothing_personal(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, client_as: ClientAs, running: Running
) -> None:
    await know_worker(running, "mina", NEIGHBOUR)
    file = await opened(origin, person("head"), address="خیابان مدرس")
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, file, note="مادر بیمار است")), "confirm")
    transfer = await stepped(destination, transfer, "accept", worker="mina", payer_category="child-support")
    there = await until(destination, transfer, "effective")

    stub = await read(origin, transfer)
    assert stub["number"] == file["number"]
    assert stub["destination"] == {"code": NEIGHBOUR, "name_fa": "مرکز", "name_en": None}
    assert (stub["effective_on"], stub["requested_at"]) == (str(today()), transfer["requested_at"])
    assert (stub["note"], stub["worker"], stub["payer_category"]) == (None, None, None)
    assert (there["note"], there["worker"], there["payer_category"]) == ("مادر بیمار است", "mina", "child-support")
    said = (await origin.get(f"/v1/transfers/{transfer['id']}")).text
    head = file["members"][0]
    for word in ("مدرس", "بیمار", head["family_name"], head["identity"]["value"], head["id"]):
        assert word not in said
    listed = (await origin.get("/v1/transfers", params={"side": "origin", "status": "effective"})).json()["items"]
    assert listed == [stub]
    steps = (await origin.get(f"/v1/transfers/{transfer['id']}/steps")).json()["items"]
    assert [(step["step"], step["note"]) for step in steps] == [
        ("requested", None),
        ("confirmed", None),
        ("accepted", None),
        ("effective", None),
    ]
    for path in ("", "/history", "/members"):
        assert code_of(await origin.get(f"/v1/case-files/{file['id']}{path}")) == (404, "not-found")
    assert (await origin.get("/v1/case-files")).json()["items"] == []
    worker_there = await client_as("social-worker", NEIGHBOUR, subject="mina")
    assert (await now(worker_there, file))["assigned_worker"] == "mina"


async def test_both_sides_are_told_of_each_step(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin)
    transfer = await moved(origin, destination, file, NEIGHBOUR)

    for step, actor in (("requested", CENTER), ("confirmed", CENTER), ("accepted", NEIGHBOUR)):
        told = await running.events(type=f"pl.casefile.transfer.{step}.v1", count=2)
        assert {event.address[-9:] for event in told} == {"29.01.003", "29.01.001"}
        assert {event.actor for event in told} == {f"center-manager@{actor}"}
        assert {event.subject for event in told} == {transfer["id"]}
        assert {event.data["number"] for event in told} == {file["number"]}
    (left,) = await running.events(type="pl.casefile.case-file.left.v1", count=1)
    (arrived,) = await running.events(type="pl.casefile.case-file.moved.v1", count=1)
    assert (left.address[-9:], left.data["destination"]) == ("29.01.003", NEIGHBOUR)
    assert (arrived.address[-9:], arrived.data["reason"]) == ("29.01.001", "transfer")
    assert (arrived.data["transfer_id"], arrived.data["version"]) == (transfer["id"], 2)


async def test_on_a_later_day_the_origin_answers_for_it_until_then(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin)
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, file)), "confirm")
    past = await stepping(destination, transfer, "accept", effective_on=str(today() - timedelta(days=1)))
    assert (code_of(past), pointers(past)) == ((422, "effective-in-the-past"), ["/effective_on"])
    transfer = await stepped(destination, transfer, "accept", effective_on=str(today() + timedelta(days=1)))
    await eventually(running, "SELECT FROM transfer_step WHERE told_at IS NOT NULL", expected=3)
    assert (await read(origin, transfer))["status"] == "accepted"
    assert (await now(origin, file))["jurisdiction"] == CENTER
    await execute(running, "UPDATE transfer SET effective_on = $1", today())
    await until(destination, transfer, "effective")
    assert (await now(destination, file))["jurisdiction"] == NEIGHBOUR


async def test_a_worker_named_at_acceptance_who_left_meanwhile_gets_no_file(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    posting = await know_worker(running, "mina", NEIGHBOUR)
    await know_worker(running, "sara", CENTER)
    file = await opened(origin)
    await assigned(origin, "sara", file)
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, file)), "confirm")
    stranger = await stepping(destination, transfer, "accept", worker="sara")
    assert (code_of(stranger), pointers(stranger)) == ((422, "worker-not-posted"), ["/worker"])
    tomorrow = str(today() + timedelta(days=1))
    transfer = await stepped(destination, transfer, "accept", worker="mina", effective_on=tomorrow)
    await know_worker(running, "mina", NEIGHBOUR, posting_id=posting, version=2, valid_to=today(), ended=True)
    await execute(running, "UPDATE transfer SET effective_on = $1", today())
    await until(destination, transfer, "effective")
    assert (await now(destination, file))["assigned_worker"] is None


async def test_a_worker_who_is_full_cannot_be_named(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    await know_worker(running, "mina", NEIGHBOUR)
    await know_files_per_worker(running, 0)
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, await opened(origin))), "confirm")
    assert code_of(await stepping(destination, transfer, "accept", worker="mina")) == (409, "worker-full")


async def test_what_is_unfit_to_be_asked_for(
    origin: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    file, waiting = await opened(origin), await opened(county)
    for client, named, wanted, refusal in (
        (origin, file, CENTER, (422, "already-there")),
        (origin, file, "2901", (422, "already-there")),
        (county, waiting, CENTER, (422, "already-there")),
        (origin, file, "29", (422, "not-a-place-for-files")),
        (origin, file, "IR", (422, "not-a-place-for-files")),
        (origin, file, SUSPENDED_CENTER, (422, "center-not-open")),
        (origin, file, "2901777", (422, "center-not-open")),
        (origin, file, "2977", (422, "center-not-open")),
        (origin, waiting, NEIGHBOUR, (422, "case-file-unknown")),
        (origin, {"id": "01900000-0000-7000-8000-000000000000"}, NEIGHBOUR, (422, "case-file-unknown")),
    ):
        assert code_of(await asking(client, wanted, named)) == refusal, wanted
    assert await rows(running, "SELECT FROM transfer") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"destination": NEIGHBOUR},
        {"destination": NEIGHBOUR, "number": "00000001"},
        {"destination": NEIGHBOUR, "number": "1", "identity": {"type": "national", "value": "0499370899"}},
        {"destination": "nowhere", "case_file_id": "01900000-0000-7000-8000-000000000000"},
        {"destination": NEIGHBOUR, "case_file_id": "x"},
        {"destination": NEIGHBOUR, "case_file_id": "01900000-0000-7000-8000-000000000000", "kind": "closing"},
        {"destination": NEIGHBOUR, "case_file_id": "01900000-0000-7000-8000-000000000000", "note": "x" * 2001},
        {"destination": NEIGHBOUR, "case_file_id": "01900000-0000-7000-8000-000000000000", "origin": CENTER},
    ],
)
async def test_bad_input(origin: httpx.AsyncClient, body: Json) -> None:
    assert code_of(await origin.post("/v1/transfers", json=body)) == (422, "invalid-input")


async def test_a_file_has_one_transfer_under_way(
    origin: httpx.AsyncClient, elsewhere: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    file = await opened(origin)
    transfer = made(await asking(origin, NEIGHBOUR, file))
    assert code_of(await asking(county, OTHER_COUNTY, file)) == (409, "transfer-under-way")
    assert code_of(await asking_for(elsewhere, OTHER_COUNTY, file)) == (409, "transfer-under-way")
    await stepped(origin, transfer, "withdraw")
    assert (await asking_for(elsewhere, OTHER_COUNTY, file)).is_success


async def test_the_same_request_sent_again_is_one(origin: httpx.AsyncClient, running: Running) -> None:
    file = await opened(origin)
    body = {"case_file_id": file["id"], "destination": NEIGHBOUR}
    answers = [
        await origin.post("/v1/transfers", json=body, headers={"Idempotency-Key": "asked-once"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(await rows(running, "SELECT FROM transfer")) == 1


async def test_each_side_answers_in_its_turn_and_the_origin_first(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient
) -> None:
    transfer = made(await asking(origin, NEIGHBOUR, await opened(origin)))
    early = await stepping(destination, transfer, "accept")
    assert code_of(early) == (409, "transfer-step-not-allowed")
    assert early.json()["allowed"] == ["confirm", "refuse", "withdraw"]
    for step, body in (("confirm", {}), ("refuse", {"reason": "no-room"}), ("withdraw", {})):
        assert code_of(await stepping(destination, transfer, step, **body)) == (403, "not-your-side"), step
    confirmed = await stepped(origin, transfer, "confirm")
    for step, body in (("accept", {}), ("refuse", {"reason": "no-room"})):
        assert code_of(await stepping(origin, confirmed, step, **body)) == (403, "not-your-side"), step
    assert code_of(await stepping(origin, confirmed, "confirm")) == (409, "transfer-step-not-allowed")
    assert code_of(await stepping(destination, transfer, "accept")) == (412, "precondition-failed")
    unnamed = await destination.post(f"/v1/transfers/{transfer['id']}:accept", json={})
    assert code_of(unnamed) == (428, "precondition-required")


async def test_what_is_open_about_a_file_is_said_before_it_goes(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin, person("head"), person())
    death = {"happened_on": "2026-05-01", "source": "visit", "death": {"member_id": file["members"][1]["id"]}}
    assert (await origin.post(f"/v1/case-files/{file['id']}/life-events", json=death)).is_success
    await know_services(running)
    await asked(origin, file)
    await execute(running, "UPDATE case_file SET visit_due_on = '2026-01-01'")
    open_matters = {"life-events": 1, "overdue-visits": 1, "service-requests": 1}
    transfer = made(await asking(origin, NEIGHBOUR, file))
    for body in ({}, {"carry_over": False}):
        refused = await stepping(origin, transfer, "confirm", **body)
        assert code_of(refused) == (409, "open-matters")
        assert refused.json()["open_matters"] == open_matters
    confirmed = await stepped(origin, transfer, "confirm", carry_over=True)
    assert confirmed["open_matters"] == open_matters
    assert (await read(destination, transfer))["open_matters"] == open_matters


async def test_a_refusal_needs_a_reason(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin)
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, file)), "confirm")
    for body in ({}, {"reason": ""}, {"reason": "because"}, {"note": "no"}):
        assert code_of(await stepping(destination, transfer, "refuse", **body)) == (422, "invalid-input")
    refused = await stepped(destination, transfer, "refuse", reason="household-not-found", note="نشانی درست نیست")
    assert (refused["status"], refused["refusal_reason"], refused["possible"]) == ("refused", "household-not-found", [])
    (*_, step) = (await origin.get(f"/v1/transfers/{transfer['id']}/steps")).json()["items"]
    assert (step["step"], step["reason"], step["note"]) == ("refused", "household-not-found", "نشانی درست نیست")
    told = await running.events(type="pl.casefile.transfer.refused.v1", count=2)
    assert all(event.data["reason"] == "household-not-found" for event in told)
    assert (await now(origin, file)) == file
    assert code_of(await stepping(destination, refused, "accept")) == (409, "transfer-step-not-allowed")


async def test_the_side_that_asked_may_withdraw_until_it_takes_effect(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient
) -> None:
    file = await opened(origin)
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, file)), "confirm")
    tomorrow = str(today() + timedelta(days=1))
    transfer = await stepped(destination, transfer, "accept", effective_on=tomorrow)
    assert code_of(await stepping(destination, transfer, "withdraw")) == (403, "not-your-side")
    assert (await stepped(origin, transfer, "withdraw"))["status"] == "withdrawn"
    assert (await now(origin, file)) == file


async def test_rebalancing_is_asked_for_by_the_office_above_both(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    file = await opened(origin)
    assert code_of(await asking(origin, NEIGHBOUR, file, kind="rebalancing")) == (403, "scope-forbidden")
    transfer = made(await asking(county, NEIGHBOUR, file, kind="rebalancing"))
    transfer = await stepped(county, await stepped(origin, transfer, "confirm"), "accept")
    await until(destination, transfer, "effective")
    assert (await now(destination, file))["jurisdiction"] == NEIGHBOUR


async def test_a_file_that_is_closed_lets_its_transfer_lapse(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin)
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, file)), "confirm")
    address = f"/v1/case-files/{file['id']}:close"
    await origin.post(address, json={"reason": "deceased"}, headers={"If-Match": '"1"'})
    lapsed = await read(destination, transfer)
    assert (lapsed["status"], lapsed["lapse_reason"], lapsed["version"]) == ("lapsed", "file-closed", 3)
    told = await running.events(type="pl.casefile.transfer.lapsed.v1", count=2)
    assert {event.actor for event in told} == {"center-manager@2901003"}


async def test_a_destination_that_is_not_open_any_more_gets_no_file(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin)
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, file)), "confirm")
    transfer = await stepped(destination, transfer, "accept", effective_on=str(today() + timedelta(days=1)))
    await know_center(running, NEIGHBOUR, (32.9, 59.2), version=2, status="suspended")
    await execute(running, "UPDATE transfer SET effective_on = $1", date(2026, 1, 1))
    lapsed = await until(origin, transfer, "lapsed")
    assert lapsed["lapse_reason"] == "destination-not-open"
    assert (await now(origin, file))["jurisdiction"] == CENTER


async def test_history_goes_along_and_the_file_can_come_back(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin)
    await moved(origin, destination, file, NEIGHBOUR)
    await moved(destination, origin, await now(destination, file), CENTER)
    back = await now(origin, file)
    assert (back["jurisdiction"], back["version"]) == (CENTER, 3)
    assert len((await origin.get(f"/v1/case-files/{file['id']}/history")).json()["items"]) == 3
    terms = await rows(running, TERMS, file["id"])
    assert [term["jurisdiction"] for term in terms] == [CENTER, NEIGHBOUR, CENTER]
    assert len((await origin.get("/v1/transfers", params={"case_file_id": file["id"]})).json()["items"]) == 2
