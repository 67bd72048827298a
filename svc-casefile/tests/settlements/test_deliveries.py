"""What the delivery of a service comes to."""

from datetime import datetime

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, opened
from settlement_samples import AZAR, BAHMAN, DEY, day, drafted, know_tariff, lines_of, stepped, was_held

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
    return found


async def delivered(running: Running, file: Json, at: datetime, service: str, *, by: str = "sara") -> str:
    identity, now = new_id(), datetime.now(at.tzinfo)
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "INSERT INTO service_request (id, case_file_id, jurisdiction, version, tracking_code, service_code,"
            " asked_by, status, status_since, requested_at, recorded_by, delivered_at, delivered_by, closed_at)"
            " VALUES ($1, $2, $3, 1, $4, $5, 'household', 'delivered', $6, $7, 'sara', $7, $8, $6)",
            identity, file["id"], CENTER, str(identity), service, now, at, by,
        )  # fmt: skip
    return str(identity)


async def deliveries_in(client: httpx.AsyncClient, statement: Json) -> list[tuple[str, str, str, int, str | None]]:
    """Month, worker, service, rials and reason of each."""
    lines = await lines_of(client, statement, kind="delivery")
    return [
        (each["month"], each["worker"], each["service_code"], each["total_rials"], each["reason"]) for each in lines
    ]


async def test_a_delivery_amounts_to_the_tariff_of_its_service(
    running: Running, file: Json, manager: httpx.AsyncClient
) -> None:
    await know_tariff(running, 800, service="S13")
    ref = await delivered(running, file, day(5), "S13")
    await delivered(running, file, day(6), "S13", by="reza")
    await delivered(running, file, day(7), "S14", by="mina")
    statement = await drafted(manager)
    assert {
        (worker, service, rials, reason)
        for _, worker, service, rials, reason in await deliveries_in(manager, statement)
    } == {
        ("sara", "S13", 800, None),
        ("reza", "S13", 800, None),
        ("mina", "S14", 0, "no-tariff"),
    }
    assert ref in {line["ref"] for line in await lines_of(manager, statement, kind="delivery")}


async def test_a_delivery_that_is_recorded_late_is_in_the_next_statement_under_its_month_once(
    running: Running, file: Json, manager: httpx.AsyncClient
) -> None:
    await know_tariff(running, 800, service="S13")
    await delivered(running, file, day(5), "S14")
    await stepped(manager, await drafted(manager), "close")
    await delivered(running, file, day(6), "S13", by="late")
    await know_tariff(running, 300, service="S14")

    dey = await stepped(manager, await drafted(manager, DEY), "close")

    assert sorted(await deliveries_in(manager, dey)) == [
        (AZAR, "late", "S13", 800, None),
        (AZAR, "sara", "S14", 300, None),
    ]
    assert await deliveries_in(manager, await drafted(manager, BAHMAN)) == []


async def test_a_center_is_paid_for_what_it_delivered_before_the_file_left(
    running: Running, file: Json, manager: httpx.AsyncClient
) -> None:
    await know_tariff(running, 800, service="S13")
    await delivered(running, file, day(5), "S13")
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE case_file SET jurisdiction = $2 WHERE id = $1", file["id"], NEIGHBOUR)
    assert await deliveries_in(manager, await drafted(manager)) == [(AZAR, "sara", "S13", 800, None)]


async def test_what_the_database_tells_of_deliveries_elsewhere(running: Running, file: Json) -> None:
    await delivered(running, file, day(5), "S13")
    for scope, expected in ((CENTER, 1), ("29", 1), (NEIGHBOUR, 0), (None, 0)):
        actor = Actor(subject="reader", roles=frozenset(), scope=Jurisdiction(scope) if scope else None)
        async with running.database.query(actor) as query:
            found = await query.fetch(
                "SELECT * FROM deliveries_of_centers(ARRAY[$1], $2, $3, NULL)", CENTER, day(1), day(30)
            )
            assert len(found) == expected, scope
            # and the scope is the caller's again
            assert await query.fetchval("SELECT current_setting('app.scope_from')") == (scope or "")
