"""Who is posted where on which day, from registry's events alone."""

import asyncio
from datetime import date, timedelta

import asyncpg
from casefile_samples import CENTER, NEIGHBOUR
from worker_samples import know_worker

from shared.chassis.actor import Actor
from shared.contracts.registry import PostingGrantedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.staff.queries import posted, social_workers

DAY = date(2026, 3, 1)


async def _posted(
    running: Running, person: str, *, on: date, center: str = CENTER, role: str = "social-worker"
) -> bool:
    async with running.database.query(Actor.system("casefile")) as query:
        return await posted(query.connection, person, center=center, role=role, on=on)


async def _rows(running: Running, *, scope: str) -> list[asyncpg.Record]:
    async with running.database.query(Actor(subject="x", roles=frozenset(), scope=Jurisdiction(scope))) as query:
        return await query.fetch("SELECT person FROM posting ORDER BY person")


async def test_a_posting_holds_from_its_first_day_to_its_last(running: Running) -> None:
    await know_worker(running, "sara", CENTER, valid_from=DAY, valid_to=DAY + timedelta(days=2))

    held = [await _posted(running, "sara", on=DAY + timedelta(days=after)) for after in range(-1, 4)]
    assert held == [False, True, True, True, False]
    assert not await _posted(running, "sara", on=DAY, center=NEIGHBOUR)
    assert not await _posted(running, "sara", on=DAY, role="center-manager")


async def test_one_that_was_ended_at_once_does_not_hold_on_that_day(running: Running) -> None:
    posting = await know_worker(running, "sara", CENTER)
    await know_worker(running, "sara", CENTER, posting_id=posting, version=2, valid_to=DAY, ended=True)

    assert await _posted(running, "sara", on=DAY - timedelta(days=1))
    assert not await _posted(running, "sara", on=DAY)


async def test_an_older_state_never_overwrites_a_newer(running: Running) -> None:
    posting = await know_worker(running, "sara", CENTER, version=2, valid_to=DAY)
    await know_worker(running, "sara", CENTER, posting_id=posting, version=1)

    assert not await _posted(running, "sara", on=DAY + timedelta(days=1))


async def test_only_who_works_with_households_is_kept_and_seen_by_their_place(running: Running) -> None:
    for person, role, place in (
        ("sara", "social-worker", CENTER),
        ("reza", "center-manager", CENTER),
        ("mina", "county-officer", "2901"),
        ("omid", "social-worker", NEIGHBOUR),
    ):
        event = PostingGrantedV1(
            jurisdiction=Jurisdiction(place), posting_id=new_id(), version=1, person=person, role=role,
            valid_from=DAY, granted_by="x",
        )  # fmt: skip
        await running.publish(event)
    for _ in range(200):
        if len(await _rows(running, scope="IR")) == 3:
            break
        await asyncio.sleep(0.02)

    assert [row["person"] for row in await _rows(running, scope="2901")] == ["omid", "reza", "sara"]
    assert [row["person"] for row in await _rows(running, scope=CENTER)] == ["reza", "sara"]
    async with running.database.query(Actor.system("casefile")) as query:
        assert await social_workers(query.connection, CENTER, on=DAY) == ["sara"]
