"""Every event takes effect once, in the order of the stream, and one that cannot be handled holds up no other."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from shared.chassis.consumers import ConsumerRunner, Handlers, _Consumer
from shared.chassis.database import Command
from shared.chassis.dead_letters import find, list_dead_letters, return_dead_letters
from shared.chassis.streams import ensure_streams
from shared.contracts.events import Envelope
from shared.contracts.registry import CenterOpenedV1, ParameterSetV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction

from .conftest import Background, World, fact, until


class Projection:
    """A consumer that keeps what it was told, each effect as a row of its own."""

    def __init__(self) -> None:
        self.on = Handlers()
        self.on(ParameterSetV1)(self.remember)
        self.failing: set[int] = set()
        self.tried: list[int] = []

    async def remember(self, command: Command, event: ParameterSetV1) -> None:
        self.tried.append(event.value)
        await command.connection.execute(
            "INSERT INTO note (id, jurisdiction, text, level) VALUES ($1, $2, $3, $4)",
            new_id(),
            event.jurisdiction.code,
            str(new_id()),
            event.value,
        )
        if event.value in self.failing:
            raise LookupError(f"no place for the private {event.value}")


async def effects(world: World) -> list[int]:
    """The values in the order in which they took effect."""
    return list(await world.fetchval("SELECT coalesce(array_agg(level ORDER BY id), '{}') FROM note"))


def runner_for(
    world: World, *handlers: Handlers, service: str = "casefile", retry_seconds: Sequence[float] = (0.2, 0.2)
) -> ConsumerRunner:
    return ConsumerRunner(
        service=service,
        handlers=handlers,
        database=world.database,
        database_dsn=world.dsn,
        broker=world.broker,
        retry_seconds=retry_seconds,
    )


def shows(world: World, values: list[int]) -> Any:
    async def shown() -> bool:
        return await effects(world) == values

    return shown


async def acknowledged(world: World) -> bool:
    info = await world.broker.jetstream.consumer_info("REGISTRY", "casefile-registry")
    return (info.num_pending, info.num_ack_pending) == (0, 0)


async def test_events_take_effect_in_the_order_of_the_stream(world: World, background: Background) -> None:
    await world.send(*[fact(number) for number in range(150)])
    background.start(runner_for(world, Projection().on))
    await until(shows(world, list(range(150))))
    await world.send(fact(150))
    await until(shows(world, list(range(151))))
    await until(lambda: acknowledged(world))


async def test_an_event_that_comes_twice_takes_effect_once(world: World, background: Background) -> None:
    event = fact(1)
    (document,) = await world.send(event)
    await world.broker.jetstream.publish(event.subject, document, headers={"Nats-Msg-Id": "again"})
    await world.send(fact(2))
    background.start(runner_for(world, Projection().on))
    await until(shows(world, [1, 2]))
    await world.broker.jetstream.publish(event.subject, document, headers={"Nats-Msg-Id": "and again"})
    await world.send(fact(3))
    await until(shows(world, [1, 2, 3]))


async def test_two_features_may_listen_to_the_same_event(world: World, background: Background) -> None:
    await world.send(fact(1))
    background.start(runner_for(world, Projection().on, Projection().on))
    await until(shows(world, [1, 1]))


async def test_a_handler_sees_what_an_earlier_one_wrote(world: World, background: Background) -> None:
    on, seen = Handlers(), []

    @on(ParameterSetV1)
    async def announce(command: Command, event: ParameterSetV1) -> None:
        seen.append(await command.connection.fetchval("SELECT count(*) FROM outbox"))
        command.publish(fact(event.value + 100))

    await world.send(fact(1), fact(2), fact(3))
    background.start(runner_for(world, on))
    await until(lambda: acknowledged(world))
    assert seen == [0, 1, 2]
    assert await world.waiting() == 3


async def test_what_is_taken_in_together_keeps_the_order_of_the_stream(world: World, background: Background) -> None:
    on, seen = Handlers(), []

    @on.together(ParameterSetV1)
    async def take(command: Command, events: Sequence[ParameterSetV1]) -> None:
        seen.append([event.value for event in events])

    @on(CenterOpenedV1)
    async def open_center(command: Command, event: CenterOpenedV1) -> None:
        seen.append([event.code])

    center = CenterOpenedV1(
        jurisdiction=Jurisdiction("2901003"),
        code="2901003",
        version=1,
        name_fa="مرکز",
        status="open",
        area_class="urban",
        latitude=32.9,
        longitude=59.2,
    )
    await world.send(fact(1), fact(2), center, fact(3))
    last = fact(4)
    (document,) = await world.send(last)
    await world.broker.jetstream.publish(last.subject, document, headers={"Nats-Msg-Id": "again"})
    background.start(runner_for(world, on))
    await until(lambda: acknowledged(world))
    assert seen == [[1, 2], ["2901003"], [3, 4]]


async def test_one_that_fails_is_tried_again_and_holds_up_no_other(world: World, background: Background) -> None:
    projection = Projection()
    projection.failing = {2}
    await world.send(*[fact(number) for number in range(5)])
    background.start(runner_for(world, projection.on))
    await until(shows(world, [0, 1, 3, 4]))
    projection.failing = set()
    await until(shows(world, [0, 1, 3, 4, 2]))
    await until(lambda: acknowledged(world))


async def test_one_that_keeps_failing_becomes_a_dead_letter_and_can_be_returned(
    world: World, background: Background, capsys: pytest.CaptureFixture[str]
) -> None:
    projection = Projection()
    projection.failing = {2}
    documents = await world.send(fact(1), fact(2), fact(3))
    background.start(runner_for(world, projection.on))

    async def buried() -> bool:
        return len(await world.stored("DEAD_LETTERS")) == 1

    await until(buried)
    await until(lambda: acknowledged(world))
    assert await effects(world) == [1, 3]
    # with the batch, alone, and after each of the two pauses
    assert projection.tried.count(2) == 4
    (letter,) = await world.stored("DEAD_LETTERS")
    assert letter.subject == "dlq.casefile.pl.registry.parameter.set.v1.29.01.-"
    assert letter.data == documents[1]
    assert {name: value for name, value in letter.headers.items() if name.startswith("Dead-Letter")} == {
        "Dead-Letter-Reason": "LookupError",
        "Dead-Letter-Consumer": "casefile-registry",
        "Dead-Letter-Subject": "pl.registry.parameter.set.v1.29.01.-",
        "Dead-Letter-Sequence": str((await world.stored())[1].seq),
        "Dead-Letter-Deliveries": "3",
    }

    await list_dead_letters(world.broker, service="casefile", limit=10)
    listed = capsys.readouterr().out
    assert str(Envelope.parse(documents[1]).id) in listed
    assert "private" not in listed
    assert "files-per-center-maximum" not in listed
    assert len(await world.stored("DEAD_LETTERS")) == 1  # looking consumes nothing

    projection.failing = set()
    await return_dead_letters(world.broker, service="casefile", limit=10)
    assert capsys.readouterr().out == "1 returned\n"
    await until(shows(world, [1, 3, 2]))
    await list_dead_letters(world.broker, service="casefile", limit=10)
    assert capsys.readouterr().out == ""


async def test_dead_letters_of_another_service_are_left_alone(world: World, background: Background) -> None:
    projection = Projection()
    projection.failing = {1}
    await world.send(fact(1))
    background.start(runner_for(world, projection.on, retry_seconds=()))

    async def buried() -> bool:
        return len(await world.stored("DEAD_LETTERS")) == 1

    await until(buried)
    assert [letter async for letter in find(world.broker, service="screening", limit=10)] == []
    assert len([letter async for letter in find(world.broker, service="casefile", limit=10)]) == 1


@pytest.mark.parametrize(
    "document",
    [b"", b"not json", b"{}", b'{"specversion": "1.0"}', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "text", "no envelope", "half an envelope", "no utf-8", "deep"],
)
async def test_what_is_no_event_becomes_a_dead_letter_at_once(
    world: World, background: Background, document: bytes
) -> None:
    await world.broker.jetstream.publish(fact(1).subject, document)
    await world.send(fact(2))
    background.start(runner_for(world, Projection().on, retry_seconds=(60,)))
    await until(shows(world, [2]))
    await until(lambda: acknowledged(world))
    (letter,) = await world.stored("DEAD_LETTERS")
    assert letter.headers["Dead-Letter-Reason"] == "MalformedEvent"
    assert (letter.data or b"") == document


async def test_an_event_without_its_data_becomes_a_dead_letter_at_once(world: World, background: Background) -> None:
    envelope = Envelope.wrap(fact(1), id=new_id(), time=datetime.now(UTC), actor="somebody")
    broken = envelope.model_copy(update={"data": {"name": "files-per-center-maximum"}})
    await world.broker.jetstream.publish(fact(1).subject, broken.to_json())
    background.start(runner_for(world, Projection().on, retry_seconds=(60,)))

    async def buried() -> bool:
        return len(await world.stored("DEAD_LETTERS")) == 1

    await until(buried)
    assert await effects(world) == []


async def test_a_consumer_that_was_deleted_comes_back_and_repeats_nothing(world: World, background: Background) -> None:
    background.start(runner_for(world, Projection().on))
    await world.send(*[fact(number) for number in range(20)])
    await until(shows(world, list(range(20))))
    await world.broker.jetstream.delete_consumer("REGISTRY", "casefile-registry")
    await world.send(fact(20))
    await until(shows(world, list(range(21))))
    await until(lambda: acknowledged(world))
    assert await effects(world) == list(range(21))


async def test_a_stream_that_comes_late_is_waited_for(
    world: World, background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    await world.broker.jetstream.delete_stream("REGISTRY")
    runner = runner_for(world, Projection().on)
    background.start(runner)
    await asyncio.sleep(0.3)
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
    await ensure_streams(world.broker, owner="registry")
    await world.send(fact(1))
    await until(shows(world, [1]))


async def test_a_service_that_learns_a_new_event_is_told_the_past(world: World, background: Background) -> None:
    center = CenterOpenedV1(
        code="2901003",
        jurisdiction=Jurisdiction("2901003"),
        version=1,
        name_fa="مرکز",
        status="open",
        area_class="urban",
        latitude=32.8,
        longitude=59.2,
    )
    await world.send(fact(1), center, fact(2))
    old = runner_for(world, Projection().on)
    background.start(old)
    await until(shows(world, [1, 2]))
    await background.stop(old)

    opened, on = [], Handlers()

    @on(CenterOpenedV1)
    async def remember(command: Command, event: CenterOpenedV1) -> None:
        opened.append(event.code)

    background.start(runner_for(world, Projection().on, on))

    async def learned() -> bool:
        return opened == ["2901003"]

    await until(learned)
    await until(lambda: acknowledged(world))
    assert opened == ["2901003"]
    assert await effects(world) == [1, 2]


async def test_two_processes_have_one_consumer_and_the_other_takes_over(world: World, background: Background) -> None:
    first, second = Projection(), Projection()
    one, other = runner_for(world, first.on), runner_for(world, second.on)
    background.start(one)
    await world.send(fact(0))
    await until(shows(world, [0]))
    background.start(other)
    await world.send(*[fact(number) for number in range(1, 50)])
    await until(shows(world, list(range(50))))
    assert second.tried == []
    await background.stop(one)
    await world.send(fact(50))
    await until(shows(world, list(range(51))))
    assert second.tried == [50]


async def test_one_that_dies_in_the_middle_is_made_up_for(
    world: World, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Consumer, "ACK_WAIT_SECONDS", 1.0)
    begun, on = asyncio.Event(), Handlers()

    @on(ParameterSetV1)
    async def hang(command: Command, event: ParameterSetV1) -> None:
        begun.set()
        await asyncio.sleep(60)

    dying = runner_for(world, on)
    background.start(dying)
    await world.send(*[fact(number) for number in range(10)])
    await begun.wait()
    await background.kill(dying)
    background.start(runner_for(world, Projection().on))
    await until(shows(world, list(range(10))))


async def test_a_handler_that_takes_long_is_not_given_the_event_again(
    world: World, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Consumer, "ACK_WAIT_SECONDS", 0.6)
    begun, on = [], Handlers()

    @on(ParameterSetV1)
    async def slow(command: Command, event: ParameterSetV1) -> None:
        begun.append(event.value)
        await asyncio.sleep(2)

    background.start(runner_for(world, on))
    await world.send(fact(1))
    await until(lambda: acknowledged(world))
    await asyncio.sleep(0.5)
    assert begun == [1]


async def test_postgres_killed_while_consuming(mortal: World, background: Background) -> None:
    """Not even a consumer that forgives nothing takes an outage for the fault of an event."""
    background.start(runner_for(mortal, Projection().on, retry_seconds=()))
    sending = asyncio.create_task(mortal.send(*[fact(number) for number in range(300)]))
    await asyncio.sleep(0.2)
    for _ in range(2):
        await mortal.restart(mortal.postgres, away=0.5)
        await asyncio.sleep(0.3)
    await sending
    await until(lambda: acknowledged(mortal), seconds=30)
    assert sorted(await effects(mortal)) == list(range(300))
    assert await mortal.stored("DEAD_LETTERS") == []


async def test_nats_killed_while_consuming(mortal: World, background: Background) -> None:
    projection = Projection()
    background.start(runner_for(mortal, projection.on))
    await mortal.send(*[fact(number) for number in range(100)])
    for _ in range(2):
        await asyncio.sleep(0.1)
        await mortal.restart(mortal.nats, away=0.5)
    await until(lambda: acknowledged(mortal), seconds=30)
    assert sorted(await effects(mortal)) == list(range(100))
    await mortal.send(fact(100))
    await until(shows(mortal, [*range(101)]), seconds=5)


async def test_a_consumer_that_gets_nowhere_is_reported(
    world: World, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Consumer, "STUCK_SECONDS", 1.5)
    on, release = Handlers(), asyncio.Event()

    @on(ParameterSetV1)
    async def hang(command: Command, event: ParameterSetV1) -> None:
        await release.wait()

    runner = runner_for(world, on)
    background.start(runner)
    await asyncio.sleep(1.8)
    assert runner.stuck() == []  # idle is not stuck
    await world.send(fact(1))

    async def reported() -> bool:
        return runner.stuck() == ["casefile-registry"]

    await until(reported)
    release.set()

    async def recovered() -> bool:
        return runner.stuck() == []

    await until(recovered)


async def test_the_trace_of_the_cause_goes_on_in_the_consumer(world: World, background: Background) -> None:
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    seen, on = [], Handlers()

    @on(ParameterSetV1)
    async def look(command: Command, event: ParameterSetV1) -> None:
        seen.append(trace.get_current_span().get_span_context().trace_id)

    for sampled in ("01", "00"):
        traceparent = f"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{sampled}"
        envelope = Envelope.wrap(
            fact(1), id=new_id(), time=datetime.now(UTC), actor="somebody", traceparent=traceparent
        )
        await world.broker.jetstream.publish(fact(1).subject, envelope.to_json())
    background.start(runner_for(world, on))
    await until(lambda: acknowledged(world))
    assert seen == [0x4BF92F3577B34DA6A3CE929D0E0E4736, 0]


async def test_the_inbox_forgets_what_the_stream_no_longer_holds(world: World, background: Background) -> None:
    jetstream = world.broker.jetstream
    stream = (await jetstream.stream_info("REGISTRY")).config
    await jetstream.update_stream(stream.evolve(max_age=timedelta(days=90).total_seconds()))
    try:
        ages = {days: _id_of(datetime.now(UTC) - timedelta(days=days)) for days in (1, 92, 98, 120)}
        for identity in ages.values():
            await world.execute("INSERT INTO inbox (consumer, event_id) VALUES ('casefile-registry', $1)", identity)
        await world.execute("INSERT INTO inbox (consumer, event_id) VALUES ('other-consumer', $1)", ages[120])
        background.start(runner_for(world, Projection().on))

        async def forgotten() -> bool:
            return int(await world.fetchval("SELECT count(*) FROM inbox")) == 3

        await until(forgotten)
        kept = await world.fetchval("SELECT array_agg(event_id) FROM inbox WHERE consumer = 'casefile-registry'")
        assert {*kept} == {ages[1], ages[92]}
    finally:
        await jetstream.update_stream(stream)


def _id_of(moment: datetime) -> UUID:
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (0x7 << 76) | (0x8 << 60) | 1)


async def test_a_handler_acts_for_the_service_in_the_whole_nation(world: World, background: Background) -> None:
    on, acted = Handlers(), []

    @on(ParameterSetV1)
    async def act(command: Command, event: ParameterSetV1) -> None:
        acted.append((command.actor.subject, str(command.scope)))

    await world.send(fact(1))
    background.start(runner_for(world, on))
    await until(lambda: acknowledged(world))
    assert acted == [("system:casefile", "IR")]
