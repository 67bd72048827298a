"""A file's page: small, and as dear with a long history as with none."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from casefile_samples import CENTER, Json, code_of, opened, person, version_of
from life_event_samples import details, recorded
from request_samples import asked, in_days, know_services, stepped
from visit_samples import know_interval

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_casefile.households import repository
from svc_casefile.overviews import queries
from svc_casefile.timeline.repository import happened

WORKER = Actor("worker", frozenset(), Jurisdiction(CENTER))


def page(file: Json) -> str:
    return f"/v1/case-files/{file['id']}/overview"


async def test_who_they_are_and_where(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person(), mobile="09151234567", address="بیرجند", pensioner=True)
    seen = (await worker.get(page(file))).json()
    shared = [name for name in seen if name not in {"center", "members", "due", "latest"}]
    assert {name: seen[name] for name in shared} == {name: file[name] for name in shared}
    assert seen["center"] == {"code": CENTER, "name_fa": "مرکز", "name_en": None}
    assert seen["members"] == [
        {name: member[name] for name in ("id", "relation", "given_name", "family_name", "birth_date", "sex")}
        for member in file["members"]
    ]
    assert seen["latest"] == []


async def test_a_file_that_is_still_with_its_county(county: httpx.AsyncClient) -> None:
    file = await opened(county)
    seen = (await county.get(page(file))).json()
    assert (seen["center"], seen["status"], seen["due"]) == (None, "waiting", [])


async def test_who_left_is_not_on_it(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person())
    gone = file["members"][1]
    await worker.delete(f"/v1/case-files/{file['id']}/members/{gone['id']}?reason=moved-out", headers=version_of(gone))
    seen = (await worker.get(page(file))).json()
    assert ([member["id"] for member in seen["members"]], seen["member_count"]) == ([file["members"][0]["id"]], 1)


async def test_outside_the_scope_it_does_not_exist(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, client_as: ClientAs
) -> None:
    file = await opened(worker)
    assert code_of(await neighbour.get(page(file))) == (404, "not-found")
    for role, status in (("auditor", 200), ("headquarters", 403), ("screener", 403)):
        client = await client_as(role, CENTER)
        assert (await client.get(page(file))).status_code == status, role


async def test_what_is_due(running: Running, worker: httpx.AsyncClient, county: httpx.AsyncClient) -> None:
    await know_services(running)
    await know_interval(running, 6)
    file = await opened(worker, person("head"), person("spouse"), person())
    assert [item["kind"] for item in (await worker.get(page(file))).json()["due"]] == ["home-visit"]
    request = await asked(worker, file)
    divorce = await recorded(worker, file, "divorce", details("divorce", file))
    # what is restricted is shown in the list of life events, to those who work on the file
    await recorded(worker, file, "prison", details("prison", file))
    due = (await worker.get(page(file))).json()["due"]
    assert {(item["kind"], item["ref"], item["state"]) for item in due} == {
        ("home-visit", None, None),
        ("service-request", request["id"], "requested"),
        ("life-event", divorce["id"], "pending"),
    }
    assert not any(item["overdue"] for item in due)
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE service_request SET due_on = current_date - 3, expected_on = current_date - 3, due_rule = 'x'"
        )
    first = (await worker.get(page(file))).json()["due"][0]
    assert (first["kind"], first["overdue"]) == ("service-request", True)
    # somebody else has the next word, and time for it
    await stepped(worker, request, "accept", "refer", answer_due_on=in_days(9))
    (waiting,) = [item for item in (await worker.get(page(file))).json()["due"] if item["kind"] == "service-request"]
    assert (waiting["due_on"], waiting["overdue"]) == (in_days(9), False)
    elsewhere = await county.get(page(file))
    assert len(elsewhere.json()["due"]) == 3


async def grow(running: Running, file: Json, entries: int) -> None:
    """A long story: entries in the timeline, versions in the history, emergencies long over."""
    async with running.database.command(WORKER) as command:
        row = await repository.locked(command, UUID(file["id"]))
        for number in range(entries):
            at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=number)
            happened(command, row, kind="visit-recorded", about={"number": number}, at=at)
            repository.next_version(command, row, action="changed", changes={})
        await command.session.flush()
        await command.connection.execute(
            "INSERT INTO break_glass (id, case_file_id, jurisdiction, version, actor, opened_from, reason, opened_at,"
            " expires_at) SELECT gen_random_uuid(), $1, $2, 1, 'x', '3001001', 'x', now() - make_interval(days => n),"
            " now() - make_interval(days => n) + interval '3 hours' FROM generate_series(1, 10) n",
            row.id,
            CENTER,
        )


async def test_it_costs_the_same_after_years(running: Running, worker: httpx.AsyncClient) -> None:
    young, old = await opened(worker, person("head"), person()), await opened(worker, person("head"), person())
    await grow(running, young, 10)
    await grow(running, old, 500)
    sizes, costs = [], []
    await running.analyse()
    for file in (young, old):
        answer = await worker.get(page(file))
        sizes.append(len(answer.content))
        assert len(answer.json()["latest"]) == 5
        async with running.database.query(WORKER) as query:
            costs.append(await _touched(query, UUID(file["id"])))
    assert abs(sizes[0] - sizes[1]) < 50
    assert costs[0] == costs[1]
    assert costs[1] < 60


async def _touched(query: Any, case_file_id: UUID) -> float:
    """How many rows of any table the page looks at."""
    (plan,) = await query.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {queries._OVERVIEW}", case_file_id, today())

    def rows(node: Json) -> float:
        own = 0.0
        if "Relation Name" in node:
            own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        return own + sum(rows(child) for child in node.get("Plans", ()))

    return rows(plan["Plan"])
