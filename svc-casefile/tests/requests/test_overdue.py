"""What is overdue is told to the county: once, by whichever process comes first."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from casefile_samples import CENTER, Json, opened, version_of
from request_samples import asked, in_days, know_days, know_services, stepped, timeline

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import Running
from svc_casefile.requests import service

DAYS = 10


@pytest.fixture
async def file(running: Running, worker: httpx.AsyncClient) -> Json:
    await know_services(running)
    await know_days(running, "service-request-days", DAYS)
    return await opened(worker)


async def escalated(running: Running, *, after_days: int, limit: int = 100) -> int:
    """How many requests are escalated on the day that is so many days from now."""
    async with running.database.command(Actor.system("casefile")) as command:
        return await service.escalate(command, on=today() + timedelta(days=after_days), limit=limit)


async def test_the_county_is_told_on_the_day_after(
    running: Running, worker: httpx.AsyncClient, county: httpx.AsyncClient, file: Json
) -> None:
    request = await asked(worker, file)
    assert await escalated(running, after_days=DAYS) == 0
    assert await escalated(running, after_days=DAYS + 1) == 1

    (event,) = await running.events(count=1, type="pl.casefile.service-request.escalated")
    assert event.address.endswith(".29.01.003")
    assert event.actor == "system:casefile"
    assert event.data["service_request_id"] == request["id"]
    assert (event.data["escalated_to"], event.data["overdue_since"]) == ("2901", in_days(DAYS))
    (listed,) = (await county.get("/v1/service-requests", params={"escalated": True})).json()["items"]
    assert listed["id"] == request["id"]
    assert listed["version"] == 2
    assert (await timeline(running, file))[-1] == ("request-escalated", {"overdue_since": in_days(DAYS)})


async def test_it_is_told_once_however_often_and_by_however_many(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    requests = [await asked(worker, file) for _ in range(7)]
    told = await asyncio.gather(*(escalated(running, after_days=DAYS + 1, limit=3) for _ in range(6)))
    while more := await escalated(running, after_days=DAYS + 2, limit=3):
        told.append(more)

    assert sum(told) == len(requests)
    events = await running.events(count=len(requests), type="pl.casefile.service-request.escalated")
    assert {event.data["service_request_id"] for event in events} == {request["id"] for request in requests}
    kinds = [kind for kind, _ in await timeline(running, file)]
    assert kinds.count("request-escalated") == len(requests)


async def test_what_is_done_or_has_no_day_is_never_overdue(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    await stepped(worker, await asked(worker, file), "accept", "deliver")
    await stepped(worker, await asked(worker, file), "refuse")
    await stepped(worker, await asked(worker, file), "accept", "refer")  # without a rule no day for the answer
    await stepped(worker, await asked(worker, file), "accept", "refer", "record-answer")
    assert await escalated(running, after_days=1000) == 0


async def test_an_answer_that_does_not_come_is_overdue_too(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    request = await stepped(worker, await asked(worker, file), "accept")
    assert await escalated(running, after_days=DAYS + 1) == 1
    request = (await worker.get(f"/v1/service-requests/{request['id']}")).json()
    assert request["escalated_at"] is not None

    request = await stepped(worker, request, "refer", answer_due_on=in_days(3))
    assert (request["escalated_at"], request["expected_on"]) == (None, in_days(3))
    assert await escalated(running, after_days=3) == 0
    assert await escalated(running, after_days=4) == 1

    request = (await worker.get(f"/v1/service-requests/{request['id']}")).json()
    request = await stepped(worker, request, "record-answer", outcome="declined")
    assert (request["escalated_at"], request["expected_on"]) == (None, in_days(DAYS))


async def test_the_requests_of_a_closed_file_are_left_alone(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    await asked(worker, file)
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "deceased"}, headers=version_of(file))
    assert await escalated(running, after_days=1000) == 0


async def test_a_request_that_somebody_works_on_waits_for_the_next_look(
    running: Running, worker: httpx.AsyncClient, file: Json
) -> None:
    """Nobody waits for a lock, in either direction: two who wait for each other would be a deadlock."""
    await asked(worker, file)
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.fetch("SELECT FROM case_file WHERE jurisdiction = $1 FOR UPDATE", CENTER)
        assert await escalated(running, after_days=DAYS + 1) == 0
    assert await escalated(running, after_days=DAYS + 1) == 1
