"""Which reviews are due, and what plans came to: results by need, not visits."""

from datetime import timedelta

import httpx
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened
from plan_samples import GOAL, agreed, assessed, drawn_up, progressed, stepped
from request_samples import in_days, moved

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import Running


async def due(client: httpx.AsyncClient, **filters: str) -> list[str]:
    answer = await client.get("/v1/help-plans", params=filters)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def outcomes(client: httpx.AsyncClient, **filters: str) -> Json:
    answer = await client.get(
        "/v1/help-plans:outcomes", params={"agreed_from": in_days(-30), "agreed_to": in_days(0)} | filters
    )
    assert answer.status_code == 200, answer.text
    counted: Json = answer.json()
    return counted


async def test_the_soonest_review_comes_first(worker: httpx.AsyncClient) -> None:
    later = await agreed(worker, await opened(worker), review_on=in_days(20), responsible="w2")
    sooner = await agreed(worker, await opened(worker), review_on=in_days(10))
    draft = await drawn_up(worker, await opened(worker), review_on=in_days(5))

    assert await due(worker) == [sooner["id"], later["id"]]
    assert await due(worker, review_until=in_days(10)) == [sooner["id"]]
    assert await due(worker, review_until=in_days(9)) == []
    assert await due(worker, responsible="w2") == [later["id"]]
    assert await due(worker, status="draft") == [draft["id"]]
    first = (await worker.get("/v1/help-plans", params={"limit": 1})).json()
    second = (await worker.get("/v1/help-plans", params={"limit": 1, "after": first["next"]})).json()
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next"]] == [sooner["id"], later["id"], None]


async def test_a_review_whose_day_is_over_is_overdue(running: Running, worker: httpx.AsyncClient) -> None:
    plan = await agreed(worker, await opened(worker), review_on=in_days(0))
    assert not plan["review_overdue"]
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE help_plan SET review_on = $1", today() - timedelta(days=1))
    (listed,) = (await worker.get("/v1/help-plans", params={"review_until": in_days(0)})).json()["items"]
    assert listed["review_overdue"]
    assert (await outcomes(worker))["reviews_overdue"] == 1


async def test_a_list_shows_what_is_in_the_scope_now(
    running: Running, worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    plan = await agreed(worker, file)
    await moved(running, file, NEIGHBOUR)
    assert (await due(worker), await due(neighbour)) == ([], [plan["id"]])
    assert (await due(county, jurisdiction=NEIGHBOUR), await due(county, jurisdiction=CENTER)) == ([plan["id"]], [])
    assert (await outcomes(worker))["plans_in_force"] == 0
    assert (await outcomes(county, jurisdiction=NEIGHBOUR))["plans_in_force"] == 1
    for path in ("/v1/help-plans", "/v1/help-plans:outcomes"):
        period = {"agreed_from": in_days(0), "agreed_to": in_days(0)} if path.endswith("outcomes") else {}
        answer = await worker.get(path, params=period | {"jurisdiction": NEIGHBOUR})
        assert code_of(answer) == (403, "scope-forbidden")


async def test_what_came_of_the_goals(worker: httpx.AsyncClient) -> None:
    education = GOAL | {"need": "education"}
    in_force = await agreed(worker, await opened(worker), goals=[GOAL, GOAL, education])
    await progressed(worker, in_force, outcome="achieved")
    stopped = await agreed(worker, await opened(worker), goals=[GOAL, education])
    stopped = await progressed(worker, stopped, goal=1, outcome="partly-achieved")
    await stepped(worker, stopped, "stop", reason="household-withdrew")
    completed = await agreed(worker, await opened(worker), goals=[education])
    completed = await progressed(worker, completed, outcome="not-achieved")
    await stepped(worker, completed, "complete")
    await drawn_up(worker, await opened(worker))  # nobody agreed: its goals are no promise
    await assessed(worker, await opened(worker), needs=[{"kind": "housing", "urgency": "immediate"}])

    counted = await outcomes(worker)
    assert (counted["plans_in_force"], counted["plans_completed"], counted["plans_stopped"]) == (1, 1, 1)
    none = dict.fromkeys(counted["goals"], 0)
    assert counted["goals"] == none | {
        "achieved": 1,
        "partly_achieved": 1,
        "not_achieved": 1,
        "pending": 2,
        "abandoned": 1,
    }
    assert {each["need"]: (each["households_in_need"], each["goals"]) for each in counted["by_need"]} == {
        "income": (4, none | {"achieved": 1, "pending": 1, "abandoned": 1}),
        "education": (4, none | {"partly_achieved": 1, "not_achieved": 1, "pending": 1}),
        "housing": (1, none),  # a need that nobody plans for is seen
    }


async def test_a_need_counts_as_it_was_last_assessed(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    await assessed(worker, file, needs=[{"kind": "food", "urgency": "soon"}])
    await assessed(worker, file, needs=[{"kind": "health", "urgency": "soon"}])
    await assessed(worker, file, needs=[{"kind": "care", "urgency": "soon"}], assessed_on=in_days(-3))  # told late
    assert [each["need"] for each in (await outcomes(worker))["by_need"]] == ["health"]


async def test_plans_count_by_the_day_they_were_agreed(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    plan = await drawn_up(worker, file, goals=[GOAL | {"target_on": in_days(-1)}])
    await stepped(worker, plan, "agree", agreed_with=file["members"][0]["id"], agreed_on=in_days(-10))
    assert (await outcomes(worker, agreed_to=in_days(-10)))["plans_in_force"] == 1
    assert (await outcomes(worker, agreed_from=in_days(-9)))["plans_in_force"] == 0
    assert (await outcomes(worker))["goals_overdue"] == 1
    answer = await worker.get("/v1/help-plans:outcomes", params={"agreed_from": in_days(0), "agreed_to": in_days(-1)})
    assert code_of(answer) == (422, "invalid-input")
