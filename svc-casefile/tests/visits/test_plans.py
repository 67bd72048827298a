"""A work list reads the files that it is about, by an index, however many there are elsewhere."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, household

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.households import repository
from svc_casefile.households.schemas import CaseFileCreate
from svc_casefile.rows import new_case_file, said
from svc_casefile.visits import queries
from svc_casefile.visits.schemas import DueFilters

WORKERS, FILES_EACH = 5, 40


@pytest.fixture
async def full(running: Running) -> None:
    """Three centers with the files of five workers each."""
    actor = Actor.system("casefile")
    async with running.database.command(actor) as command:
        new = [
            new_case_file(
                said(CaseFileCreate.model_validate(household(assigned_worker=f"worker-{worker}"))),
                jurisdiction=Jurisdiction(center),
                opened_by=actor.subject,
                now=command.now,
            )
            for center in (CENTER, NEIGHBOUR, OTHER_PROVINCE)
            for worker in range(WORKERS)
            for _ in range(FILES_EACH)
        ]
        await repository.add(command.connection, new)
    await running.analyse()


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


@pytest.mark.parametrize(
    ("scope", "worker", "most"),
    [
        (CENTER, "worker-1", 3 * FILES_EACH),  # the same name works in three places
        (CENTER, None, WORKERS * FILES_EACH),
        ("2901", "worker-1", 3 * FILES_EACH),
    ],
)
async def test_a_work_list_reads_its_files(
    running: Running, full: None, scope: str, worker: str | None, most: int
) -> None:
    actor = Actor(subject="sara", roles=frozenset(), scope=Jurisdiction(scope))
    sql, arguments = queries.due_statement(
        DueFilters(limit=50), within=Jurisdiction(scope), worker=worker, on=today(), position=None
    )
    async with running.database.query(actor) as query:
        (plan,) = await query.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *arguments)
    files = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name") == "case_file"]
    read = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in files)
    assert 0 < read <= most
    persons = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name") == "member"]
    assert sum(node["Actual Loops"] for node in persons) <= 51
