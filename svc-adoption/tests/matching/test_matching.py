"""Which child goes to whom: whose turn it is, what stands against it, and how many people say yes."""

import httpx
from adoption_samples import OTHER_COUNTY, Json, code_of, sent, version_of
from placing_samples import (
    APPROVED,
    CHILDREN,
    MATCHES,
    QUEUE,
    accepted,
    child_registered,
    couple,
    matched,
    proposed,
    single_woman,
    stepped,
    waiting,
)

from shared.testing.plugin import ClientAs, Running


async def search(client: httpx.AsyncClient, child: Json, **said: object) -> Json:
    answer = await client.post(f"{MATCHES}:search", json={"child_id": child["id"]} | said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_whose_turn_it_is_and_what_stands_against_the_others(
    running: Running, worker: httpx.AsyncClient, officer: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    wants_girl = await waiting(running, worker, couple(wishes={"sex": "girl"}))
    has_two = await waiting(running, worker, couple(wishes={}), placed=2)
    christians = await waiting(running, worker, couple(wishes={}), religion="christianity")
    next_one = await waiting(running, worker, couple(wishes={}))
    later = await waiting(running, worker, couple(wishes={}))
    single = await waiting(running, worker, single_woman(wishes={}), couple=False)
    boy = await child_registered(province, sex="boy")

    found = await search(province, boy)
    assert [each["request_id"] for each in found["candidates"]] == [next_one["id"], later["id"]]
    assert found["passed_over"] == {
        "by_wish": 1,
        "by_law": {"too-many-children": 1, "religion-not-shared": 1, "girls-only": 1},
    }
    assert code_of(await officer.post(f"{MATCHES}:search", json={"child_id": boy["id"]})) == (403, "scope-forbidden"), (
        "the queue is the province's"
    )

    async def refused(request: Json, **said: object) -> httpx.Response:
        body = {"child_id": boy["id"], "request_id": request["id"]} | said
        return await province.post(MATCHES, json=body)

    for request, code in [
        (wants_girl, "other-sex-wanted"),
        (has_two, "too-many-children"),
        (christians, "religion-not-shared"),
        (single, "girls-only"),
    ]:
        answer = await refused(request, reason="دلیلی")
        assert code_of(answer) == (422, "does-not-fit")
        assert [each["code"] for each in answer.json()["errors"]] == [code]
    answer = await refused(later)
    assert (code_of(answer), answer.json()["ahead"]) == ((409, "out-of-turn"), 1)
    # with a reason it may be another's turn, and the reason is kept
    match = await proposed(province, boy, later, reason="خویشاوند کودک")
    assert match["out_of_turn"]
    read = (await province.get(f"{MATCHES}/{match['id']}")).json()
    assert (read["reason"], read["passed_over"]["by_law"]["religion-not-shared"]) == ("خویشاوند کودک", 1)
    assert [each["id"] for each in read["children"]] == [boy["id"]]
    assert code_of(await refused(next_one)) == (409, "child-not-free")
    other = await child_registered(province, sex="boy")
    body = {"child_id": other["id"], "request_id": later["id"]}
    assert code_of(await province.post(MATCHES, json=body)) == (409, "proposed-already")


async def test_a_court_lets_a_child_go_to_muslims_and_siblings_go_together(
    running: Running, worker: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    one = await waiting(running, worker, couple(wishes={"siblings": 3}))
    girl = await child_registered(province, religion="christianity")
    assert (await search(province, girl))["candidates"] == []
    permit = {"of": "religion", "reference": "۱۴۰۴/۵", "issued_on": "2026-01-05"}
    (found,) = (await search(province, girl, permits=[permit]))["candidates"]
    assert (found["request_id"], found["group"]) == (one["id"], "childless-couple")
    eldest = await child_registered(province, birth_date="2015-02-01")
    for _ in range(2):
        await child_registered(province, sibling_of=eldest["id"])
    three = await search(province, eldest)
    assert (len(three["child_ids"]), three["candidates"]) == (3, [])
    assert three["passed_over"]["by_law"] == {"too-many-children": 1}
    permit["of"] = "siblings"
    match = await proposed(province, eldest, one, permits=[permit])
    assert match["child_ids"] == three["child_ids"]
    states = (await province.get(CHILDREN, params={"state": "proposed"})).json()["items"]
    assert {each["id"] for each in states} == set(three["child_ids"])


async def test_a_committee_decides_and_two_people_say_yes(
    running: Running,
    worker: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    province: httpx.AsyncClient,
    member: httpx.AsyncClient,
    other_member: httpx.AsyncClient,
) -> None:
    request, girl = await waiting(running, worker), await child_registered(province)
    match = await proposed(province, girl, request)
    step = f"{MATCHES}/{match['id']}"
    assert code_of(await province.post(f"{step}:decide", json=APPROVED, headers=version_of(match))) == (
        403,
        "forbidden",
    )
    assert code_of(await member.post(f"{step}:confirm", headers=version_of(match))) == (409, "match-step-not-allowed")
    refusal = {**APPROVED, "outcome": "refused"}
    bare = await member.post(f"{step}:decide", json=refusal, headers=version_of(match))
    assert code_of(bare) == (422, "invalid-input"), "a refusal needs a reason"
    decided = await stepped(member, MATCHES, match, ":decide", APPROVED)
    same = await member.post(f"{step}:confirm", headers=version_of(decided))
    assert code_of(same) == (409, "second-member-needed")
    assert (await officer.get(f"/v1/adoption-requests/{request['id']}")).json()["status"] == "waiting"
    match = await stepped(other_member, MATCHES, decided, ":confirm")
    assert match["state"] == "matched"
    read = (await member.get(step)).json()
    assert (read["decided_by"], read["confirmed_by"]) == ("member-1", "member-2")
    assert (await officer.get(f"/v1/adoption-requests/{request['id']}")).json()["status"] == "matched"
    assert (await officer.get(f"{QUEUE}/{request['id']}")).json()["state"] == "paused"
    too_early = {"introduced_on": "2026-02-19"}
    answer = await officer.post(f"{step}:introduce", json=too_early, headers=version_of(match))
    assert code_of(answer) == (422, "day-impossible"), "before the committee decided"
    match = await accepted(officer, match)
    assert code_of(await officer.post(f"{step}:decline", json={"answered_on": "2026-03-02", "reason": "نه"},
                                      headers=version_of(match))) == (409, "match-step-not-allowed")  # fmt: skip
    events = await running.events(type="pl.adoption.match.changed.v1", count=5)
    assert [each.data["state"] for each in events] == ["proposed", "decided", "matched", "introduced", "accepted"]


async def test_who_declines_or_is_refused_keeps_the_place_and_who_leaves_frees_the_child(
    running: Running, worker: httpx.AsyncClient, province: httpx.AsyncClient, member: httpx.AsyncClient,
    other_member: httpx.AsyncClient, client_as: ClientAs,
) -> None:  # fmt: skip
    first, second = await waiting(running, worker), await waiting(running, worker)
    girl = await child_registered(province, jurisdiction=OTHER_COUNTY[:4])
    since = (await province.get(f"{QUEUE}/{first['id']}")).json()["since"]
    match = await proposed(province, girl, first)
    refusal = APPROVED | {"outcome": "refused", "reason": "فاصلهٔ سنی"}
    assert (await stepped(member, MATCHES, match, ":decide", refusal))["state"] == "refused"

    match = await matched(member, other_member, await proposed(province, girl, first))
    match = await stepped(province, MATCHES, match, ":introduce", {"introduced_on": "2026-02-25"})
    body = {"answered_on": "2026-03-01", "reason": "پیوندی نبود"}
    # the child lives in another county, so the family's own county cannot give it back
    of_county = await client_as("adoption-officer", "2901")
    answer = await of_county.post(f"{MATCHES}/{match['id']}:decline", json=body, headers=version_of(match))
    assert code_of(answer) == (403, "scope-forbidden")
    match = await stepped(province, MATCHES, match, ":decline", body)
    entry = (await province.get(f"{QUEUE}/{first['id']}")).json()
    assert (entry["position"], entry["since"]) == (1, since)
    assert [each["reason"] for each in entry["changes"]] == ["approved", "matched", "declined"]
    assert (await province.get(f"/v1/adoption-requests/{first['id']}")).json()["status"] == "waiting"

    # who withdraws is asked for no child any more
    match = await matched(member, other_member, await proposed(province, girl, first))
    request = (await province.get(f"/v1/adoption-requests/{first['id']}")).json()
    await sent(province, request, ":withdraw", {"reason": "own-child"})
    assert (await province.get(f"{MATCHES}/{match['id']}")).json()["state"] == "cancelled"
    found = (await search(province, girl))["candidates"]
    assert [each["request_id"] for each in found] == [second["id"]]
    cancelled = await stepped(province, MATCHES, await proposed(province, girl, second), ":cancel", {"reason": "خطا"})
    assert cancelled["state"] == "cancelled"
    assert (await province.get(f"{CHILDREN}/{girl['id']}")).json()["state"] == "eligible"
