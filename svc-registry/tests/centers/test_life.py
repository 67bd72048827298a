from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx

from shared.contracts.registry import CenterClosedV1, CenterOpenedV1, CenterReadiedV1, CenterSuspendedV1
from shared.kit.calendar import today
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]
Step = Callable[..., Awaitable[httpx.Response]]

ALLOWED = {
    "planned": ["ready", "close"],
    "ready": ["open", "close"],
    "open": ["suspend", "close"],
    "suspended": ["resume", "close"],
    "closed": [],
}
STEPS = ("ready", "open", "suspend", "resume", "close")


async def test_a_whole_life(make_center: Make, step: Step, officer: httpx.AsyncClient, running: Running) -> None:
    code = (await make_center())["code"]
    seen = []
    for name in ("ready", "open", "suspend", "resume", "suspend", "close"):
        response = await step(officer, code, name)
        assert response.status_code == 200, response.text
        center = response.json()
        assert response.headers["etag"] == f'"{center["version"]}"'
        seen.append((center["status"], center["version"]))
    assert seen == [("ready", 2), ("open", 3), ("suspended", 4), ("open", 5), ("suspended", 6), ("closed", 7)]
    assert (center["opened_on"], center["closed_on"]) == (today().isoformat(), today().isoformat())
    types = [envelope.type for envelope in await running.events(count=7)]
    assert types[1:] == [
        CenterReadiedV1.type,
        CenterOpenedV1.type,
        CenterSuspendedV1.type,
        CenterOpenedV1.type,
        CenterSuspendedV1.type,
        CenterClosedV1.type,
    ]


async def test_a_step_out_of_turn_is_told_what_is_allowed(
    make_center: Make, step: Step, officer: httpx.AsyncClient
) -> None:
    for status, allowed in ALLOWED.items():
        center = await make_center(status)
        for name in set(STEPS) - set(allowed):
            response = await step(officer, center["code"], name)
            problem = response.json()
            assert (response.status_code, problem["code"]) == (409, "center-step-not-allowed"), (status, name)
            assert (problem["present"], problem["allowed"]) == (status, allowed)
        assert (await officer.get(f"/v1/centers/{center['code']}")).json() == center


async def test_only_what_is_complete_becomes_ready(make_center: Make, step: Step, officer: httpx.AsyncClient) -> None:
    center = await make_center(licence_reference=None, address=None)
    response = await step(officer, center["code"], "ready")
    assert (response.status_code, response.json()["code"]) == (409, "center-not-complete")
    assert response.json()["missing"] == ["licence_reference", "address"]
    changed = await officer.patch(
        f"/v1/centers/{center['code']}",
        json={"licence_reference": "1399/29/7", "address": "قاین، خیابان امام"},
        headers={"If-Match": '"1"'},
    )
    assert changed.status_code == 200
    assert (await step(officer, center["code"], "ready")).status_code == 200


async def test_a_center_opens_on_the_day_that_is_said(make_center: Make, officer: httpx.AsyncClient) -> None:
    code = (await make_center("ready"))["code"]
    tomorrow = (today() + timedelta(days=1)).isoformat()
    response = await officer.post(f"/v1/centers/{code}:open", json={"opened_on": tomorrow})
    assert (response.status_code, response.json()["code"]) == (422, "date-in-future")
    response = await officer.post(f"/v1/centers/{code}:open", json={"opened_on": "2021-03-08"})
    assert (response.status_code, response.json()["opened_on"]) == (200, "2021-03-08")


async def test_a_suspended_center_keeps_its_opening_day(
    make_center: Make, step: Step, officer: httpx.AsyncClient
) -> None:
    code = (await make_center("ready"))["code"]
    await officer.post(f"/v1/centers/{code}:open", json={"opened_on": "2021-03-08"})
    await step(officer, code, "suspend")
    assert (await step(officer, code, "resume")).json()["opened_on"] == "2021-03-08"


async def test_a_reason_is_asked_for(make_center: Make, officer: httpx.AsyncClient) -> None:
    code = (await make_center("open"))["code"]
    for name in ("suspend", "close"):
        for body in ({}, {"reason": " "}):
            response = await officer.post(f"/v1/centers/{code}:{name}", json=body)
            assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/reason")


async def test_many_open_on_one_day_in_one_operation(
    make_center: Make, officer: httpx.AsyncClient, running: Running
) -> None:
    codes = [(await make_center("ready"))["code"] for _ in range(3)]
    response = await officer.post("/v1/centers:open", json={"codes": codes, "opened_on": "2021-03-08"})
    assert response.status_code == 200, response.text
    opened = response.json()
    assert [center["code"] for center in opened["centers"]] == codes
    assert {(center["status"], center["opened_on"]) for center in opened["centers"]} == {("open", "2021-03-08")}
    for code in codes:
        (last, *_) = (await officer.get(f"/v1/centers/{code}/transitions")).json()["items"]
        assert last["operation_id"] == opened["operation_id"]
        assert (last["done_by"], last["effective_on"]) == ("province-officer@29", "2021-03-08")
    announced = await running.events(type=CenterOpenedV1.type, count=3)
    assert [envelope.subject for envelope in announced] == codes


async def test_many_open_all_or_none(make_center: Make, officer: httpx.AsyncClient) -> None:
    ready, planned = (await make_center("ready"))["code"], (await make_center())["code"]
    response = await officer.post("/v1/centers:open", json={"codes": [ready, planned]})
    assert (response.status_code, response.json()["code"]) == (409, "centers-not-ready")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/codes/1"]
    response = await officer.post("/v1/centers:open", json={"codes": [ready, "2901999"]})
    assert (response.status_code, response.json()["code"]) == (422, "centers-unknown")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/codes/1"]
    response = await officer.post("/v1/centers:open", json={"codes": [ready, ready]})
    assert (response.status_code, response.json()["code"]) == (422, "invalid-input")
    assert (await officer.get(f"/v1/centers/{ready}")).json()["status"] == "ready"


async def test_the_steps_are_on_record_the_latest_first(make_center: Make, officer: httpx.AsyncClient) -> None:
    code = (await make_center("suspended"))["code"]
    first = await officer.get(f"/v1/centers/{code}/transitions?limit=3")
    rest = await officer.get(first.links["next"]["url"])
    steps = [(each["status_from"], each["status_to"]) for each in first.json()["items"] + rest.json()["items"]]
    assert steps == [("open", "suspended"), ("ready", "open"), ("planned", "ready"), (None, "planned")]
    assert first.json()["items"][0]["reason"] == "تعمیر"


async def test_a_center_that_does_not_exist_takes_no_step(step: Step, officer: httpx.AsyncClient) -> None:
    for name in STEPS:
        response = await step(officer, "2901999", name)
        assert (response.status_code, response.json()["code"]) == (404, "not-found")
