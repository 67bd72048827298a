"""What counts in a month, by which tariff, and what does not and why."""

from datetime import date, timedelta

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, code_of, opened
from settlement_samples import (
    AT_THE_END,
    AZAR,
    BAHMAN,
    BY_DAYS,
    DEY,
    FROM_A_MINIMUM,
    day,
    drafted,
    know_rule,
    know_tariff,
    lines_of,
    pay_care,
    stepped,
    was_held,
)

from shared.chassis.actor import Actor
from shared.kit.calendar import JalaliMonth, today
from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


async def test_a_file_held_all_month_amounts_to_its_tariff(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    await was_held(running, file, (day(1) - timedelta(days=90), "sara"))
    await pay_care(running, None)
    tariff = await know_tariff(running, 300_000, version=4)

    statement = await drafted(manager)

    assert (statement["total_rials"], statement["lines"], statement["counted"]) == (300_000, 1, 1)
    (line,) = await lines_of(manager, statement)
    assert (line["case_file_id"], line["number"], line["worker"]) == (file["id"], file["number"], "sara")
    assert (line["from_day"], line["to_day"]) == (str(AZAR.first_day), str(AZAR.last_day))
    assert (line["days"], line["of_days"], line["service_code"]) == (30, 30, "S06")
    assert (line["tariff_id"], line["tariff_version"], line["tariff_rials"]) == (tariff, 4, 300_000)


async def test_a_day_is_of_whoever_has_the_file_when_it_ends(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    # three hands on the tenth, one of them for an hour; in Iran it is still the tenth at half past eleven at night
    await was_held(running, file, (day(1), "sara"), (day(10, hour=9), "reza"), (day(10, hour=23), "mina"))
    await pay_care(running, 300_000)

    statement = await drafted(manager)

    assert [(line["worker"], line["days"]) for line in await lines_of(manager, statement)] == [
        ("sara", 9),
        ("mina", 21),
    ]
    assert statement["total_rials"] == 300_000
    detail = (await manager.get(f"/v1/settlements/{statement['id']}")).json()
    assert [(each["worker"], each["total_rials"]) for each in detail["workers"]] == [
        ("mina", 210_000),
        ("sara", 90_000),
    ]


async def test_rials_are_rounded_down(running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient) -> None:
    await was_held(running, await opened(worker), (day(2), "sara"))
    await pay_care(running, 100)
    assert (await drafted(manager))["total_rials"] == 96  # 29 of 30 days


async def test_a_tariff_counts_from_its_first_day_to_its_last(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await was_held(running, await opened(worker), (day(1), "sara"))
    await pay_care(running, 300, valid_to=day(10).date())
    await know_tariff(running, 600, valid_from=day(11).date(), valid_to=day(20).date())

    lines = await lines_of(manager, await drafted(manager))

    assert [(line["days"], line["total_rials"], line["reason"]) for line in lines] == [
        (10, 100, None),
        (10, 200, None),
        (10, 0, "no-tariff"),
    ]


async def test_the_narrowest_tariff_of_the_area_class_counts(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    for area in ("urban", "hard-to-reach", "nomadic", None):
        await was_held(running, await opened(worker), (day(1), area), area_class=area)
    await pay_care(running, 300)
    await know_tariff(running, 400, place="29")
    await know_tariff(running, 999, place="30")
    await know_tariff(running, 900, area="hard-to-reach")

    said = {line["worker"]: (line["area_class"], line["total_rials"], line["reason"])
            for line in await lines_of(manager, await drafted(manager))}  # fmt: skip

    # no tariff is for the nomadic; a file that names no class has its center's
    assert said == {
        "urban": ("urban", 400, None),
        "hard-to-reach": ("hard-to-reach", 900, None),
        "nomadic": ("nomadic", 0, "no-tariff"),
        None: ("urban", 400, None),
    }


async def test_without_a_signed_off_tariff_a_line_says_so_and_amounts_to_nothing(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await was_held(running, await opened(worker), (day(1), "sara"))
    await pay_care(running, 300, service="S05")

    statement = await drafted(manager)

    assert (statement["lines"], statement["counted"], statement["total_rials"]) == (1, 0, 0)
    (line,) = await lines_of(manager, statement)
    assert (line["reason"], line["tariff_id"], line["service_code"]) == ("no-tariff", None, "S06")


async def test_how_files_in_care_count_is_decided_by_people_or_nothing_counts(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await was_held(running, await opened(worker), (day(1), "sara"))
    await know_tariff(running, 300)
    for name, value in (("care-rule", BY_DAYS), ("care-service", 6)):
        (line,) = await lines_of(manager, await drafted(manager))
        assert (line["reason"], line["days"], line["total_rials"]) == ("no-rule", 30, 0)
        await know_rule(running, name, value)
    assert (await drafted(manager))["total_rials"] == 300


async def test_the_whole_tariff_for_whoever_has_the_file_when_the_month_ends(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await was_held(running, await opened(worker), (day(1), "sara"), (day(30), "reza"))
    await know_tariff(running, 999, area="rural")
    await know_tariff(running, 999, service="S03")
    await pay_care(running, 300, rule=AT_THE_END)
    await know_tariff(running, 999, area="hard-to-reach")

    lines = await lines_of(manager, await drafted(manager))

    assert [(line["worker"], line["total_rials"], line["reason"], line["of_days"]) for line in lines] == [
        ("sara", 0, "not-held-at-the-end", None),
        ("reza", 300, None, None),
    ]


async def test_the_whole_tariff_from_a_number_of_days(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    await was_held(running, file, (day(1), "sara"), (day(16), "reza"), (day(20), "sara"), (day(21), "mina"))
    await pay_care(running, 300, rule=FROM_A_MINIMUM)
    assert {line["reason"] for line in await lines_of(manager, await drafted(manager))} == {"no-rule"}

    await know_rule(running, "care-minimum-days", 16)
    lines = await lines_of(manager, await drafted(manager))

    assert {line["worker"]: (line["days"], line["total_rials"], line["reason"]) for line in lines} == {
        "sara": (16, 300, None),
        "reza": (4, 0, "too-few-days"),
        "mina": (10, 0, "too-few-days"),
    }


async def test_a_file_that_is_not_active_does_not_count(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await was_held(running, await opened(worker), (day(1), "sara"), status="suspended")
    await pay_care(running, 300)
    (line,) = await lines_of(manager, await drafted(manager))
    assert (line["reason"], line["days"], line["total_rials"]) == ("file-not-active", 30, 0)


async def test_a_center_is_settled_with_for_its_own_time_alone(
    running: Running, worker: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    await was_held(running, file, (day(1), "sara"), (day(11), "reza"))
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE responsibility SET jurisdiction = $2 WHERE case_file_id = $1 AND until IS NULL",
            file["id"],
            NEIGHBOUR,
        )
    await pay_care(running, 300)

    answer = await province.post("/v1/settlements", json={"month": AZAR})

    totals = {each["jurisdiction"]: each["total_rials"] for each in answer.json()["items"]}
    assert (totals[CENTER], totals[NEIGHBOUR], totals[OTHER_COUNTY]) == (100, 200, 0)


async def test_a_draft_made_anew_is_the_same_statement(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    for number in range(1, 6):
        await was_held(running, await opened(worker), (day(number), "sara"), (day(number + 7), "reza"))
    await pay_care(running, 1_000_003)
    first = await drafted(manager)
    lines = await lines_of(manager, first)

    again = await drafted(manager)

    assert {**again, "drafted_at": None} == {**first, "drafted_at": None}
    assert await lines_of(manager, again) == lines
    await was_held(running, await opened(worker), (day(3), "mina"))
    changed = await drafted(manager)
    assert (changed["id"], changed["version"]) == (first["id"], first["version"] + 1)
    assert changed["digest"] != first["digest"]
    assert [line["id"] for line in await lines_of(manager, changed, worker="sara")] == [
        line["id"] for line in lines if line["worker"] == "sara"
    ]


async def test_a_month_that_runs_counts_up_to_today_and_one_to_come_not_at_all(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await opened(worker)
    month = JalaliMonth.from_date(today())
    statement = await drafted(manager, month)
    (line,) = await lines_of(manager, statement)
    assert (statement["counted_to"], line["from_day"], line["to_day"]) == (str(today()), str(today()), str(today()))

    following = JalaliMonth.from_date(month.last_day + timedelta(days=1))
    answer = await manager.post("/v1/settlements", json={"month": following})
    assert code_of(answer) == (422, "month-not-begun")


async def test_what_an_early_closing_left_of_a_month_comes_in_the_next_statement(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    await was_held(running, file, (day(1), "sara"), (day(25), "reza"))
    await pay_care(running, 300)
    azar = await stepped(manager, await drafted(manager), "close")
    async with running.database.command(
        Actor.system("casefile")
    ) as command:  # as it would be, closed in the evening of the 20th
        await command.connection.execute(
            "UPDATE settlement SET counted_to = $2 WHERE id = $1", azar["id"], day(20).date()
        )

    dey = await drafted(manager, DEY)

    late = [line for line in await lines_of(manager, dey) if line["month"] == AZAR]
    assert [(line["worker"], line["days"], line["total_rials"]) for line in late] == [("sara", 4, 40), ("reza", 6, 60)]
    await stepped(manager, dey, "close")
    later = await drafted(manager, BAHMAN)
    assert {line["month"] for line in await lines_of(manager, later)} == {BAHMAN}


async def test_a_tariff_that_is_signed_off_after_closing_counts_in_the_next_statement_once(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    await was_held(running, file, (day(1), "sara"))
    await pay_care(running, None)
    azar = await stepped(manager, await drafted(manager), "close")
    (without,) = await lines_of(manager, azar)

    still_without = await drafted(manager, DEY)
    assert [line["month"] for line in await lines_of(manager, still_without)] == [DEY]

    await know_tariff(running, 300)
    dey = await stepped(manager, await drafted(manager, DEY), "close")
    late, present = await lines_of(manager, dey)
    assert (late["month"], late["total_rials"], late["follows"]) == (AZAR, 300, without["id"])
    assert (present["month"], present["total_rials"]) == (DEY, 300)
    assert dey["total_rials"] == 600
    assert await lines_of(manager, azar) == [without]

    following = await drafted(manager, BAHMAN)
    assert {line["month"] for line in await lines_of(manager, following)} == {BAHMAN}


async def test_a_rule_that_is_set_after_closing_counts_in_the_next_statement(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await was_held(running, await opened(worker), (day(1), "sara"), (day(11), "reza"))
    await know_tariff(running, 300)
    await stepped(manager, await drafted(manager), "close")
    await know_rule(running, "care-service", 6)
    await know_rule(running, "care-rule", FROM_A_MINIMUM)
    await know_rule(running, "care-minimum-days", 15)

    dey = await drafted(manager, DEY)

    counted = await lines_of(manager, dey, counted="true")
    assert [(line["month"], line["worker"], line["days"]) for line in counted] == [
        (AZAR, "reza", 20),
        (DEY, "reza", 30),
    ]


async def test_places_and_months_that_are_none(manager: httpx.AsyncClient, county: httpx.AsyncClient) -> None:
    for body, code in (
        ({"month": "1404-13"}, "invalid-input"),
        ({}, "invalid-input"),
        ({"month": AZAR, "jurisdiction": "29"}, "scope-forbidden"),
        ({"month": AZAR, "extra": 1}, "invalid-input"),
    ):
        assert code_of(await manager.post("/v1/settlements", json=body))[1] == code
    everywhere = (await county.post("/v1/settlements", json={"month": AZAR})).json()["items"]
    assert [each["jurisdiction"] for each in everywhere] == [NEIGHBOUR, CENTER, "2901009"]
    assert {each["counted_to"] for each in everywhere} == {str(date(2025, 12, 21))}
