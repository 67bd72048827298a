"""In which order families wait, why, and what another wish would change."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import httpx
from adoption_samples import OTHER_COUNTY, before_the_committee, code_of, decided, sent, version_of
from placing_samples import CHILDREN, QUEUE, child_registered, couple, set_rule, single_woman, waiting

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_adoption.priority import YOUNGER_NEEDED
from svc_adoption.queue import service

YEARS = timedelta(days=366)


def born(*ages: int) -> tuple[date, ...]:
    """Of people who have just come to these ages."""
    return tuple(today() - age * YEARS for age in ages)


async def order(client: httpx.AsyncClient) -> list[str]:
    return [each["request_id"] for each in (await client.get(QUEUE, params={"limit": 200})).json()["items"]]


async def test_the_law_orders_and_everybody_else_waits_longer(
    running: Running, worker: httpx.AsyncClient, officer: httpx.AsyncClient, province: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:  # fmt: skip
    neighbours = await client_as("adoption-worker", OTHER_COUNTY)
    parents = await waiting(running, worker, {"category": "couple-with-children"}, children=1)
    single = await waiting(running, worker, single_woman(), couple=False, born=born(40))
    senior = await waiting(running, neighbours, born=born(55, 51))
    mixed = await waiting(running, worker, born=born(55, 45))
    young = await waiting(running, worker)
    ordered = [each["id"] for each in (mixed, young, senior, single, parents)]
    assert await order(province) == ordered
    pages, after = [], {}
    while after is not None:
        page = (await province.get(QUEUE, params={"limit": 2} | after)).json()
        pages += [each["request_id"] for each in page["items"]]
        after = None if page["next"] is None else {"after": page["next"]}
    assert pages == ordered
    # a county sees its own, and each one's place among all of the province
    assert await order(officer) == [each for each in ordered if each != senior["id"]]
    read = (await officer.get(f"{QUEUE}/{single['id']}")).json()
    assert (read["position"], read["waiting"], read["group"], read["senior"]) == (4, 5, "single-childless-woman", False)
    assert code_of(await officer.get(f"{QUEUE}/{senior['id']}")) == (404, "not-in-the-queue")

    # the law does not say how many of a couple have to be younger; somebody sets it, and the next day it counts
    await set_rule(running, YOUNGER_NEEDED, 2)
    async with running.database.command(Actor.system("adoption")) as command:
        tomorrow = today() + timedelta(days=1)
        seals = running.settings.seals  # type: ignore[attr-defined]
        assert await service.turn(command, on=tomorrow, seals=seals) == 4
        assert await service.turn(command, on=tomorrow, seals=seals) == 0
    ordered = [each["id"] for each in (young, senior, mixed, single, parents)]
    assert await order(province) == ordered
    # a child is born to those who were first: others come before them now, and the change says why
    entry = (await officer.get(f"{QUEUE}/{young['id']}")).json()
    body = {"children": 1, "reason": "child-born"}
    stale = await officer.post(f"{QUEUE}/{young['id']}:reconsider", json=body, headers={"If-Match": '"7"'})
    assert code_of(stale) == (412, "precondition-failed")
    born_to = await officer.post(f"{QUEUE}/{young['id']}:reconsider", json=body, headers=version_of(entry))
    assert (born_to.json()["group"], born_to.json()["changes"][-1]["reason"]) == ("couple-with-children", "child-born")
    ordered = [each["id"] for each in (senior, mixed, single, parents, young)]
    assert await order(province) == ordered
    changes = (await officer.get(f"{QUEUE}/{mixed['id']}")).json()["changes"]
    assert [(each["reason"], each["senior"], each["state"]) for each in changes] == [
        ("approved", False, "waiting"),
        ("later-age-reached", True, "waiting"),
    ]
    assert changes[1]["actor"] == "system:adoption"

    # the order follows from the recorded changes alone
    async with running.database.query(Actor.system("adoption")) as query:
        rows = await query.fetch("SELECT * FROM queue_change ORDER BY id")
        kept = await query.fetchval("SELECT string_agg(e::text, '') FROM queue_entry AS e")
    last = {row["request_id"]: row for row in rows}.values()
    replayed = sorted(last, key=lambda row: (row["rank"], row["senior"], row["since"], row["request_id"]))
    assert [str(row["request_id"]) for row in replayed if row["state"] == "waiting"] == ordered
    assert str(born(45)[0]) not in kept, "what the order follows from is sealed"


async def test_the_committee_lets_in_and_withdrawing_lets_out(
    worker: httpx.AsyncClient, officer: httpx.AsyncClient, member: httpx.AsyncClient, other_member: httpx.AsyncClient,
    running: Running,
) -> None:  # fmt: skip
    request = await decided(member, other_member, await before_the_committee(worker, officer))
    entry = (await officer.get(f"{QUEUE}/{request['id']}")).json()
    assert (entry["position"], entry["state"], entry["group"]) == (1, "waiting", "childless-couple")
    assert code_of(await worker.get(f"{QUEUE}/{request['id']}")) == (403, "forbidden"), "the center's part is over"
    await sent(officer, request, ":withdraw", {"reason": "own-child"})
    left = (await officer.get(f"{QUEUE}/{request['id']}")).json()
    assert (left["position"], left["state"], left["changes"][-1]["reason"]) == (None, "left", "withdrawn")
    events = await running.events(type="pl.adoption.queue-entry.changed.v1", count=2)
    assert [each.data["state"] for each in events] == ["waiting", "left"]
    assert all(set(each.data) == {"jurisdiction", "request_id", "version", "state"} for each in events)


async def test_widening_a_wish_shows_what_it_would_change(
    running: Running, worker: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    # everybody ahead wants what most want: a healthy girl below three
    picky = couple(wishes={"sex": "girl", "to_months": 36, "health": "healthy"})
    for _ in range(3):
        await waiting(running, worker, picky)
    mine = await waiting(running, worker, picky)
    await waiting(running, worker, couple(wishes={}))
    girl = await child_registered(province)
    await child_registered(province, sex="boy", health="treatable", birth_date="2019-05-10")
    body = {"child_sex": "any", "child_from_months": 0, "child_to_months": 120, "child_health": "treatable"}
    preview = await province.post(f"{QUEUE}/{mine['id']}:preview", json=body)
    assert preview.json() == {
        "now": {"children": 1, "children_of_a_year": 1, "ahead": 3},
        "then": {"children": 2, "children_of_a_year": 2, "ahead": 0},
    }
    # nothing is changed by asking; once it is wished for, it is so, and the place stays
    assert (await province.get(f"{QUEUE}/{mine['id']}")).json()["version"] == 1
    path = f"/v1/adoption-requests/{mine['id']}"
    known = (await province.get(path)).json()
    wishes = {"sex": "any", "to_months": 120, "health": "treatable"}
    changed = await province.put(f"{path}/wishes", json=wishes, headers=version_of(known))
    assert changed.status_code == 200, changed.text
    assert (await province.post(f"{QUEUE}/{mine['id']}:preview", json=body)).json()["now"] == preview.json()["then"]
    entry = (await province.get(f"{QUEUE}/{mine['id']}")).json()
    assert (entry["version"], entry["position"]) == (1, 4)
    # a woman alone is told of girls only
    single = await waiting(running, worker, single_woman(), couple=False)
    counts = (await province.post(f"{QUEUE}/{single['id']}:preview", json=body)).json()
    assert counts["then"]["children"] == 1
    withdrawn = await province.post(
        f"{CHILDREN}/{girl['id']}:withdraw", json={"reason": "عمو آمد"}, headers={"If-Match": '"1"'}
    )
    assert withdrawn.status_code == 200
    counts = (await province.post(f"{QUEUE}/{single['id']}:preview", json=body)).json()
    assert counts["then"] == {"children": 0, "children_of_a_year": 0, "ahead": None}
    upside_down = body | {"child_from_months": 60, "child_to_months": 12}
    assert (await province.post(f"{QUEUE}/{mine['id']}:preview", json=upside_down)).status_code == 422


async def test_a_place_is_told_to_whoever_sees_the_request_alone(running: Running, worker: httpx.AsyncClient) -> None:
    request = UUID((await waiting(running, worker))["id"])
    somebody = Actor.system("adoption")
    async with running.database.query(somebody) as query:
        assert tuple(await query.fetchrow("SELECT * FROM queue_position($1)", request)) == (0, 1)
    async with running.database.query(replace(somebody, scope=Jurisdiction("30"))) as query:
        for asked in ("queue_position($1)", "queue_prospect($1, NULL, 0, 9, '{healthy}', 1, now()::date, now()::date)"):
            assert await query.fetchrow(f"SELECT * FROM {asked}", request) is None
        # and the scope is the caller's again
        assert await query.fetchval("SELECT current_setting('app.scope_from') || current_setting('app.scope_to')") == (
            "3030:"
        )
        executors = await query.fetch(
            "SELECT DISTINCT grantee::regrole::text AS role FROM pg_proc, aclexplode(proacl)"
            " WHERE proname IN ('queue_position', 'queue_prospect', 'track_adoption_request', 'child_known')"
            " AND grantee <> proowner"
        )
    assert [row["role"] for row in executors] == ["adoption_app"]
