"""At every instant exactly one place, worker and payer is responsible for a file, whatever is done at once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, Json, opened, version_of
from distribution_samples import BIRJAND, know_center, know_rule
from transfer_samples import asking, asking_for, eventually, rows, stepping
from worker_samples import assigned, decided, know_files_per_worker, know_worker

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running

SECOND = "2901002"
ROUNDS = 12

SPLIT = """
    SELECT f.id FROM case_file f
      LEFT JOIN responsibility r ON r.case_file_id = f.id AND r.until IS NULL
     GROUP BY f.id
    HAVING count(r.case_file_id) <> CASE f.status WHEN 'closed' THEN 0 ELSE 1 END
        OR bool_or((r.jurisdiction, r.status, r.worker, r.payer_category)
                   IS DISTINCT FROM (f.jurisdiction, f.status, f.assigned_worker, f.payer_category))
           AND f.status <> 'closed'
    UNION ALL
    SELECT m.id FROM member m JOIN case_file f ON f.id = m.case_file_id WHERE m.jurisdiction <> f.jurisdiction
    UNION ALL
    SELECT t.id FROM transfer t JOIN case_file f ON f.id = t.case_file_id
     WHERE t.status IN ('requested', 'confirmed', 'accepted') AND (f.status = 'closed' OR f.jurisdiction <> t.origin)
"""
"""Files without one responsible or with a wrong one, persons without their file, transfers of what is not there."""
TORN = """
    SELECT told.case_file_id FROM (
        SELECT case_file_id, since, until, jurisdiction, next_jurisdiction, lead(since) OVER story AS following,
               lead(jurisdiction) OVER story AS following_place
          FROM responsibility WINDOW story AS (PARTITION BY case_file_id ORDER BY since)
    ) AS told JOIN case_file f ON f.id = told.case_file_id
    WHERE (following IS NOT NULL AND until IS DISTINCT FROM following)
       OR (following IS NULL AND (until IS NULL) <> (f.status <> 'closed'))
       OR (next_jurisdiction IS NOT NULL AND next_jurisdiction IS DISTINCT FROM following_place)
       OR (following_place <> told.jurisdiction AND next_jurisdiction IS NULL)
"""
"""Files whose story has a gap or an overlap, or names another place than the one that came next."""


class Country:
    """People who all do their work at the same files at once."""

    def __init__(self, running: Running, clients: dict[str, httpx.AsyncClient], random: Random) -> None:
        self.running = running
        self.clients = clients
        self.random = random
        self.answers: Counter[str] = Counter()
        self.over = False

    def note(self, what: str, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code < 500, answer.text
        self.answers[f"{what} {answer.json().get('code', 'done')}"] += 1
        return answer

    async def some(self, place: str, count: int = 1, **filters: str) -> list[Json]:
        client = self.clients[place]
        page = (await client.get("/v1/case-files", params={"limit": "200", **filters})).raise_for_status().json()
        there = [file for file in page["items"] if file["status"] != "closed"]
        return self.random.sample(there, min(count, len(there)))

    async def transfer(self, origin: str, destination: str) -> None:
        """Between two centers of the county, or with a center of another."""
        for file in await self.some(origin, jurisdiction=origin):
            if origin[:4] == destination[:4]:
                asked = await asking(self.clients[origin], destination, file)
            else:
                read = await self.clients[origin].get(f"/v1/case-files/{file['id']}")
                if read.is_error:
                    continue
                asked = await asking_for(self.clients[destination], destination, read.json())
            transfer = self.note("ask", asked)
            for step, place in (("confirm", origin[:4]), ("accept", destination)):
                if transfer.is_success:
                    transfer = self.note(step, await stepping(self.clients[place], transfer.json(), step))

    async def transfers(self) -> None:
        centers = [CENTER, NEIGHBOUR, SECOND, OTHER_COUNTY]
        for _ in range(ROUNDS):
            await self.transfer(*self.random.sample(centers, 2))

    async def assignments(self) -> None:
        for _ in range(ROUNDS):
            center = self.random.choice([CENTER, NEIGHBOUR])
            files = await self.some(center, 3, jurisdiction=center)
            if files:
                worker = self.random.choice([f"{center}-a", f"{center}-b", None])
                self.note("assign", await assigned(self.clients[center], worker, *files))
            made = self.note("plan", await self.clients[center].post("/v1/assignment-plans", json={"center": center}))
            self.note("give", await decided(self.clients[center], made.json()))

    async def distributions(self) -> None:
        for _ in range(ROUNDS // 2):
            await opened(self.clients["2901"])
            await self.until_done(self.distribution)

    async def distribution(self) -> bool:
        body = {"jurisdiction": "2901", "on": str(today())}
        plan = self.note("distribute", await self.clients["29"].post("/v1/distributions", json=body)).json()
        address = f"/v1/distributions/{plan['id']}:apply"
        return self.note("apply", await self.clients["29"].post(address, headers=version_of(plan))).is_success

    async def changes(self) -> None:
        for round_ in range(ROUNDS):
            await self.until_done(self.change)
            if round_ % 4 == 3:
                await self.until_done(self.close)

    async def change(self) -> bool:
        body = {"payer_category": self.random.choice(["pensioner", "non-pensioner"])}
        return all(
            [
                self.note("change", await self.clients["2901"].patch(address, json=body, headers=version)).is_success
                for address, version in await self.addresses()
            ]
        )

    async def close(self) -> bool:
        body = {"reason": "empowered"}
        return all(
            [
                self.note(
                    "close", await self.clients["2901"].post(f"{at}:close", json=body, headers=version)
                ).is_success
                for at, version in await self.addresses()
            ]
        )

    async def addresses(self) -> list[tuple[str, dict[str, str]]]:
        return [(f"/v1/case-files/{file['id']}", version_of(file)) for file in await self.some("2901")]

    async def until_done(self, what: Callable[[], Awaitable[bool]]) -> None:
        """Others may always be faster; not every time."""
        for _ in range(50):
            if await what():
                return
        raise AssertionError(self.answers)

    async def closing(self) -> None:
        await asyncio.sleep(0.5)
        await know_center(self.running, SECOND, BIRJAND, version=2, status="suspended")
        for _ in range(4):
            body = {"center": SECOND, "reason": "پایان قرارداد", "rest": "waiting-list"}
            self.note("clear", await self.clients["2901"].post("/v1/center-closings", json=body))
            await asyncio.sleep(0.2)

    async def watch(self) -> int:
        looked = 0
        while not self.over:
            assert await rows(self.running, SPLIT) == []
            looked += 1
            await asyncio.sleep(0.01)
        return looked


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_done_at_once(running: Running, centers: None, client_as: ClientAs, seed: int) -> None:
    await know_center(running, SECOND, BIRJAND)
    await know_rule(running, "maximum", 30)
    await know_files_per_worker(running, 8)
    clients = {place: await client_as("center-manager", place) for place in (CENTER, NEIGHBOUR, SECOND, OTHER_COUNTY)}
    clients |= {place: await client_as("county-officer", place) for place in ("2901", "2902")}
    clients["29"] = await client_as("province-officer", "29")
    for center in (CENTER, NEIGHBOUR):
        for name in "ab":
            await know_worker(running, f"{center}-{name}", center)
    for number in range(20):
        await opened(clients[[CENTER, NEIGHBOUR, SECOND, OTHER_COUNTY][number % 4]], payer_category="pensioner")
    country = Country(running, clients, Random(seed))
    watching = asyncio.create_task(country.watch())
    await asyncio.gather(
        country.transfers(),
        country.transfers(),
        country.assignments(),
        country.distributions(),
        country.changes(),
        country.closing(),
    )
    await eventually(running, "SELECT FROM transfer WHERE status = 'accepted'", expected=0)
    country.over = True

    assert await watching > 10
    assert await rows(running, SPLIT) == []
    assert await rows(running, TORN) == []
    for done in ("accept done", "assign done", "clear done"):
        assert country.answers[done], country.answers
    moves = await rows(running, "SELECT FROM responsibility WHERE next_jurisdiction IS NOT NULL")
    effective = await rows(running, "SELECT FROM transfer WHERE status = 'effective'")
    assert len(moves) > len(effective) > 0, "by transfers and by distributions"
    assert await rows(running, "SELECT FROM case_file WHERE jurisdiction = $1 AND status <> 'closed'", SECOND) == []
