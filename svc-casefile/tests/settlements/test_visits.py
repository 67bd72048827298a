"""What a home visit comes to, and which does not count."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, opened
from settlement_samples import AZAR, BAHMAN, DEY, day, drafted, know_rule, know_tariff, lines_of, stepped, was_held

from shared.chassis.actor import Actor
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


@pytest.fixture
async def file(running: Running, worker: httpx.AsyncClient) -> Json:
    found = await opened(worker)
    await was_held(running, found, (day(1), "sara"))
    await know_rule(running, "visit-service", 3)
    return found


async def visited(running: Running, file: Json, at: datetime, **fields: Any) -> str:
    said = {
        "id": new_id(), "version": 1, "case_file_id": file["id"], "jurisdiction": CENTER, "visited_at": at,
        "visited_by": "sara", "planned": True, "outcome": "met", "met_members": [], "changes_state": "none",
        "digest": b"", "recorded_at": datetime.now(at.tzinfo), "recorded_by": "sara",
    } | fields  # fmt: skip
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            f"INSERT INTO home_visit ({', '.join(said)}) VALUES ({', '.join(f'${n + 1}' for n in range(len(said)))})",
            *said.values(),
        )
    return str(said["id"])


async def visits_in(client: httpx.AsyncClient, statement: Json) -> list[tuple[str, str, int, str | None]]:
    """Month, worker, rials and reason of each."""
    lines = await lines_of(client, statement, kind="visit")
    return [(line["month"], line["worker"], line["total_rials"], line["reason"]) for line in lines]


async def test_a_visit_amounts_to_the_tariff_of_its_day(
    running: Running, file: Json, manager: httpx.AsyncClient
) -> None:
    first = await visited(running, file, day(5))
    await know_tariff(running, 500, service="S03", valid_to=day(9).date())
    await know_tariff(running, 700, service="S03", valid_from=day(10).date())
    await know_tariff(running, 999, service="S03", area="rural")
    await know_tariff(running, 999, service="S04")
    (line,) = await lines_of(manager, await drafted(manager), kind="visit")
    assert (line["ref"], line["service_code"], line["from_day"], line["days"]) == (first, "S03", str(day(5).date()), 1)
    assert (line["worker"], line["total_rials"], line["of_days"]) == ("sara", 500, None)


async def test_which_visits_do_not_count(running: Running, worker: httpx.AsyncClient, file: Json, manager: httpx.AsyncClient) -> None:  # fmt: skip  # noqa: E501
    await know_tariff(running, 500, service="S03")
    suspended = await opened(worker)
    await was_held(running, suspended, (day(1), "sara"), status="suspended")
    fresh = await opened(worker)  # long after
    await visited(running, suspended, day(2), visited_by="not-active")
    await visited(running, fresh, day(2), visited_by="not-here-yet")
    await visited(running, file, day(3), visited_by="not-at-home", outcome="not-at-home")
    await visited(running, file, day(4), visited_by="implausible", place_plausible=False)
    await visited(running, file, day(6), visited_by="first", place_plausible=True)
    await visited(running, file, day(7), visited_by="again")

    assert {
        worker: (rials, reason) for _, worker, rials, reason in await visits_in(manager, await drafted(manager))
    } == {
        "not-active": (0, "file-not-active"),
        "not-here-yet": (0, "file-not-active"),
        "not-at-home": (0, "not-met"),
        "implausible": (0, "visit-implausible"),
        "first": (500, None),
        "again": (0, "visit-repeated"),
    }


async def test_without_a_rule_or_a_tariff_a_visit_comes_to_nothing_and_counts_once_there_is_one(
    running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    await was_held(running, file, (day(1), "sara"))
    await visited(running, file, day(5))
    assert await visits_in(manager, await drafted(manager)) == [(AZAR, "sara", 0, "no-rule")]
    await know_rule(running, "visit-service", 3)
    assert await visits_in(manager, await drafted(manager)) == [(AZAR, "sara", 0, "no-tariff")]
    await stepped(manager, await drafted(manager), "close")
    assert await visits_in(manager, await drafted(manager, DEY)) == []

    await know_tariff(running, 500, service="S03")
    dey = await stepped(manager, await drafted(manager, DEY), "close")
    assert await visits_in(manager, dey) == [(AZAR, "sara", 500, None)]
    assert await visits_in(manager, await drafted(manager, BAHMAN)) == []


async def test_a_visit_that_comes_in_late_is_in_the_next_statement_under_its_month(
    running: Running, file: Json, manager: httpx.AsyncClient
) -> None:
    await know_tariff(running, 500, service="S03")
    await visited(running, file, day(5))
    await stepped(manager, await drafted(manager), "close")
    await visited(running, file, day(6), visited_by="late")
    await visited(running, file, day(6, DEY), visited_by="in-time")

    dey = await stepped(manager, await drafted(manager, DEY), "close")

    assert await visits_in(manager, dey) == [(AZAR, "late", 0, "visit-repeated"), (DEY, "in-time", 500, None)]
    assert await visits_in(manager, await drafted(manager, BAHMAN)) == []


async def test_a_center_is_paid_for_visits_of_files_that_have_left(
    running: Running, file: Json, manager: httpx.AsyncClient, neighbour: httpx.AsyncClient, county: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:  # fmt: skip
    await know_tariff(running, 500, service="S03")
    await visited(running, file, day(5))
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE responsibility SET until = $2, next_jurisdiction = $3 WHERE case_file_id = $1",
            file["id"],
            day(20),
            NEIGHBOUR,
        )
        await command.connection.execute(
            "INSERT INTO responsibility (case_file_id, since, jurisdiction, status) VALUES ($1, $2, $3, 'active')",
            file["id"], day(20), NEIGHBOUR,
        )  # fmt: skip
        await command.connection.execute("UPDATE case_file SET jurisdiction = $2 WHERE id = $1", file["id"], NEIGHBOUR)
    # made while the file was here, and sent by the device when it had gone
    await visited(running, file, day(6), visited_by="reza", jurisdiction=NEIGHBOUR)

    ours = await drafted(manager)

    assert await visits_in(manager, ours) == [(AZAR, "sara", 500, None), (AZAR, "reza", 0, "visit-repeated")]
    assert {line["number"] for line in await lines_of(manager, ours)} == {None}
    there = await client_as("center-manager", NEIGHBOUR)
    assert await visits_in(there, await drafted(there, place=NEIGHBOUR)) == []
    assert (await drafted(county))["digest"] == ours["digest"], "whoever drafts it, it is the same statement"


async def test_what_the_database_tells_of_visits_elsewhere(running: Running, file: Json) -> None:
    await visited(running, file, day(5))
    for scope, expected in ((CENTER, 1), ("2901", 1), (NEIGHBOUR, 0), ("30", 0), (None, 0)):
        actor = Actor(subject="reader", roles=frozenset(), scope=Jurisdiction(scope) if scope else None)
        async with running.database.query(actor) as query:
            found = await query.fetch(
                "SELECT * FROM visits_of_centers(ARRAY[$1], $2, $3, NULL)", CENTER, day(1), day(30)
            )
            assert len(found) == expected, scope
            # and the scope is the caller's again
            assert await query.fetchval("SELECT current_setting('app.scope_from')") == (scope or "")
            executors = await query.fetchval(
                "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
                " WHERE proname = 'visits_of_centers' AND grantee <> proowner"
            )
    assert executors == ["casefile_app"]
