"""A household's story, read in pages."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from casefile_samples import CENTER, code_of, opened

from shared.chassis.actor import Actor
from shared.chassis.database import Query
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_casefile.households import repository
from svc_casefile.timeline import queries
from svc_casefile.timeline.repository import happened
from svc_casefile.timeline.schemas import TimelineFilters

WORKER = Actor("worker", frozenset(), Jurisdiction(CENTER))
START = datetime(2026, 1, 1, tzinfo=UTC)


async def tell(running: Running, file: dict[str, Any], count: int) -> None:
    """Lines of a life: a visit each day, and every tenth day something else; the last three at one instant."""
    async with running.database.command(WORKER) as command:
        row = await repository.locked(command, UUID(file["id"]))
        for day in range(count):
            kind = "visit-recorded" if day % 10 else "request-opened"
            at = START + timedelta(days=min(day, count - 3))
            happened(command, row, kind=kind, about={"day": day}, at=at)


@pytest.fixture
async def file(running: Running, worker: httpx.AsyncClient) -> dict[str, Any]:
    file = await opened(worker)
    await tell(running, file, 25)
    return file


async def _days(client: httpx.AsyncClient, file: dict[str, Any], **filters: str) -> list[int]:
    days, params = [], filters
    while True:
        answer = await client.get(f"/v1/case-files/{file['id']}/timeline", params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        days += [entry["about"]["day"] for entry in page["items"]]
        if page["next"] is None:
            assert "next" not in answer.links
            return days
        assert page["next"] in answer.links["next"]["url"]
        params = filters | {"after": page["next"]}


async def test_the_latest_first_each_once(worker: httpx.AsyncClient, file: dict[str, Any]) -> None:
    for limit in ("2", "7", "200"):
        days = await _days(worker, file, limit=limit)
        assert days[3:] == list(range(21, -1, -1))
        assert set(days[:3]) == {22, 23, 24}


async def test_of_one_kind(worker: httpx.AsyncClient, file: dict[str, Any]) -> None:
    assert await _days(worker, file, kind="request-opened", limit="2") == [20, 10, 0]
    assert await _days(worker, file, kind="help-plan-agreed") == []


async def test_an_entry_says_what_when_and_who(worker: httpx.AsyncClient, file: dict[str, Any]) -> None:
    (entry,) = (await worker.get(f"/v1/case-files/{file['id']}/timeline?kind=request-opened&limit=1")).json()["items"]
    assert entry["at"] == "2026-01-21T00:00:00.000000Z"
    assert entry["recorded_at"] > entry["at"]
    assert {name: entry[name] for name in ("kind", "ref", "about", "jurisdiction", "actor")} == {
        "kind": "request-opened",
        "ref": None,
        "about": {"day": 20},
        "jurisdiction": CENTER,
        "actor": "worker",
    }


async def test_a_story_that_has_not_begun(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    assert (await worker.get(f"/v1/case-files/{file['id']}/timeline")).json() == {"items": [], "next": None}


async def test_bad_questions(worker: httpx.AsyncClient, file: dict[str, Any]) -> None:
    address = f"/v1/case-files/{file['id']}/timeline"
    for params in (
        {"kind": "Visit"},
        {"kind": "x" * 61},
        {"limit": "0"},
        {"limit": "201"},
        {"after": "x"},
        {"of": "x"},
    ):
        assert (await worker.get(address, params=params)).status_code == 422, params
    cursor = (await worker.get(address, params={"limit": "1"})).json()["next"]
    other = await opened(worker)
    carried = await worker.get(f"/v1/case-files/{other['id']}/timeline", params={"limit": "1", "after": cursor})
    assert code_of(carried) == (422, "invalid-cursor")


async def test_outside_the_scope_there_is_none(
    neighbour: httpx.AsyncClient, client_as: ClientAs, file: dict[str, Any]
) -> None:
    assert code_of(await neighbour.get(f"/v1/case-files/{file['id']}/timeline")) == (404, "not-found")
    auditor = await client_as("auditor", "29")
    assert len((await auditor.get(f"/v1/case-files/{file['id']}/timeline")).json()["items"]) == 25
    screener = await client_as("screener", CENTER)
    assert code_of(await screener.get(f"/v1/case-files/{file['id']}/timeline")) == (403, "forbidden")


async def test_what_a_page_reads_does_not_grow_with_the_story(
    running: Running, worker: httpx.AsyncClient, file: dict[str, Any]
) -> None:
    """A page of 20 touches 21 entries, whether there are 300 or 1,200, and so does one kind of them."""
    touched = []
    for more in (275, 900):
        await tell(running, file, more)
        await running.analyse()
        async with running.database.query(WORKER, address="/v1/case-files/x/timeline") as query:
            touched += [
                await entries_touched(query, UUID(file["id"]), filters)
                for filters in (TimelineFilters(limit=20), TimelineFilters(limit=2, kind="request-opened"))
            ]
    assert touched == [21, 3, 21, 3]


async def entries_touched(query: Query, case_file_id: UUID, filters: TimelineFilters) -> float:
    asked: list[tuple[Any, ...]] = []
    fetch = query.fetch

    async def listening(sql: str, *arguments: object) -> list[asyncpg.Record]:
        asked.append((sql, *arguments))
        return await fetch(sql, *arguments)

    query.fetch = listening  # type: ignore[method-assign]
    await queries.page_of(query, case_file_id, filters=filters)
    query.fetch = fetch  # type: ignore[method-assign]
    ((sql, *arguments),) = asked
    (plan,) = await query.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *arguments)

    def rows(node: dict[str, Any]) -> float:
        own = 0.0
        if node.get("Relation Name") == "timeline_entry":
            own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        return own + sum(rows(child) for child in node.get("Plans", ()))

    return rows(plan["Plan"])
