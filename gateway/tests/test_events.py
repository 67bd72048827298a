"""The stream of events inside the caller's scope: a subscription, resumable, and over when the right to it is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import httpx
import pytest

from gateway.errors import InvalidEventPosition
from gateway.events_stream import Position
from shared.contracts.events import Envelope
from shared.contracts.gateway import PersonalFileReadV1
from shared.contracts.registry import CenterOpenedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.servers import NatsServer


def opened(code: str, version: int = 1) -> CenterOpenedV1:
    return CenterOpenedV1(
        jurisdiction=Jurisdiction(code),
        code=code,
        version=version,
        name_fa="مرکز",
        status="open",
        area_class="urban",
        latitude=32.9,
        longitude=59.2,
        opened_on=date(2021, 3, 8),
    )


class Stream:
    """What a front end would make of the answer."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_id = ""
        self.comments = 0
        self._lines = answer.aiter_lines()

    async def next(self, *, seconds: float = 10) -> tuple[str, Any]:
        """The name and data of the next event that has data."""
        name, data = "message", []
        async with asyncio.timeout(seconds):
            async for line in self._lines:
                kind, _, value = line.partition(": ")
                match kind:
                    case "event":
                        name = value
                    case "data":
                        data.append(value)
                    case "id":
                        self.last_id = value
                    case "":
                        if value:
                            self.comments += 1
                        elif data:
                            return name, json.loads("\n".join(data))
                        else:
                            return "start", None
        raise EOFError

    async def codes(self, count: int) -> list[str]:
        return [(await self.next())[1]["data"]["code"] for _ in range(count)]


@asynccontextmanager
async def listening(client: httpx.AsyncClient, **headers: str) -> AsyncIterator[Stream]:
    async with client.stream(
        "GET", "/v1/events", headers={k.replace("_", "-"): v for k, v in headers.items()}
    ) as answer:
        assert answer.status_code == 200, await answer.aread()
        stream = Stream(answer)
        assert await stream.next() == ("start", None)
        assert stream.last_id, "one can resume before the first event"
        yield stream


async def test_events_come_as_they_happen(running: Any) -> None:
    client = await running.client_of("manager", ("center-manager", "2901003"))
    async with listening(client) as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["cache-control"] == "no-cache"
        await running.publish(opened("2901003"))
        name, document = await stream.next(seconds=2)
        assert name == "pl.registry.center.opened.v1"
        assert Envelope.model_validate(document).event == opened("2901003")


@pytest.mark.parametrize(
    ("role", "place", "seen"),
    [
        ("center-manager", "2901003", ["2901003"]),
        ("county-officer", "2901", ["2901003", "2901004"]),
        ("province-officer", "29", ["2901003", "2901004", "2902001"]),
        ("headquarters", "IR", ["2802001", "2901003", "2901004", "2902001"]),
    ],
)
async def test_nothing_from_outside_the_scope(running: Any, role: str, place: str, seen: list[str]) -> None:
    client = await running.client_of("listener", (role, place))
    async with listening(client) as stream:
        for code in ("2802001", "2901003", "2901004", "2902001"):
            await running.publish(opened(code))
        last = seen[-1]
        assert await stream.codes(len(seen)) == seen
        await running.publish(opened("2802002"), opened(last, version=2))
        rest = await stream.next()
        if place == "IR":
            assert rest[1]["data"]["code"] == "2802002"
        else:
            assert rest[1]["data"] == opened(last, version=2).model_dump(mode="json")


async def test_who_reads_files_is_not_told_to_those_who_are_watched(running: Any) -> None:
    client = await running.client_of("manager", ("center-manager", "2901003"))
    async with listening(client) as stream:
        audit = PersonalFileReadV1(
            jurisdiction=Jurisdiction("2901003"),
            audit_id=new_id(),
            actor="someone",
            roles=(),
            scope=Jurisdiction("2901003"),
            operation="read_case_file",
            resource="/v1/case-files/1",
            request_id="r",
            at="2026-11-22T00:00:00Z",
            status=200,
        )
        await running.publish(audit, opened("2901003"))
        assert (await stream.next())[0] == "pl.registry.center.opened.v1"


async def test_last_event_id_resumes_exactly_after_it(running: Any) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    async with listening(client) as stream:
        await running.publish(*(opened(f"29010{number:02}") for number in range(10, 16)))
        first = await stream.codes(3)
        resume = stream.last_id
    await running.publish(*(opened(f"29010{number:02}") for number in range(16, 20)))
    async with listening(client, Last_Event_ID=resume) as stream:
        rest = await stream.codes(7)
    assert first + rest == [f"29010{number:02}" for number in range(10, 20)]


async def test_without_it_the_stream_begins_now(running: Any) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    await running.publish(opened("2901001"))
    async with listening(client) as stream:
        await running.publish(opened("2901002"))
        assert await stream.codes(1) == ["2901002"]


@pytest.mark.parametrize(
    "given", ["", "7", "registry", "registry.x", "registry.1.2", "adoption.1", "registry.1-registry.2"]
)
async def test_a_position_that_no_stream_gave_out(running: Any, given: str) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    answer = await client.get("/v1/events", headers={"Last-Event-ID": given})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-event-position")


async def test_a_position_beyond_the_end_begins_again_rather_than_lose_anything(running: Any) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    await running.publish(opened("2901001"))
    async with listening(client, Last_Event_ID="registry.900000000") as stream:
        assert (await stream.next())[0] == "pl.registry.posting.granted.v1"
        assert await stream.codes(1) == ["2901001"]


async def test_the_stream_ends_with_the_posting(running: Any) -> None:
    posting = await running.grant("manager", "center-manager", "2901003")
    client = await running.client(running.issuer.token("manager"))
    async with listening(client) as stream:
        await running.end("manager", "center-manager", "2901003", posting)
        name, data = await stream.next()
        while name == "pl.registry.posting.ended.v1":  # its own end may still be told
            name, data = await stream.next()
        assert (name, data) == ("end", {"code": "no-posting"})
        with pytest.raises(EOFError):
            await stream.next()
    assert (await client.get("/v1/events")).status_code == 403


async def test_the_stream_ends_with_the_token(running: Any) -> None:
    await running.grant("manager", "center-manager", "2901003")
    client = await running.client(running.issuer.token("manager", life=60))
    async with listening(client) as stream:
        running.clock.ahead = 120
        assert await stream.next() == ("end", {"code": "token-expired"})


async def test_a_caller_may_have_only_so_many(start: Any) -> None:
    running = await start(events_per_caller=2)
    client = await running.client_of("manager", ("center-manager", "2901003"))
    async with listening(client), listening(client):
        answer = await client.get("/v1/events")
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many-event-streams")
        other = await running.client_of("other", ("center-manager", "2901003"))
        async with listening(other):
            pass
    for _ in range(100):
        async with client.stream("GET", "/v1/events") as again:
            if again.status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("places were never given back")


async def test_a_role_without_events(running: Any) -> None:
    client = await running.client_of("screener", ("screener", "2901003"))
    answer = await client.get("/v1/events")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_stopping_ends_streams_at_once(start: Any) -> None:
    running = await start()
    client = await running.client_of("manager", ("center-manager", "2901003"))
    async with listening(client) as stream:
        running.stop()
        with pytest.raises(EOFError):
            await stream.next(seconds=5)


async def test_no_consumer_is_left_behind(running: Any) -> None:
    async def consumers() -> set[str]:
        return {each.name for each in await running.broker.jetstream.consumers_info("CASEFILE")}

    async def has_one_more(than: set[str]) -> set[str]:
        async with asyncio.timeout(10):
            while len(now := await consumers() - than) != 1:
                await asyncio.sleep(0.05)
        return now

    async def has_lost(these: set[str]) -> None:
        async with asyncio.timeout(10):
            while these & await consumers():
                await asyncio.sleep(0.05)

    client = await running.client_of("manager", ("center-manager", "2901003"))
    before = await consumers()
    async with listening(client):
        ours = await has_one_more(before)
    await has_lost(ours)


async def test_a_silent_stream_says_that_it_lives(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.1)
    client = await running.client_of("manager", ("center-manager", "2901003"))
    async with listening(client) as stream:
        await asyncio.sleep(0.5)
        await running.publish(opened("2901003"))
        await stream.next()
        assert stream.comments >= 2


async def test_nothing_is_left_out_when_the_broker_restarts(start: Any, own_nats: NatsServer, broker: Any) -> None:
    running = await start()
    client = await running.client_of("officer", ("province-officer", "29"))
    async with listening(client) as stream:
        await running.publish(opened("2901001"))
        assert await stream.codes(1) == ["2901001"]
        await asyncio.to_thread(own_nats.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(own_nats.start)
        await broker.wait_connected(seconds=10)
        for number in range(2, 12):
            await running.publish(opened(f"29010{number:02}"))
        assert await stream.codes(10) == [f"29010{number:02}" for number in range(2, 12)]


def test_a_position_reads_what_it_wrote() -> None:
    position = Position({"registry": 12, "casefile": 0})
    assert str(position) == "casefile.0-registry.12"
    assert Position.parse(str(position)) == position
    with pytest.raises(InvalidEventPosition):
        Position.parse("registry.12\n")
