"""Connections outlive what was broken off on them."""

import asyncio

import pytest

from shared.chassis.actor import PUBLIC, Actor

from .conftest import SYSTEM, World


@pytest.mark.parametrize("actor", [PUBLIC, SYSTEM], ids=["nobody in particular", "somebody"])
async def test_a_read_that_is_broken_off_leaves_its_connection_as_it_was(world: World, actor: Actor) -> None:
    async def slow() -> None:
        async with world.database.query(actor) as query:
            await query.fetchval("SELECT pg_sleep(30)")

    reading = asyncio.create_task(slow())
    await asyncio.sleep(0.5)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(5), world.database.query(PUBLIC) as query:
        assert await query.fetchval("SELECT coalesce(current_setting('app.scope_to', true), '')") == ""
        assert await query.fetchval("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)'") == 0
    async with asyncio.timeout(5), world.database.query(SYSTEM) as query:
        assert await query.fetchval("SELECT current_setting('app.scope_to', true)") == ":"
