"""Assessments, and plans that answer to them."""

from typing import Any

import httpx
from casefile_samples import Json, version_of
from request_samples import in_days

NEEDS = [
    {"kind": "income", "urgency": "immediate"},
    {"kind": "education", "urgency": "soon", "description": "ترک تحصیل"},
]
GOAL: Json = {
    "need": "income",
    "title": "درآمد پایدار",
    "indicator": "سه ماه پیاپی درآمد ثبت شده است",
    "target_on": None,
    "measures": [{"what": "معرفی به کارآفرین", "responsible": "مددکار", "due_on": None, "service_code": "S05"}],
}


async def assessed(client: httpx.AsyncClient, file: Json, **fields: Any) -> Json:
    answer = await client.post(f"/v1/case-files/{file['id']}/assessments", json={"needs": NEEDS} | fields)
    assert answer.status_code == 201, answer.text
    assessment: Json = answer.json()
    return assessment


def plan_for(assessment: Json, **fields: Any) -> Json:
    """The body of a plan with one goal."""
    return {
        "assessment_id": assessment["id"],
        "responsible": "worker-7",
        "review_on": in_days(60),
        "goals": [GOAL],
    } | fields


async def drawn_up(client: httpx.AsyncClient, file: Json, **fields: Any) -> Json:
    body = plan_for(await assessed(client, file), **fields)
    answer = await client.post(f"/v1/case-files/{file['id']}/help-plans", json=body)
    assert answer.status_code == 201, answer.text
    plan: Json = answer.json()
    return plan


async def step(client: httpx.AsyncClient, plan: Json, name: str, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/help-plans/{plan['id']}:{name}", json=body, headers=version_of(plan))


async def stepped(client: httpx.AsyncClient, plan: Json, name: str, **body: Any) -> Json:
    answer = await step(client, plan, name, **body)
    assert answer.status_code == 200, answer.text
    after: Json = answer.json()
    return after


async def agreed(client: httpx.AsyncClient, file: Json, **fields: Any) -> Json:
    """A plan in force, which the head of the household agreed to."""
    plan = await drawn_up(client, file, **fields)
    return await stepped(client, plan, "agree", agreed_with=file["members"][0]["id"])


async def progressed(client: httpx.AsyncClient, plan: Json, goal: int = 0, **fields: Any) -> Json:
    """The plan after progress of one of its goals was recorded."""
    body = {"goal_id": plan["goals"][goal]["id"], "direction": "forward"} | fields
    answer = await client.post(f"/v1/help-plans/{plan['id']}/progress", json=body)
    assert answer.status_code == 201, answer.text
    after: Json = (await client.get(f"/v1/help-plans/{plan['id']}")).json()
    return after
