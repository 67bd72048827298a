"""Who waits is admitted in turn: the urgent first, then by the day of finding; passing somebody over has a reason."""

import asyncio

import httpx
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of
from finding_samples import Committees, did, household, sent

from shared.testing.plugin import ClientAs


async def listed(client: httpx.AsyncClient, **params: object) -> list[Json]:
    answer = await client.get("/v1/findings:waiting-list", params=params)  # type: ignore[arg-type]
    items: list[Json] = answer.raise_for_status().json()["items"]
    return items


async def test_the_list_is_in_the_order_of_rule_and_date(committees: Committees) -> None:
    late = await committees.waiting(found_on="2026-05-03")
    early = await committees.waiting(found_on="2026-05-01")
    same_day = await committees.waiting(found_on="2026-05-01")
    urgent = await committees.waiting(found_on="2026-05-09", urgent="کودک بی‌سرپرست")
    lines = await listed(committees.worker)
    assert [line["id"] for line in lines] == [each["id"] for each in (urgent, early, same_day, late)]
    assert [(line["position"], line["urgent"]) for line in lines] == [(1, True), (2, False), (3, False), (4, False)]
    page = await committees.worker.get("/v1/findings:waiting-list", params={"limit": 3})
    assert await listed(committees.worker, limit=3, after=page.json()["next"]) == lines[3:]


async def test_each_center_has_its_own_turn(
    committees: Committees, client_as: ClientAs, neighbour: httpx.AsyncClient
) -> None:
    mine = await committees.waiting(found_on="2026-05-01")
    there = Committees(neighbour, await client_as("center-manager", NEIGHBOUR), committees.county)
    theirs = await there.waiting(found_on="2026-05-02")
    assert [(line["id"], line["position"]) for line in await listed(committees.county)] == [
        (theirs["id"], 1),
        (mine["id"], 1),
    ]
    assert await listed(committees.county, jurisdiction=NEIGHBOUR) == await listed(neighbour)
    assert (await did(there.manager, theirs, "admit", household()))["status"] == "admitted"


async def test_whoever_is_passed_over_is_told_why(committees: Committees) -> None:
    manager = committees.manager
    first = await committees.waiting(found_on="2026-05-01")
    second = await committees.waiting(found_on="2026-05-02")
    third = await committees.waiting(found_on="2026-05-03")
    early = await sent(manager, third, "admit", household())
    assert code_of(early) == (409, "out-of-turn")
    assert (early.json()["before"], early.json()["next"]) == (2, first["id"])
    skipping = {"reason": "emergency", "note": "خانه فرو ریخته است"}
    admitted = await did(manager, third, "admit", household(skipping=skipping))
    assert (admitted["status"], admitted["steps"][-1]["reason"]) == ("admitted", "emergency")
    for passed_over in (first, second):
        told = (await committees.worker.get(f"/v1/findings/{passed_over['id']}")).json()["skips"]
        assert [(skip["reason"], skip["note"]) for skip in told] == [("emergency", "خانه فرو ریخته است")]
        assert admitted["id"] not in str(told)  # who was taken is not theirs to know
    assert [(line["id"], line["skipped"]) for line in await listed(manager)] == [(first["id"], 1), (second["id"], 1)]
    assert (await did(manager, first, "admit", household()))["skips"][0]["actor"] == f"center-manager@{CENTER}"


async def test_of_two_admitted_at_once_nobody_overtakes(committees: Committees) -> None:
    first = await committees.waiting(found_on="2026-05-01")
    second = await committees.waiting(found_on="2026-05-02")
    overtaking, in_turn = await asyncio.gather(
        sent(committees.manager, second, "admit", household()), sent(committees.manager, first, "admit", household())
    )
    assert in_turn.status_code == 200
    if overtaking.status_code != 200:  # it came before the other was through
        assert code_of(overtaking) == (409, "out-of-turn")
    assert [line["skipped"] for line in await listed(committees.manager)] in ([], [0])


async def test_who_waits_may_decline(committees: Committees) -> None:
    finding = await committees.waiting()
    gone = await did(committees.worker, finding, "refuse", {"reason": "declined"})
    assert gone["status"] == "not-eligible"
    assert await listed(committees.worker) == []
