"""From the court's trial order to the final ruling, and what is due on the way."""

from datetime import date

import httpx
import pytest
from adoption_samples import Json, code_of, version_of
from placing_samples import (
    CHILDREN,
    DEADLINES,
    ORDER,
    PLACEMENTS,
    QUEUE,
    RULING,
    accepted,
    child_registered,
    matched,
    on_trial,
    proposed,
    set_rule,
    stepped,
    waiting,
)

from shared.kit.calendar import today
from shared.testing.plugin import Running
from svc_adoption.days import months_later


@pytest.fixture
async def match(
    running: Running, worker: httpx.AsyncClient, province: httpx.AsyncClient, member: httpx.AsyncClient,
    other_member: httpx.AsyncClient,
) -> Json:  # fmt: skip
    """A child whom a family takes in."""
    request, girl = await waiting(running, worker), await child_registered(province)
    return await accepted(province, await matched(member, other_member, await proposed(province, girl, request)))


async def due(client: httpx.AsyncClient, match: Json) -> list[tuple[str, str | None, str | None]]:
    """Kind, day, and when it was done, of what is still to be done and was done."""
    items = (await client.get(DEADLINES, params={"request_id": match["request_id"]})).json()["items"]
    known = [(each["kind"], each["due_on"], each["done_on"]) for each in items if each["dropped_at"] is None]
    return sorted(known, key=str)


async def test_a_trial_is_six_months_visited_and_then_final(
    running: Running, province: httpx.AsyncClient, match: Json
) -> None:
    early = {"match_id": match["id"], "order": ORDER | {"issued_on": "2026-02-28"}}
    assert code_of(await province.post(PLACEMENTS, json=early)) == (422, "day-impossible"), "before they took the child"
    placement = await on_trial(province, match, property_transfer="سه دانگ خانه", first_visit_on="2026-04-10")
    assert (placement["state"], placement["ends_on"]) == ("trial", "2026-09-10")
    assert await due(province, match) == [("follow-up-visit", "2026-04-10", None), ("trial-end", "2026-09-10", None)]

    # nobody has said by when the next visit is, and no rule does: then there is no day
    visit = {"visited_on": "2026-04-08", "report": "کودک خو گرفته است"}
    placement = await stepped(province, PLACEMENTS, placement, "/visits", visit)
    assert await due(province, match) == [
        ("follow-up-visit", "2026-04-10", "2026-04-08"),
        ("follow-up-visit", None, None),
        ("trial-end", "2026-09-10", None),
    ]
    await set_rule(running, "adoption-follow-up-months", 1)
    placement = await stepped(province, PLACEMENTS, placement, "/visits", visit | {"visited_on": "2026-05-10"})
    assert ("follow-up-visit", "2026-06-10", None) in await due(province, match)

    soon = {"ruling": RULING | {"issued_on": "2026-09-10"}}
    answer = await province.post(f"{PLACEMENTS}/{placement['id']}:finalise", json=soon, headers=version_of(placement))
    assert (code_of(answer), answer.json()["ends_on"]) == ((409, "trial-not-over"), "2026-09-10")
    placement = await stepped(province, PLACEMENTS, placement, ":finalise", {"ruling": RULING})
    assert (placement["state"], placement["ended_on"], placement["visits"]) == ("final", "2026-10-10", 2)
    read = (await province.get(f"{PLACEMENTS}/{placement['id']}")).json()
    assert (read["ended_by"], read["visited"][0]["report"]) == (RULING, "کودک خو گرفته است")
    request = (await province.get(f"/v1/adoption-requests/{match['request_id']}")).json()
    assert (request["status"], request["allowed"]) == ("final", [])
    child = (await province.get(f"{CHILDREN}/{match['child_ids'][0]}")).json()
    assert child["state"] == "adopted"
    assert (await province.get(f"{QUEUE}/{match['request_id']}")).json()["state"] == "left"
    assert [each for each in await due(province, match) if each[2] is None] == []
    events = await running.events(type="pl.adoption.placement.changed.v1", count=4)
    assert [each.data["state"] for each in events] == ["trial", "trial", "trial", "final"]
    assert set(events[0].data) == {
        "jurisdiction", "placement_id", "version", "request_id", "child_ids", "state", "ends_on",
    }  # fmt: skip
    over = await province.post(
        f"{PLACEMENTS}/{placement['id']}:revoke",
        json={"order": RULING, "reason": "x"},
        headers=version_of(placement),
    )
    assert code_of(over) == (409, "placement-step-not-allowed")


async def test_a_trial_that_is_revoked_gives_the_child_back(province: httpx.AsyncClient, match: Json) -> None:
    placement = await on_trial(province, match)
    assert code_of(await province.post(PLACEMENTS, json={"match_id": match["id"], "order": ORDER})) == (
        409,
        "match-step-not-allowed",
    )
    body = {"order": RULING | {"issued_on": "2026-05-01"}, "reason": "بدرفتاری"}
    placement = await stepped(province, PLACEMENTS, placement, ":revoke", body)
    assert placement["state"] == "revoked"
    assert (await province.get(f"{CHILDREN}/{match['child_ids'][0]}")).json()["state"] == "eligible"
    request = (await province.get(f"/v1/adoption-requests/{match['request_id']}")).json()
    assert request["status"] == "revoked"
    listed = (await province.get(PLACEMENTS, params={"state": "revoked"})).json()["items"]
    assert listed == [placement]


async def test_after_a_death_or_a_divorce_the_court_decides_anew_and_the_child_stays_or_leaves(
    running: Running, province: httpx.AsyncClient, match: Json
) -> None:
    placement, (child_id,) = await on_trial(province, match), match["child_ids"]
    anew = {
        "cause": "divorce",
        "happened_on": "2026-10-20",
        "outcome": "stays",
        "ruling": RULING | {"issued_on": "2026-11-01"},
        "text": "کودک نزد مادر می‌ماند",
    }
    path = f"{PLACEMENTS}/{placement['id']}:decide-anew"
    in_trial = await province.post(path, json=anew, headers=version_of(placement))
    assert code_of(in_trial) == (409, "placement-step-not-allowed"), "in the trial the court revokes"
    placement = await stepped(province, PLACEMENTS, placement, ":finalise", {"ruling": RULING})
    before_it_happened = anew | {"happened_on": "2026-11-02"}
    refused = await province.post(path, json=before_it_happened, headers=version_of(placement))
    assert (code_of(refused), refused.json()["errors"][0]["pointer"]) == ((422, "day-impossible"), "/ruling/issued_on")

    placement = await stepped(province, PLACEMENTS, placement, ":decide-anew", anew)
    assert (placement["state"], placement["ended_on"]) == ("final", "2026-10-10")
    assert (await province.get(f"{CHILDREN}/{child_id}")).json()["state"] == "adopted"
    died = anew | {"cause": "death", "happened_on": "2026-11-05", "outcome": "leaves", "text": "به عمه سپرده شد"}
    died["ruling"] = RULING | {"issued_on": "2026-11-15"}
    placement = await stepped(province, PLACEMENTS, placement, ":decide-anew", died)
    assert (placement["state"], placement["ended_on"], placement.keys() & anew.keys()) == ("ended", "2026-11-15", set())
    assert (await province.get(f"{PLACEMENTS}/{placement['id']}")).json()["decided_anew"] == [anew, died]
    assert (await province.get(f"{CHILDREN}/{child_id}")).json()["state"] == "withdrawn"
    over = await province.post(path, json=died, headers=version_of(placement))
    assert (code_of(over), over.json()["allowed"]) == ((409, "placement-step-not-allowed"), [])
    events = await running.events(type="pl.adoption.placement.changed.v1", count=4)
    assert [each.data["state"] for each in events] == ["trial", "final", "final", "ended"]
    assert "عمه" not in "".join(each.to_json().decode() for each in events)


def test_months_are_those_of_the_calendar_that_courts_write() -> None:
    # 31 Shahrivar and six months: Esfand of 1404 has 29 days
    assert months_later(date(2025, 9, 22), 6) == date(2026, 3, 20)
    assert months_later(date(2026, 3, 10), 6) == date(2026, 9, 10)
    assert months_later(today(), 0) == today()
