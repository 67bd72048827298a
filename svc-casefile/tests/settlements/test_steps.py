"""Draft → closed by the center → approved by the county → paid; and what is wrong is put right by new lines."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from casefile_samples import CENTER, Json, code_of, opened
from settlement_samples import AZAR, BAHMAN, DEY, day, drafted, know_tariff, lines_of, pay_care, step, stepped, was_held

from shared.chassis.actor import Actor
from shared.testing.plugin import ClientAs, Running

PAYMENT = {"paid_on": "2026-01-05", "reference": "1404/10-77"}


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER, subject="manager")


@pytest.fixture
async def file(running: Running, worker: httpx.AsyncClient) -> Json:
    found = await opened(worker)
    await was_held(running, found, (day(1), "sara"))
    await pay_care(running, 300)
    return found


async def corrected(client: httpx.AsyncClient, statement: Json, line: Json, **body: Any) -> httpx.Response:
    return await client.post(
        f"/v1/settlements/{statement['id']}/lines/{line['id']}:correct", json={"reason": "بررسی شد", **body}
    )


async def test_a_statement_goes_from_the_center_over_the_county_to_the_province(
    running: Running, file: Json, manager: httpx.AsyncClient, county: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    closed = await stepped(manager, await drafted(manager), "close")
    approved = await stepped(county, closed, "approve")
    paid = await stepped(province, approved, "pay", **PAYMENT)

    assert [each["status"] for each in (closed, approved, paid)] == ["closed", "approved", "paid"]
    assert (paid["closed_by"], paid["approved_by"], paid["paid_by"]) == (
        "manager", "county-officer@2901", "province-officer@29",
    )  # fmt: skip
    assert (paid["paid_on"], paid["payment_reference"]) == ("2026-01-05", "1404/10-77")
    facts = [
        (await running.events(type=f"pl.casefile.settlement.{fact}.v1", count=1))[0]
        for fact in ("closed", "approved", "paid")
    ]
    assert [fact.data["version"] for fact in facts] == [closed["version"], approved["version"], paid["version"]]
    assert {(fact.data["month"], fact.data["total_rials"], str(fact.jurisdiction)) for fact in facts} == {
        (AZAR, 300, CENTER)
    }
    assert "sara" not in "".join(fact.to_json().decode() for fact in facts)


async def test_a_step_out_of_turn_names_what_is_possible(
    file: Json, manager: httpx.AsyncClient, county: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    draft = await drafted(manager)
    refused = await step(county, draft, "approve")
    assert code_of(refused) == (409, "settlement-step-not-allowed")
    assert (refused.json()["present"], refused.json()["allowed"]) == ("draft", ["close"])
    closed = await stepped(manager, draft, "close")
    assert code_of(await step(manager, closed, "close")) == (409, "settlement-step-not-allowed")
    assert code_of(await step(province, closed, "pay", **PAYMENT)) == (409, "settlement-step-not-allowed")
    assert code_of(await step(county, draft, "approve")) == (412, "precondition-failed")
    without = await manager.post(f"/v1/settlements/{draft['id']}:close")
    assert code_of(without) == (428, "precondition-required")


async def test_what_was_closed_is_not_drafted_again(
    running: Running, worker: httpx.AsyncClient, file: Json, manager: httpx.AsyncClient
) -> None:
    closed = await stepped(manager, await drafted(manager), "close")
    lines = await lines_of(manager, closed)
    await was_held(running, await opened(worker), (day(1), "reza"))

    assert await drafted(manager) == closed
    assert await lines_of(manager, closed) == lines


async def test_no_program_changes_a_line_of_a_closed_statement(
    running: Running, file: Json, manager: httpx.AsyncClient
) -> None:
    closed = await stepped(manager, await drafted(manager), "close")
    async with running.database.command(Actor.system("casefile")) as command:
        deleted = await command.connection.execute("DELETE FROM settlement_line WHERE settlement_id = $1", closed["id"])
        assert deleted == "DELETE 0"
    for statement in (
        "UPDATE settlement_line SET total_rials = 1",
        "INSERT INTO settlement_share SELECT settlement_id, 'x', jurisdiction, 1, 1, 1 FROM settlement_share",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with running.database.command(Actor.system("casefile")) as command:
                await command.connection.execute(statement)


async def test_a_draft_that_is_not_what_is_known_is_not_closed(
    running: Running, worker: httpx.AsyncClient, file: Json, manager: httpx.AsyncClient
) -> None:
    draft = await drafted(manager)
    await was_held(running, await opened(worker), (day(1), "reza"))

    assert code_of(await step(manager, draft, "close")) == (409, "settlement-outdated")
    assert (await manager.get(f"/v1/settlements/{draft['id']}")).json()["total_rials"] == 300
    assert (await stepped(manager, await drafted(manager), "close"))["total_rials"] == 600


async def test_who_closed_does_not_approve(file: Json, manager: httpx.AsyncClient, client_as: ClientAs) -> None:
    closed = await stepped(manager, await drafted(manager), "close")
    same_person = await client_as("county-officer", "2901", subject="manager")
    assert code_of(await step(same_person, closed, "approve")) == (403, "another-person-needed")


async def test_two_closings_at_once_count_what_is_late_in_one_of_them(
    running: Running, file: Json, manager: httpx.AsyncClient
) -> None:
    azar = await stepped(manager, await drafted(manager), "close")
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE settlement SET counted_to = $2 WHERE id = $1", azar["id"], day(20).date()
        )
    drafts = [await drafted(manager, month) for month in (DEY, BAHMAN)]
    assert [each["total_rials"] for each in drafts] == [400, 400]

    answers = await asyncio.gather(*(step(manager, each, "close") for each in drafts))

    closed = [answer.json() for answer in answers if answer.is_success]
    assert [answer.json()["code"] for answer in answers if not answer.is_success] == ["settlement-outdated"]
    assert [each["total_rials"] for each in closed] == [400]
    left = next(each["month"] for each in drafts if each["month"] != closed[0]["month"])
    assert (await drafted(manager, left))["total_rials"] == 300


async def test_a_correction_is_two_new_lines_of_the_next_statement(
    file: Json, manager: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    azar = await stepped(manager, await drafted(manager), "close")
    (line,) = await lines_of(manager, azar)

    made = await corrected(county, azar, line, counts=True, days=20)

    assert made.status_code == 201, made.text
    dey = await drafted(manager, DEY)
    present, taken_back, instead = await lines_of(manager, dey)
    assert (present["month"], present["entry"], present["total_rials"]) == (DEY, "original", 300)
    assert (taken_back["month"], taken_back["entry"], taken_back["days"], taken_back["total_rials"]) == (
        AZAR, "reversal", -30, -300,
    )  # fmt: skip
    assert (instead["month"], instead["entry"], instead["days"], instead["total_rials"]) == (
        AZAR,
        "correction",
        20,
        200,
    )
    assert taken_back["follows"] == instead["follows"] == line["id"]
    assert await lines_of(manager, azar) == [line]
    assert dey["total_rials"] == 200

    closed = await stepped(manager, dey, "close")
    assert [each["month"] for each in await lines_of(manager, await drafted(manager, BAHMAN))] == [BAHMAN]
    again = await corrected(county, closed, instead, counts=False)
    assert again.status_code == 201
    (_, back, nothing) = await lines_of(manager, await drafted(manager, BAHMAN))
    assert (back["total_rials"], nothing["total_rials"], nothing["reason"]) == (-200, 0, "decided")


async def test_what_is_not_corrected(
    running: Running, file: Json, manager: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    draft = await drafted(manager)
    (line,) = await lines_of(manager, draft)
    assert code_of(await corrected(county, draft, line, counts=False)) == (409, "line-not-closed")
    azar = await stepped(manager, draft, "close")
    assert code_of(await corrected(county, azar, line, counts=True, days=31)) == (422, "too-many-days")
    nobodys = {"id": azar["id"]}
    assert code_of(await corrected(county, azar, nobodys, counts=False)) == (404, "not-found")
    assert (await corrected(county, azar, line, counts=False)).is_success
    assert code_of(await corrected(county, azar, line, counts=True)) == (409, "line-corrected")
    dey = await stepped(manager, await drafted(manager, DEY), "close")
    (reversal,) = (each for each in await lines_of(manager, dey) if each["entry"] == "reversal")
    assert code_of(await corrected(county, dey, reversal, counts=True)) == (409, "line-corrected")


async def test_a_correction_counts_by_a_tariff_or_not_at_all(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    await was_held(running, await opened(worker), (day(1), "sara"), status="suspended")
    await pay_care(running, None)
    azar = await stepped(manager, await drafted(manager), "close")
    (line,) = await lines_of(manager, azar)
    await corrected(county, azar, line, counts=True)

    (said,) = (each for each in await lines_of(manager, await drafted(manager, DEY)) if each["entry"] == "correction")
    assert (said["reason"], said["total_rials"]) == ("no-tariff", 0)
    await know_tariff(running, 300)
    (said,) = (each for each in await lines_of(manager, await drafted(manager, DEY)) if each["entry"] == "correction")
    assert (said["reason"], said["total_rials"]) == (None, 300)
