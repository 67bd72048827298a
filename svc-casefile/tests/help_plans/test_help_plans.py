"""What household and center set out to reach, and what came of it."""

import asyncio

import httpx
import pytest
from casefile_samples import CENTER, Json, code_of, opened, person, pointers, version_of
from plan_samples import GOAL, agreed, assessed, drawn_up, plan_for, progressed, step, stepped
from request_samples import in_days, timeline

from shared.testing.plugin import Running

TWO_GOALS = [GOAL, GOAL | {"need": "education", "title": "بازگشت به مدرسه"}]
BODIES: dict[str, Json] = {
    "review": {"next_review_on": in_days(30)},
    "complete": {},
    "stop": {"reason": "circumstances-changed"},
}


@pytest.fixture
async def file(worker: httpx.AsyncClient) -> Json:
    return await opened(worker, person("head"), person())


async def test_a_draft_has_goals_measures_a_person_and_a_day(worker: httpx.AsyncClient, file: Json) -> None:
    child = file["members"][1]["id"]
    plan = await drawn_up(worker, file, goals=[GOAL, GOAL | {"need": "education", "member_id": child}])

    assert (plan["status"], plan["version"], plan["responsible"]) == ("draft", 1, "worker-7")
    assert plan["review_on"] == in_days(60)
    assert plan["goals"][0].items() >= GOAL.items()
    assert [(goal["need"], goal["member_id"], goal["outcome"]) for goal in plan["goals"]] == [
        ("income", None, None),
        ("education", child, None),
    ]
    read = await worker.get(f"/v1/help-plans/{plan['id']}")
    assert (read.json(), read.headers["etag"]) == (plan, '"1"')


async def test_from_draft_to_result(running: Running, worker: httpx.AsyncClient, file: Json) -> None:
    plan = await agreed(worker, file, goals=TWO_GOALS)
    assert (plan["status"], plan["agreed_on"], plan["agreed_with"]) == ("agreed", in_days(0), file["members"][0]["id"])

    plan = await progressed(worker, plan, direction="backward", note="بیماری")
    assert (plan["goals"][0]["direction"], plan["goals"][0]["outcome"]) == ("backward", None)
    plan = await progressed(worker, plan, outcome="achieved")
    plan = await stepped(worker, plan, "review", next_review_on=in_days(90), note="خوب پیش می‌رود")
    assert plan["review_on"] == in_days(90)

    early = await step(worker, plan, "complete")
    assert (*code_of(early), early.json()["goals"]) == (409, "goals-without-outcome", [plan["goals"][1]["id"]])
    plan = await progressed(worker, plan, goal=1, direction="unchanged", outcome="not-achieved")
    plan = await stepped(worker, plan, "complete", note="پایان")

    assert (plan["status"], plan["note"]) == ("completed", "پایان")
    assert [(goal["outcome"], goal["outcome_on"]) for goal in plan["goals"]] == [
        ("achieved", in_days(0)),
        ("not-achieved", in_days(0)),
    ]
    entries = (await worker.get(f"/v1/help-plans/{plan['id']}/progress")).json()["items"]
    assert [(each["direction"], each["outcome"], each["next_review_on"]) for each in entries] == [
        ("unchanged", "not-achieved", None),
        (None, None, in_days(90)),
        ("forward", "achieved", None),
        ("backward", None, None),
    ]
    assert [kind for kind, _ in await timeline(running, file)] == [
        "needs-assessed",
        "help-plan-agreed",
        "goal-progressed",
        "goal-outcome-recorded",
        "help-plan-reviewed",
        "goal-outcome-recorded",
        "help-plan-completed",
    ]
    events = await running.events(count=3, type="pl.casefile.help-plan")
    assert [each.type.split(".")[3] for each in events] == ["agreed", "reviewed", "completed"]
    counted = {key: events[-1].data[key] for key in ("goals", "achieved", "partly_achieved", "not_achieved")}
    assert counted == {"goals": 2, "achieved": 1, "partly_achieved": 0, "not_achieved": 1}
    assert all("مدرسه" not in each.to_json().decode() for each in events)


async def test_an_outcome_may_turn_out_differently_and_both_are_kept(worker: httpx.AsyncClient, file: Json) -> None:
    plan = await progressed(worker, await agreed(worker, file), outcome="achieved")
    plan = await progressed(worker, plan, direction="backward", outcome="partly-achieved")
    assert plan["goals"][0]["outcome"] == "partly-achieved"
    entries = (await worker.get(f"/v1/help-plans/{plan['id']}/progress")).json()["items"]
    assert [each["outcome"] for each in entries] == ["partly-achieved", "achieved"]


async def test_only_a_draft_changes_its_goals(worker: httpx.AsyncClient, file: Json) -> None:
    plan = await drawn_up(worker, file)
    path = f"/v1/help-plans/{plan['id']}"
    changed = await worker.patch(
        path, json={"goals": [*reversed(TWO_GOALS)], "responsible": "worker-8"}, headers=version_of(plan)
    )
    plan = changed.json()
    assert ([goal["need"] for goal in plan["goals"]], plan["responsible"]) == (["education", "income"], "worker-8")

    plan = await stepped(worker, plan, "agree", agreed_with=file["members"][0]["id"])
    refused = await worker.patch(path, json={"goals": TWO_GOALS}, headers=version_of(plan))
    assert code_of(refused) == (409, "plan-step-not-allowed")
    moved = await worker.patch(path, json={"review_on": in_days(5), "responsible": "w9"}, headers=version_of(plan))
    assert (moved.json()["review_on"], moved.json()["responsible"], moved.json()["status"]) == (
        in_days(5),
        "w9",
        "agreed",
    )


async def test_one_plan_is_in_force_at_a_time(worker: httpx.AsyncClient, file: Json) -> None:
    first, second = await agreed(worker, file), await drawn_up(worker, file)
    answer = await step(worker, second, "agree", agreed_with=file["members"][0]["id"])
    assert (*code_of(answer), answer.json()["help_plan_id"]) == (409, "plan-in-force", first["id"])
    await stepped(worker, first, "stop", reason="replaced")
    assert (await step(worker, second, "agree", agreed_with=file["members"][0]["id"])).status_code == 200


async def test_of_two_drafts_agreed_at_once_one_is_in_force(worker: httpx.AsyncClient, file: Json) -> None:
    drafts = [await drawn_up(worker, file) for _ in range(4)]
    head = file["members"][0]["id"]
    answers = await asyncio.gather(*(step(worker, draft, "agree", agreed_with=head) for draft in drafts))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


ALLOWED = {
    "draft": {"agree", "stop"},
    "agreed": {"review", "complete", "stop"},
    "completed": set(),
    "stopped": set(),
}


@pytest.mark.parametrize("status", ALLOWED)
async def test_a_step_out_of_turn_says_which_are_possible(worker: httpx.AsyncClient, file: Json, status: str) -> None:
    head = {"agreed_with": file["members"][0]["id"]}
    plan = await (drawn_up if status == "draft" else agreed)(worker, file)
    if status in {"completed", "stopped"}:
        last = "complete" if status == "completed" else "stop"
        plan = await stepped(worker, await progressed(worker, plan, outcome="achieved"), last, **BODIES[last])
    for name in {"agree", "review", "complete", "stop"} - ALLOWED[status]:
        answer = await step(worker, plan, name, **({"agree": head} | BODIES)[name])
        assert code_of(answer) == (409, "plan-step-not-allowed"), name
        assert answer.json()["present"] == status
        assert set(answer.json()["allowed"]) >= ALLOWED[status]
    if status != "agreed":
        answer = await worker.post(
            f"/v1/help-plans/{plan['id']}/progress",
            json={"goal_id": plan["goals"][0]["id"], "direction": "forward"},
        )
        assert code_of(answer) == (409, "plan-step-not-allowed")


async def test_a_step_needs_the_version_that_was_read(worker: httpx.AsyncClient, file: Json) -> None:
    plan = await agreed(worker, file)
    await progressed(worker, plan)  # counts as a change of the plan
    for name, body in BODIES.items():
        assert code_of(await worker.post(f"/v1/help-plans/{plan['id']}:{name}", json=body))[0] == 428
        assert code_of(await step(worker, plan, name, **body)) == (412, "precondition-failed"), name
    patched = await worker.patch(f"/v1/help-plans/{plan['id']}", json={}, headers=version_of(plan))
    assert code_of(patched) == (412, "precondition-failed")


async def test_a_plan_answers_to_an_assessment_of_the_household(worker: httpx.AsyncClient, file: Json) -> None:
    theirs = await assessed(worker, await opened(worker))
    answer = await worker.post(f"/v1/case-files/{file['id']}/help-plans", json=plan_for(theirs))
    assert (*code_of(answer), pointers(answer)) == (422, "assessment-unknown", ["/assessment_id"])


async def test_who_is_named_is_of_the_household(worker: httpx.AsyncClient, file: Json) -> None:
    stranger = (await opened(worker))["members"][0]["id"]
    body = plan_for(await assessed(worker, file), goals=[GOAL, GOAL | {"member_id": stranger}])
    answer = await worker.post(f"/v1/case-files/{file['id']}/help-plans", json=body)
    assert (*code_of(answer), pointers(answer)) == (422, "not-a-member", ["/goals/1/member_id"])
    answer = await step(worker, await drawn_up(worker, file), "agree", agreed_with=stranger)
    assert (*code_of(answer), pointers(answer)) == (422, "not-a-member", ["/agreed_with"])


async def test_a_review_is_on_a_day_to_come(worker: httpx.AsyncClient, file: Json) -> None:
    body = plan_for(await assessed(worker, file), review_on=in_days(-1))
    answer = await worker.post(f"/v1/case-files/{file['id']}/help-plans", json=body)
    assert (*code_of(answer), pointers(answer)) == (422, "review-in-the-past", ["/review_on"])
    answer = await step(worker, await agreed(worker, file), "review", next_review_on=in_days(-1))
    assert (*code_of(answer), pointers(answer)) == (422, "review-in-the-past", ["/next_review_on"])


async def test_progress_is_that_of_a_goal_of_this_plan(worker: httpx.AsyncClient, file: Json) -> None:
    plan, other = await agreed(worker, file), await agreed(worker, await opened(worker))
    answer = await worker.post(
        f"/v1/help-plans/{plan['id']}/progress", json={"goal_id": other["goals"][0]["id"], "direction": "forward"}
    )
    assert (*code_of(answer), pointers(answer)) == (422, "goal-unknown", ["/goal_id"])


async def test_of_a_closed_file_a_plan_can_only_be_stopped(worker: httpx.AsyncClient, file: Json) -> None:
    plan = await agreed(worker, file)
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "deceased"}, headers=version_of(file))
    assert code_of(await step(worker, plan, "review", **BODIES["review"])) == (409, "case-file-closed")
    assert (await stepped(worker, plan, "stop", reason="case-file-closed"))["status"] == "stopped"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"goals": []}, "/goals"),
        ({"goals": [GOAL] * 11}, "/goals"),
        ({"goals": [GOAL | {"indicator": ""}]}, "/goals/0/indicator"),
        ({"goals": [GOAL | {"measures": [{"what": "x"}]}]}, "/goals/0/measures/0/responsible"),
        ({"responsible": ""}, "/responsible"),
        ({"review_on": None}, "/review_on"),
        ({"review_on": 20260101}, "/review_on"),
        ({"status": "agreed"}, "/status"),
    ],
)
async def test_bad_input(worker: httpx.AsyncClient, file: Json, fields: Json, pointer: str) -> None:
    body = plan_for(await assessed(worker, file), **fields)
    answer = await worker.post(f"/v1/case-files/{file['id']}/help-plans", json=body)
    assert (*code_of(answer), pointers(answer)) == (422, "invalid-input", [pointer])


async def test_the_plans_of_a_file_come_latest_first(worker: httpx.AsyncClient, file: Json) -> None:
    plans = [
        await drawn_up(worker, file),
        await progressed(worker, await agreed(worker, file, goals=TWO_GOALS), outcome="achieved"),
    ]
    page = (await worker.get(f"/v1/case-files/{file['id']}/help-plans")).json()
    assert [each["id"] for each in page["items"]] == [plan["id"] for plan in reversed(plans)]
    assert (page["items"][0]["goals"], page["items"][0]["goals_with_outcome"]) == (2, 1)
    assert page["items"][0]["jurisdiction"] == CENTER
