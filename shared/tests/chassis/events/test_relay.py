"""Every committed event comes to the stream, once and in commit order, whatever is killed on the way."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from nats.errors import ConnectionClosedError

from shared.chassis.relay import _WAITING, Relay, republish_since
from shared.contracts.events import CONTENT_TYPE, Envelope
from shared.kit.ids import new_id
from shared.kit.problems import PayloadTooLarge

from .conftest import SYSTEM, Background, World, fact, until


def relay_for(world: World, *, poll: float = 0.05) -> Relay:
    relay = Relay(database_dsn=world.dsn, owner="registry", broker=world.broker, poll=poll)
    world.database.on_commit = relay.wake
    return relay


async def published(world: World) -> bool:
    return await world.waiting() == 0


async def test_what_was_committed_is_published_as_it_was_written(world: World, background: Background) -> None:
    await world.commit(fact(1), fact(2, county="0902"))
    background.start(relay_for(world))
    await until(lambda: published(world))

    first, second = await world.stored()
    assert first.subject == "pl.registry.parameter.set.v1.29.01.-"
    assert second.subject == "pl.registry.parameter.set.v1.09.02.-"
    envelope = Envelope.parse(first.data)
    assert first.headers["Nats-Msg-Id"] == str(envelope.id)
    assert first.headers["Content-Type"] == CONTENT_TYPE
    assert envelope.actor == "system:registry"
    assert await world.values() == [1, 2]


async def test_a_commit_wakes_the_relay(world: World, background: Background) -> None:
    background.start(relay_for(world, poll=3))
    await asyncio.sleep(0.3)
    await world.commit(fact(1))
    await until(lambda: published(world), seconds=2)


async def test_what_waited_once_is_not_looked_through_again(world: World, background: Background) -> None:
    """Without a vacuum too: an import leaves tens of thousands, and there are fifty looks a second."""
    relay = relay_for(world)
    background.start(relay)
    await world.commit(*[fact(number) for number in range(3_000)])
    await until(lambda: published(world))
    await background.stop(relay)
    leadership = relay._leadership
    await leadership.acquire()
    looks = [
        json.loads(await leadership.connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_WAITING}", 500))
        for _ in range(3)
    ]
    await leadership.release()
    pages = [look[0]["Plan"]["Shared Hit Blocks"] + look[0]["Plan"]["Shared Read Blocks"] for look in looks]
    assert pages[-1] < 30, f"pages gone through at each look: {pages}"


async def test_what_another_process_commits_is_found_without_being_woken(world: World, background: Background) -> None:
    background.start(relay_for(world))
    world.database.on_commit = lambda: None
    await world.commit(fact(1))
    await until(lambda: published(world), seconds=5)


async def test_an_event_that_commits_late_is_not_passed_over(world: World, background: Background) -> None:
    """Its number in the outbox is lower than that of events which are published already."""
    background.start(relay_for(world))
    async with world.database.command(SYSTEM) as slow:
        slow.publish(fact(1))
        await slow.flush()
        await world.commit(fact(2))
        await until(lambda: published(world))
        assert await world.values() == [2]
    await until(lambda: published(world))
    assert await world.values() == [2, 1]


async def test_more_than_a_batch_keeps_its_order(world: World, background: Background) -> None:
    await world.commit(*[fact(number) for number in range(1200)])
    background.start(relay_for(world))
    await until(lambda: published(world))
    assert await world.values() == list(range(1200))


@pytest.mark.parametrize("noted", [20, 47], ids=["sent as one batch", "sent one after the other"])
async def test_an_event_whose_answer_was_lost_is_not_published_twice(
    world: World, background: Background, noted: int
) -> None:
    relay = relay_for(world)
    background.start(relay)
    await world.commit(*[fact(number) for number in range(50)])
    await until(lambda: published(world))
    await background.kill(relay)
    # as if the relay had died between the answers of JetStream and its own note of them
    await world.execute("UPDATE outbox SET published_at = NULL WHERE seq > $1", noted)
    await world.commit(*[fact(number) for number in range(50, 53)])
    background.start(relay_for(world))
    await until(lambda: published(world))
    assert await world.values() == list(range(53))


async def test_somebody_else_writing_to_the_stream_stops_nothing(world: World, background: Background) -> None:
    background.start(relay_for(world))
    await world.commit(fact(1))
    await until(lambda: published(world))
    await world.send(fact(99))  # a dead letter that was returned
    await world.commit(fact(2), fact(3))
    await until(lambda: published(world))
    assert await world.values() == [1, 99, 2, 3]


async def test_a_batch_that_comes_too_late_to_its_place_is_sent_again_whole(
    world: World, background: Background
) -> None:
    background.start(relay_for(world))
    await world.commit(fact(1))
    await until(lambda: published(world))
    await world.send(fact(99))  # a dead letter that was returned
    await world.commit(*[fact(number) for number in range(2, 102)])
    await until(lambda: published(world))
    assert await world.values() == [1, 99, *range(2, 102)]


async def test_a_batch_of_which_some_are_in_the_stream_adds_the_others(world: World, background: Background) -> None:
    background.start(relay_for(world))
    await world.commit(*[fact(number) for number in range(100)])
    await until(lambda: published(world))
    # as if the database had failed between the answer of JetStream and the note of it
    async with world.database.command(SYSTEM) as command:
        await command.connection.execute("UPDATE outbox SET published_at = NULL WHERE seq > 50")
        command.publish_many([fact(number) for number in range(100, 150)])
    await until(lambda: published(world))
    assert await world.values() == list(range(150))


async def test_two_relays_have_one_leader_and_the_other_takes_over(world: World, background: Background) -> None:
    first, second = relay_for(world), relay_for(world)
    background.start(first)
    await until(lambda: leads(first))
    background.start(second)
    await world.commit(*[fact(number) for number in range(100)])
    await until(lambda: published(world))
    assert not await leads(second)

    await background.stop(first)
    await until(lambda: leads(second))
    await world.commit(fact(100))
    await until(lambda: published(world))
    assert await world.values() == list(range(101))


async def leads(relay: Relay) -> bool:
    return relay._leadership.held


async def test_a_relay_that_lost_its_lock_publishes_no_more_until_it_leads_again(
    world: World, background: Background
) -> None:
    relay = relay_for(world)
    background.start(relay)
    await until(lambda: leads(relay))
    await world.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'registry relay'"
    )
    rival = relay_for(world)
    background.start(rival)
    await world.commit(*[fact(number) for number in range(20)])
    await until(lambda: published(world))
    assert await world.values() == list(range(20))
    assert await leads(relay) + await leads(rival) == 1


async def test_published_events_are_kept_for_a_week(world: World, background: Background) -> None:
    await world.commit(*[fact(number) for number in range(4)])
    relay = relay_for(world)
    background.start(relay)
    await until(lambda: published(world))
    await background.stop(relay)
    await world.execute("UPDATE outbox SET published_at = now() - interval '8 days' WHERE seq <= 2")
    await world.execute("UPDATE outbox SET published_at = now() - interval '6 days' WHERE seq = 3")
    background.start(relay_for(world))

    async def trimmed() -> bool:
        return int(await world.fetchval("SELECT count(*) FROM outbox")) < 4

    await until(trimmed)
    assert await world.fetchval("SELECT array_agg(seq ORDER BY seq) FROM outbox") == [3, 4]


async def test_a_lost_stream_is_made_again_from_the_outbox(world: World, background: Background) -> None:
    relay = relay_for(world)
    background.start(relay)
    await world.commit(*[fact(number) for number in range(30)])
    await until(lambda: published(world))
    await world.broker.jetstream.delete_stream("REGISTRY")

    await world.commit(fact(30))  # the relay makes the stream again for what is new …
    await until(lambda: published(world))
    assert await world.values() == [30]
    async with world.database.command(SYSTEM) as command:  # … and for what is old when it is told to
        again = await republish_since(command.connection, datetime.now(UTC) - timedelta(hours=1))
    assert again == 31
    await until(lambda: published(world))
    assert sorted(await world.values()) == list(range(31))


async def test_an_event_that_no_broker_would_carry_is_refused_to_its_writer(world: World) -> None:
    with pytest.raises(PayloadTooLarge):
        await world.commit(fact(1), fact(2).model_copy(update={"name": "x" * 1_000_000}))
    assert await world.fetchval("SELECT count(*) FROM outbox") == 0


async def test_nats_killed_under_writes(mortal: World, background: Background) -> None:
    relay = relay_for(mortal)
    background.start(relay)
    written = 0
    for round_ in range(3):
        writing = asyncio.create_task(write(mortal, first=written, count=200))
        await asyncio.sleep(0.15)
        await mortal.restart(mortal.nats, away=0.2 + 0.3 * round_)
        await writing
        written += 200
    await until(lambda: published(mortal), seconds=30)
    values = await mortal.values()
    assert values == list(range(written))
    await until(lambda: healthy(relay))


async def healthy(relay: Relay) -> bool:
    return relay.healthy


async def write(world: World, *, first: int, count: int) -> None:
    """Commands that go on while servers die; each is repeated until it was acknowledged."""
    for number in range(first, first + count):
        while True:
            try:
                await world.commit(fact(number))
                break
            except Exception:  # noqa: BLE001 - what a caller sees is another test's business
                await asyncio.sleep(0.05)


async def test_postgres_killed_under_writes(mortal: World, background: Background) -> None:
    background.start(relay_for(mortal))
    writing = asyncio.create_task(write(mortal, first=0, count=300))
    await asyncio.sleep(0.3)
    await mortal.restart(mortal.postgres)
    await writing
    await until(lambda: published(mortal), seconds=30)
    values = await mortal.values()
    assert list(dict.fromkeys(values)) == list(range(300))  # a commit whose answer was lost was written twice


async def test_a_relay_whose_broker_is_away_says_so_and_does_not_spin(mortal: World, background: Background) -> None:
    relay = relay_for(mortal)
    background.start(relay)
    await until(lambda: leads(relay))
    mortal.nats.kill()
    await mortal.commit(fact(1))
    try:

        async def ailing() -> bool:
            return not relay.healthy

        await until(ailing)
        used = time.process_time()
        await asyncio.sleep(1)
        assert time.process_time() - used < 0.3
    finally:
        mortal.nats.spawn()
        mortal.nats.wait_ready()
    await until(lambda: published(mortal))
    assert await mortal.values() == [1]


async def test_a_broker_that_gave_up_is_replaced(world: World, background: Background) -> None:
    background.start(relay_for(world))
    await world.commit(fact(1))
    await until(lambda: published(world))
    await world.broker.client.close()  # as nats-py does on errors it takes for final
    with pytest.raises(ConnectionClosedError):
        await world.broker.client.publish("pl.registry.parameter.set.v1", b"")
    await world.commit(fact(2))
    await until(lambda: published(world))
    assert await world.values() == [1, 2]


async def test_what_a_national_system_is_asked_goes_to_the_stream_that_all_share(
    world: World, background: Background
) -> None:
    """Others write to it too, and that holds nothing up."""
    jetstream = world.broker.jetstream
    await jetstream.delete_stream("NATIONAL")
    asked = "national.criminal-record.inquiry.asked.v1.29.01.003"
    insert = "INSERT INTO outbox (id, type, subject, jurisdiction, payload) VALUES ($1, 'x', $2, '2901003', '{}')"
    await world.commit(fact(1))
    await world.execute(insert, new_id(), asked)
    await world.commit(fact(2))
    background.start(relay_for(world))
    await until(lambda: published(world))
    await jetstream.publish("national.criminal-record.inquiry.replied.v1.29.01.003", b"{}")
    await world.commit(fact(3))
    await world.execute(insert, new_id(), asked)
    await world.commit(fact(4))
    await until(lambda: published(world))
    assert await world.values() == [1, 2, 3, 4]
    assert [message.subject.split(".")[3] for message in await world.stored("NATIONAL")] == [
        "asked",
        "replied",
        "asked",
    ]
