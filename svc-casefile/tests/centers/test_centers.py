"""What this service knows of centers and rules, from registry's events alone."""

import asyncio
from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.actor import Actor
from shared.contracts.registry import (
    CenterChangedV1,
    CenterClosedV1,
    CenterOpenedV1,
    CenterPlannedV1,
    CenterState,
    ParameterSetV1,
)
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.centers.queries import rules_in_force

MAXIMUM = "files-per-center-maximum"


def center(kind: type[CenterState], *, version: int, code: str = "2901003", **fields: object) -> CenterState:
    state = {"status": "open", "name_fa": "نور", "area_class": "urban", "latitude": 32.8, "longitude": 59.2} | fields
    return kind(jurisdiction=Jurisdiction(code), code=code, version=version, **state)


def rule(value: int, place: str, since: date, until: date | None = None, **fields: object) -> ParameterSetV1:
    said = {"parameter_id": new_id(), "name": MAXIMUM, "value": value, "valid_from": since, "valid_to": until} | fields
    return ParameterSetV1(jurisdiction=Jurisdiction(place), **said)


async def rows(running: Running, sql: str, *, expected: int, scope: str = "29") -> list[asyncpg.Record]:
    """What a caller of the province sees, when there are as many rows as expected."""
    actor = Actor(subject="reader", roles=frozenset(), scope=Jurisdiction(scope))
    for _ in range(200):
        async with running.database.query(actor) as query:
            found = await query.fetch(sql)
        if len(found) == expected:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def in_force(running: Running, *codes: str, on: date) -> list[int | None]:
    async with running.database.query(Actor.system("casefile")) as query:
        rules = await rules_in_force(query.connection, centers=codes, names=[MAXIMUM], on=on)
    return [rules[code].get(MAXIMUM) for code in codes]


async def test_a_center_is_known_from_its_events(running: Running) -> None:
    await running.publish(center(CenterPlannedV1, version=1, status="planned", name_fa="نور"))
    await running.publish(center(CenterOpenedV1, version=3), center(CenterClosedV1, version=4, status="closed"))

    (known,) = await rows(running, "SELECT code, version, status FROM center WHERE version = 4", expected=1)

    assert tuple(known) == ("2901003", 4, "closed")


async def test_an_older_state_never_overwrites_a_newer(running: Running) -> None:
    await running.publish(center(CenterClosedV1, version=5, status="closed"))
    await rows(running, "SELECT FROM center WHERE version = 5", expected=1)

    await running.publish(center(CenterOpenedV1, version=4), center(CenterChangedV1, version=5, name_fa="دیگر"))
    await running.publish(center(CenterOpenedV1, version=1, code="2901004"))  # consumed after them
    await rows(running, "SELECT FROM center WHERE code = '2901004'", expected=1)

    (known,) = await rows(running, "SELECT version, status, name_fa FROM center WHERE code = '2901003'", expected=1)
    assert tuple(known) == (5, "closed", "نور")


async def test_everybody_sees_every_center_and_nobody_writes_one(running: Running) -> None:
    await running.publish(center(CenterOpenedV1, version=1), center(CenterOpenedV1, version=1, code="3001001"))
    await rows(running, "SELECT FROM center", expected=2)
    officer = Actor(subject="officer", roles=frozenset(), scope=Jurisdiction("29"))

    async with running.database.command(officer) as command:
        elsewhere = await command.connection.execute("UPDATE center SET status = 'closed' WHERE code = '3001001'")

    assert elsewhere == "UPDATE 0"


async def test_the_narrowest_rule_in_force_on_the_day_counts(running: Running) -> None:
    opened, raised = date(2021, 3, 8), date(2025, 11, 5)
    await running.publish(
        center(CenterOpenedV1, version=1),
        center(CenterOpenedV1, version=1, code="2902001"),
        center(CenterOpenedV1, version=1, code="3001001"),
        rule(450, "IR", opened, date(2025, 11, 4)),
        rule(600, "IR", raised),
        rule(500, "29", date(2023, 1, 1), date(2023, 12, 31)),
        rule(300, "2901", date(2023, 6, 1)),
        rule(7, "IR", opened, name="files-per-worker"),
    )
    await rows(running, "SELECT FROM parameter", expected=5)
    await rows(running, "SELECT FROM center", expected=3)
    codes = ("2901003", "2902001", "3001001")

    assert await in_force(running, *codes, on=date(2021, 3, 7)) == [None, None, None]
    assert await in_force(running, *codes, on=opened) == [450, 450, 450]
    assert await in_force(running, *codes, on=date(2023, 1, 1)) == [500, 500, 450]
    assert await in_force(running, *codes, on=date(2023, 12, 31)) == [300, 500, 450]
    assert await in_force(running, *codes, on=date(2024, 1, 1)) == [300, 450, 450]
    assert await in_force(running, *codes, on=date(2025, 11, 4)) == [300, 450, 450]
    assert await in_force(running, *codes, on=raised) == [300, 600, 600]


async def test_a_corrected_rule_replaces_itself_and_never_goes_back(running: Running) -> None:
    parameter = UUID(int=7)
    since = date(2021, 1, 1)
    await running.publish(center(CenterOpenedV1, version=1), rule(440, "IR", since, parameter_id=parameter, version=2))
    await rows(running, "SELECT FROM parameter", expected=1)

    await running.publish(rule(450, "IR", since, parameter_id=parameter, version=1), rule(1, "30", since))
    await rows(running, "SELECT FROM parameter", expected=2)
    assert await in_force(running, "2901003", on=since) == [440]

    await running.publish(rule(460, "IR", since, parameter_id=parameter, version=3), rule(1, "31", since))
    await rows(running, "SELECT FROM parameter", expected=3)
    assert await in_force(running, "2901003", on=since) == [460]
