"""SIGKILL to one part after another while case files are being opened, and to screening while batches come in.

Every acknowledged file and test is there, its event is in the stream once and took effect once, callers were told to
come again and never that something broke, and nothing else had to be started again.
"""

from collections import Counter
from uuid import UUID

import httpx
import pytest

from shared.contracts.casefile import CaseFileOpenedV1
from shared.contracts.gateway import PersonalFileReadV1
from shared.contracts.roles import Role
from shared.contracts.screening import EncounterRecordedV1, ReferralIssuedV1

from .conftest import Platform, Screeners, Writers, until

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("victim", ["casefile", "registry", "gateway", "PostgreSQL", "NATS"])
async def test_killed_under_writes(platform: Platform, victim: str) -> None:
    writers = Writers(platform, await platform.token(Role.COUNTY_OFFICER, "2901"))
    part, others = platform.part(victim), platform.others(victim)
    async with writers.writing():
        await writers.until_opened(20)
        before = part.pid
        part.kill()

        async def back() -> bool:
            return part.pid not in {None, before}

        await until(back)
        await writers.until_opened(20)

    assert {answer.status_code for answer in writers.refusals} <= {502, 503, 504}, writers.answers
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in writers.refusals)
    assert all("retry-after" in answer.headers for answer in writers.refusals if answer.status_code == 503)
    await everything_arrived_once(platform)
    assert platform.others(victim) == others


async def test_everything_killed_at_once(platform: Platform) -> None:
    """As when a machine loses its power."""
    writers = Writers(platform, await platform.token(Role.COUNTY_OFFICER, "2901"))
    before = platform.others("")
    async with writers.writing():
        await writers.until_opened(20)
        for name in before:
            platform.part(name).kill()

        async def back() -> bool:
            now = platform.others("")
            return None not in now.values() and not {*now.values()} & {*before.values()}

        await until(back)
        await writers.until_opened(20)
    await everything_arrived_once(platform)


async def everything_arrived_once(platform: Platform) -> None:
    files = {row["id"] for row in await platform.fetch("casefile", "SELECT id FROM case_file")}
    assert files == platform.acknowledged

    async def relayed() -> bool:
        (waiting,) = await platform.fetch("casefile", "SELECT count(*) FROM outbox WHERE published_at IS NULL")
        return int(waiting["count"]) == 0

    await until(relayed)
    written = await platform.fetch("casefile", "SELECT id FROM outbox ORDER BY seq")
    events = await platform.events("CASEFILE")
    assert len({event.id for event in events}) == len(events) == len(written)
    opened = Counter(UUID(event.data["case_file_id"]) for event in events if event.type == CaseFileOpenedV1.type)
    assert opened == Counter(platform.acknowledged)

    async def projected() -> bool:
        known = await platform.fetch("registry", "SELECT case_file_id, version FROM case_file_location")
        return {row["case_file_id"]: row["version"] for row in known} == dict.fromkeys(platform.acknowledged, 1)

    await until(projected)
    handled = await platform.fetch("registry", "SELECT event_id FROM inbox WHERE consumer = 'registry-casefile'")
    assert {row["event_id"] for row in handled} == {event.id for event in events}


async def test_screening_killed_in_mid_batch(platform: Platform) -> None:
    """A batch is recorded as a whole or not at all, however often a device sends it."""
    screeners = await Screeners.at_a_new_base(platform, children=20)
    part, others = platform.part("screening"), platform.others("screening")
    async with screeners.sending():
        for _ in range(2):
            await screeners.until_acknowledged(2)
            before = part.pid
            part.kill()

            async def back(killed: int | None = before) -> bool:
                return part.pid not in {None, killed}

            await until(back)
        await screeners.until_acknowledged(2)
    assert set(screeners.answers) <= {200, 502, 503, 504}, screeners.answers
    assert platform.others("screening") == others
    assert {row["id"] for row in await platform.fetch("screening", "SELECT id FROM encounter")} == screeners.recorded
    referred = await platform.fetch("screening", "SELECT id, person_id FROM referral")
    assert Counter(row["person_id"] for row in referred) == Counter(screeners.children), "each child once"

    async def relayed() -> bool:
        (waiting,) = await platform.fetch("screening", "SELECT count(*) FROM outbox WHERE published_at IS NULL")
        return int(waiting["count"]) == 0

    await until(relayed)
    events = await platform.events("SCREENING")
    told = {kind: Counter(each.subject for each in events if each.type == kind.type)
            for kind in (EncounterRecordedV1, ReferralIssuedV1)}  # fmt: skip
    assert told[EncounterRecordedV1] == Counter(str(each) for each in screeners.recorded)
    assert told[ReferralIssuedV1] == Counter(str(row["id"]) for row in referred)


async def test_no_read_of_a_personal_file_goes_unrecorded(platform: Platform) -> None:
    """The gateway is killed while it answers reads, and NATS while it records them."""
    token = await platform.token(Role.COUNTY_OFFICER, "2901")
    writers = Writers(platform, token)
    async with writers.writing(1):
        await writers.until_opened(1)
    path = f"/v1/case-files/{writers.opened[0]}"
    answered: list[str] = []

    async def read(count: int) -> None:
        goal = len(answered) + count

        async def enough() -> bool:
            async with httpx.AsyncClient(
                base_url=platform.url, headers={"Authorization": f"Bearer {token}"}, timeout=15
            ) as client:
                while len(answered) < goal:
                    answer = await client.get(path)
                    if answer.status_code == httpx.codes.OK:
                        answered.append(answer.headers["x-request-id"])
            return True

        await until(enough)

    await read(20)
    platform.part("gateway").kill()
    await read(20)
    platform.part("NATS").kill()
    await read(20)

    async def recorded() -> bool:
        events = [event for event in await platform.events("GATEWAY") if event.type == PersonalFileReadV1.type]
        kept = Counter(event.data["request_id"] for event in events if event.data["resource"] == path)
        return kept >= Counter(answered) and set(kept.values()) == {1}

    await until(recorded)
