"""What this service knows of tariffs, from registry's events alone."""

import asyncio
from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.actor import Actor
from shared.contracts.registry import TariffSignedOffV1
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running


def tariff(number: int, rials: int, *, version: int = 1, place: str = "IR") -> TariffSignedOffV1:
    return TariffSignedOffV1(
        jurisdiction=Jurisdiction(place),
        tariff_id=UUID(int=number),
        version=version,
        service_code="S06",
        area_class="rural",
        valid_from=date(2025, 3, 21),
        amount_rials=rials,
    )


async def known(running: Running, *, expected: int) -> list[asyncpg.Record]:
    """What a center sees, when there are as many as expected."""
    actor = Actor(subject="reader", roles=frozenset(), scope=Jurisdiction("2901003"))
    for _ in range(200):
        async with running.database.query(actor) as query:
            found = await query.fetch("SELECT id, version, amount_rials, jurisdiction FROM tariff ORDER BY id")
        if len(found) == expected:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def test_a_center_knows_the_tariffs_of_nation_and_province(running: Running) -> None:
    await running.publish(tariff(1, 300), tariff(2, 400, place="29"))
    assert [(row["amount_rials"], row["jurisdiction"]) for row in await known(running, expected=2)] == [
        (300, ""),
        (400, "29"),
    ]


async def test_an_older_version_never_overwrites_a_newer(running: Running) -> None:
    await running.publish(tariff(1, 300, version=2))
    await known(running, expected=1)
    await running.publish(tariff(1, 200, version=1), tariff(2, 1))
    assert (await known(running, expected=2))[0]["amount_rials"] == 300
    await running.publish(tariff(1, 350, version=3), tariff(3, 1))
    assert (await known(running, expected=3))[0]["amount_rials"] == 350
