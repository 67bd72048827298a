"""What comes of a consumer is there before it is asked for; silence of the server is told from a reader's own."""

import asyncio

import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from shared.chassis import pull as pulling
from shared.chassis.pull import Pull, PullLost

from .conftest import World, fact


async def pull_of_one(world: World) -> Pull:
    await world.broker.jetstream.add_consumer("REGISTRY", ConsumerConfig(name="reader", ack_policy=AckPolicy.NONE))
    return await Pull.of(world.broker.client, stream="REGISTRY", consumer="reader", batch=1)


async def test_who_took_long_over_a_batch_does_not_call_the_server_silent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "_SILENCE_SECONDS", 0.3)
    await world.send(fact(1))
    pull = await pull_of_one(world)
    assert len(await pull.messages(within=5)) == 1
    await asyncio.sleep(0.4)  # nothing is asked for meanwhile, so nothing is heard
    assert await pull.messages(within=0.1) == []
    await pull.close()


async def test_a_server_that_says_nothing_although_asked_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "_SILENCE_SECONDS", 0.3)
    pull = await pull_of_one(world)
    assert await pull.messages(within=0.1) == []
    with pytest.raises(PullLost):
        await pull.messages(within=0.4)
    await pull.close()
