"""What a household needs, ranked, as somebody saw it on a day."""

import httpx
import pytest
from casefile_samples import CENTER, Json, code_of, opened, person, pointers, version_of
from plan_samples import NEEDS, assessed
from request_samples import in_days, timeline

from shared.testing.plugin import Running


@pytest.fixture
async def file(worker: httpx.AsyncClient) -> Json:
    return await opened(worker, person("head"), person())


async def test_needs_are_ranked_in_the_order_they_come(running: Running, worker: httpx.AsyncClient, file: Json) -> None:
    child = file["members"][1]["id"]
    needs = [*NEEDS, {"kind": "health", "urgency": "later", "member_id": child}]
    assessment = await assessed(worker, file, needs=needs, assessed_on="2026-01-05", summary="خلاصه")

    assert [(need["rank"], need["kind"]) for need in assessment["needs"]] == [
        (1, "income"),
        (2, "education"),
        (3, "health"),
    ]
    assert (assessment["assessed_on"], assessment["summary"]) == ("2026-01-05", "خلاصه")
    assert (assessment["jurisdiction"], assessment["recorded_by"]) == (CENTER, f"social-worker@{CENTER}")
    assert (await worker.get(f"/v1/assessments/{assessment['id']}")).json() == assessment
    ((kind, about),) = await timeline(running, file)
    assert (kind, about["needs"]) == ("needs-assessed", ["income", "education", "health"])
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file


async def test_a_later_assessment_follows_and_the_older_stays(worker: httpx.AsyncClient, file: Json) -> None:
    made = [await assessed(worker, file) for _ in range(3)]
    path = f"/v1/case-files/{file['id']}/assessments"
    first = (await worker.get(path, params={"limit": 2})).json()
    second = (await worker.get(path, params={"limit": 2, "after": first["next"]})).json()
    assert [*first["items"], *second["items"]] == [*reversed(made)]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"needs": []}, "/needs"),
        ({"needs": [NEEDS[0], NEEDS[0]]}, "/needs"),
        ({"needs": [{"kind": "money", "urgency": "soon"}]}, "/needs/0/kind"),
        ({"needs": [{"kind": "income"}]}, "/needs/0/urgency"),
        ({"needs": [NEEDS[0] | {"rank": 3}]}, "/needs/0/rank"),
        ({"assessed_on": in_days(1)}, "/assessed_on"),
    ],
)
async def test_bad_input(worker: httpx.AsyncClient, file: Json, fields: Json, pointer: str) -> None:
    answer = await worker.post(f"/v1/case-files/{file['id']}/assessments", json={"needs": NEEDS} | fields)
    assert (*code_of(answer), pointers(answer)) == (422, "invalid-input", [pointer])


async def test_a_need_is_that_of_a_present_member(worker: httpx.AsyncClient, file: Json) -> None:
    stranger = (await opened(worker))["members"][0]["id"]
    answer = await worker.post(
        f"/v1/case-files/{file['id']}/assessments",
        json={"needs": [NEEDS[0], NEEDS[1] | {"member_id": stranger}]},
    )
    assert (*code_of(answer), pointers(answer)) == (422, "not-a-member", ["/needs/1/member_id"])


async def test_a_closed_file_is_not_assessed(worker: httpx.AsyncClient, file: Json) -> None:
    await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "deceased"}, headers=version_of(file))
    answer = await worker.post(f"/v1/case-files/{file['id']}/assessments", json={"needs": NEEDS})
    assert code_of(answer) == (409, "case-file-closed")
