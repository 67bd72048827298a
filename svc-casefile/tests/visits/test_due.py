"""When a file is due a visit, and the list that a worker and a center work through."""

from datetime import date, timedelta

import httpx
from casefile_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, code_of, opened, version_of
from visit_samples import (
    days_ago,
    due,
    due_on,
    follow_rules,
    in_days,
    know_interval,
    missed,
    moved,
    recorded,
    rows_of,
)

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running

HALF_A_YEAR = 6


def months_after(day: date, months: int) -> str:
    """As PostgreSQL adds months: the last day of a shorter one."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last)).isoformat()


async def test_no_date_is_due_without_a_rule(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    (item,) = await due(worker)
    assert (item["case_file_id"], item["visit_due_on"], item["urgency"], item["overdue_days"]) == (
        file["id"], None, "not-due", 0,
    )  # fmt: skip


async def test_an_active_file_is_due_so_many_months_after_it_was_taken_on_or_met(
    worker: httpx.AsyncClient, running: Running
) -> None:
    await know_interval(running, HALF_A_YEAR)
    file = await opened(worker)
    assert await due_on(worker, file) == months_after(today(), HALF_A_YEAR)
    await recorded(worker, file, visited_at=days_ago(100))
    assert await due_on(worker, file) == months_after(today() - timedelta(days=100), HALF_A_YEAR)
    await recorded(worker, file, **missed())
    assert await due_on(worker, file) == months_after(today() - timedelta(days=100), HALF_A_YEAR)


async def test_a_file_that_was_there_before_the_rule_is_due_by_it(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker)
    await recorded(worker, file, visited_at=days_ago(200))
    await know_interval(running, HALF_A_YEAR)
    (item,) = await due(worker)
    assert item["visit_due_on"] == months_after(today() - timedelta(days=200), HALF_A_YEAR)
    assert (item["urgency"], item["overdue_days"]) == (
        "overdue", (today() - date.fromisoformat(item["visit_due_on"])).days,
    )  # fmt: skip


async def test_the_rule_for_the_center_on_that_day_counts(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, running: Running
) -> None:
    nation = await know_interval(running, 6)
    here, there = await opened(worker), await opened(neighbour)
    await know_interval(running, 3, jurisdiction=CENTER)
    await know_interval(running, 1, jurisdiction="2901", valid_from=today() + timedelta(days=1))
    await know_interval(running, 2, jurisdiction="29", valid_to=today() - timedelta(days=1))
    assert await due_on(worker, here) == months_after(today(), 3)
    assert await due_on(neighbour, there) == months_after(today(), 6)
    await know_interval(running, 12, parameter_id=nation, version=2)
    assert await due_on(neighbour, there) == months_after(today(), 12)
    await moved(running, here, NEIGHBOUR)
    assert await due_on(neighbour, here) == months_after(today(), 12)


async def test_a_rule_that_ends_leaves_no_date(worker: httpx.AsyncClient, running: Running) -> None:
    rule = await know_interval(running, 6)
    file = await opened(worker)
    yesterday = today() - timedelta(days=1)
    await know_interval(running, 6, parameter_id=rule, version=2, valid_to=yesterday)
    assert await due_on(worker, file) is None


async def test_what_is_not_active_is_not_due(worker: httpx.AsyncClient, running: Running) -> None:
    await know_interval(running, 6)
    file = await opened(worker)
    path = f"/v1/case-files/{file['id']}"
    suspended = await worker.post(f"{path}:suspend", json={"reason": "not-found"}, headers=version_of(file))
    assert await due(worker) == []
    (row,) = await rows_of(running, "SELECT visit_due_on FROM case_file WHERE id = $1", file["id"])
    assert row["visit_due_on"] is None
    resumed = await worker.post(f"{path}:resume", headers=version_of(suspended.json()))
    assert await due_on(worker, resumed.json()) == months_after(today(), 6)


async def test_every_center_is_looked_at_again_the_next_day(worker: httpx.AsyncClient, running: Running) -> None:
    """Whatever went wrong with a date is put right."""
    await know_interval(running, 6)
    file = await opened(worker)
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE case_file SET visit_due_on = '2030-01-01'")
        await command.connection.execute("UPDATE visit_interval SET worked_out_on = worked_out_on - 1")
    await follow_rules(running)
    assert await due_on(worker, file) == months_after(today(), 6)


async def test_a_plan_brings_the_date_forward_and_never_back(worker: httpx.AsyncClient, running: Running) -> None:
    await know_interval(running, 6)
    file = await opened(worker)
    path = f"/v1/case-files/{file['id']}:plan-visit"
    planned = (await worker.post(path, json={"planned_on": in_days(10)})).json()
    assert (planned["visit_planned_on"], planned["visit_due_on"]) == (in_days(10), in_days(10))
    later = (await worker.post(path, json={"planned_on": in_days(400)})).json()
    assert (later["visit_planned_on"], later["visit_due_on"]) == (in_days(400), months_after(today(), 6))
    dropped = (await worker.post(path, json={"planned_on": None})).json()
    assert (dropped["visit_planned_on"], dropped["visit_due_on"]) == (None, months_after(today(), 6))
    answer = await worker.post(path, json={"planned_on": in_days(-1)})
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/planned_on", "date-in-the-past")]
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file
    kinds = await rows_of(running, "SELECT kind FROM timeline_entry ORDER BY at")
    assert [row["kind"] for row in kinds] == ["visit-planned", "visit-planned", "visit-plan-dropped"]


async def test_a_visit_uses_the_plan_up_and_makes_the_next(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    path = f"/v1/case-files/{file['id']}:plan-visit"
    await worker.post(path, json={"planned_on": in_days(0)})
    await recorded(worker, file, visited_at=days_ago(3), next_visit_on=in_days(9))  # before it was planned
    assert await due_on(worker, file) == in_days(0)
    await recorded(worker, file, **missed(visited_at=days_ago(-1 / 1440)))
    assert await due_on(worker, file) == in_days(0)
    await recorded(worker, file, visited_at=days_ago(-2 / 1440), next_visit_on=in_days(60))
    assert await due_on(worker, file) == in_days(60)
    await recorded(worker, file, visited_at=days_ago(-3 / 1440))
    assert await due_on(worker, file) is None


async def test_overdue_first_and_near_each_other_together(worker: httpx.AsyncClient, running: Running) -> None:
    await know_interval(running, 6)
    east, west = {"latitude": 32.871, "longitude": 59.229}, {"latitude": 32.872, "longitude": 59.211}
    said = [
        ("late west", 250, west), ("late east", 240, east), ("later east", 10, east), ("soon east", 170, east),
        ("late east too", 300, {"latitude": 32.875, "longitude": 59.222}),
        ("late by post", 400, {"postal_code": "9717853577"}),
        ("late nowhere", 500, {}),
    ]  # fmt: skip
    numbers = {}
    for name, days, home in said:
        file = await opened(worker, **home)
        await recorded(worker, file, visited_at=days_ago(days))
        numbers[file["number"]] = name
    items = await due(worker)
    assert [numbers[item["number"]] for item in items] == [
        "late west", "late east too", "late east", "late by post", "late nowhere", "soon east", "later east",
    ]  # fmt: skip
    assert [item["urgency"] for item in items] == ["overdue"] * 5 + ["soon", "later"]
    assert [item["place"] for item in items[:5]] == ["3287-5921", "3287-5922", "3287-5922", "p97178", None]
    pages, after = [], {}
    while True:
        page = (await worker.get("/v1/visits:due", params={"limit": 2} | after)).json()
        pages += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert pages == items
    until = (today() - timedelta(days=40)).isoformat()
    assert {numbers[item["number"]] for item in await due(worker, due_by=until)} == {
        "late west", "late east", "late east too", "late by post", "late nowhere",
    } & {numbers[item["number"]] for item in items if item["visit_due_on"] <= until}  # fmt: skip


async def test_by_worker_and_by_center(
    county: httpx.AsyncClient, client_as: ClientAs, worker: httpx.AsyncClient, running: Running
) -> None:
    sara = await client_as("social-worker", CENTER, subject="sara")
    hers = await opened(sara, assigned_worker="sara")
    nobodys = await opened(sara)
    there = await opened(county, jurisdiction=NEIGHBOUR, status="active")

    async def found(client: httpx.AsyncClient, **filters: str) -> set[str]:
        return {item["case_file_id"] for item in await due(client, **filters)}

    assert await found(sara, worker="me") == await found(worker, worker="sara") == {hers["id"]}
    assert await found(worker, worker="me") == set()
    assert await found(county) == {hers["id"], nobodys["id"], there["id"]}
    assert await found(county, center_code=CENTER) == {hers["id"], nobodys["id"]}
    answer = await county.get("/v1/visits:due", params={"center_code": OTHER_PROVINCE})
    assert code_of(answer) == (403, "scope-forbidden")
    assert code_of(await county.get("/v1/visits:due", params={"worker": ""})) == (422, "invalid-input")
