"""Who is due, for how long already, and who not any more."""

from datetime import date, timedelta

import httpx
import pytest
from screening_samples import (
    CENTER,
    NEIGHBOUR,
    Json,
    base_at,
    born,
    code_of,
    ears,
    encounter,
    eyes,
    file,
    know_people,
    made,
    member,
    national_id,
    not_there,
    recorded,
    registered,
    version_of,
)

from shared.chassis.actor import Actor
from shared.kit.calendar import jalali_year, today
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_screening.coverage import queries as coverage
from svc_screening.due_lists import queries
from svc_screening.due_lists.queries import months_before
from svc_screening.referrals import queries as referrals

PEOPLE = "/v1/screening-people"


async def due(client: httpx.AsyncClient, base: Json, programme: str = "vision", **asked: str) -> dict[str, str]:
    answer = await client.get(
        f"/v1/screening-bases/{base['id']}/due-list", params={"programme": programme, "limit": "200"} | asked
    )
    assert answer.status_code == 200, answer.text
    return {each["id"]: each["kind"] for each in answer.json()["items"]}


async def test_children_of_three_to_six_are_due_until_they_are_screened(
    running: Running, screener: httpx.AsyncClient, base: Json
) -> None:
    young, three, six, old = member(2), member(3), member(6), member(7)
    await know_people(running, file(young, three, six, old), file(member(4), center=NEIGHBOUR))
    spot = await registered(screener)
    expected = {str(three.member_id): "never", str(six.member_id): "never", spot["id"]: "never"}
    assert await due(screener, base) == expected
    listed = await screener.get(f"/v1/screening-bases/{base['id']}/due-list", params={"programme": "vision"})
    assert listed.json()["items"][0]["id"] == str(six.member_id), "the eldest first"
    await recorded(screener, encounter(three.member_id, base))
    del expected[str(three.member_id)]
    assert await due(screener, base) == expected


async def test_each_reason_for_which_somebody_is_due(
    running: Running, screener: httpx.AsyncClient, base: Json, manager: httpx.AsyncClient
) -> None:
    people = [await registered(screener) for _ in range(7)]
    never, failed, absent, untested, refused, long_ago, referred = [each["id"] for each in people]
    first = await recorded(screener, encounter(failed, base, eyes("5/10")))
    await recorded(screener, not_there(absent, base))
    await recorded(screener, encounter(untested, base, eyes(None, None)))
    await recorded(screener, not_there(refused, base, "refused"))
    await recorded(screener, encounter(long_ago, base, made_at=made(24 * 370)))
    test = await recorded(screener, encounter(referred, base, eyes("5/10"), made_at=made(3)))
    await recorded(screener, encounter(referred, base, eyes("5/10"), stage="repeat", repeat_of=test["id"]))
    kinds = {never: "never", failed: "repeat", absent: "retry", untested: "retry", long_ago: "yearly"}
    assert await due(screener, base) == kinds
    for kind in set(kinds.values()):
        assert await due(screener, base, kind=kind) == {key: value for key, value in kinds.items() if value == kind}
    listed = await screener.get("/v1/screening-due-list", params={"programme": "vision", "kind": "repeat"})
    (line,) = listed.json()["items"]
    assert (line["last_encounter_id"], line["next_stage"], line["last_outcome"]) == (first["id"], "repeat", "rescreen")
    counted = (await manager.get("/v1/screening-due-list:summary", params={"programme": "vision"})).json()["items"]
    assert counted == [
        {"center": CENTER, "eligible": 7, "due": 5, "never": 1, "yearly": 1, "retry": 2, "repeat": 1, "overdue": 0}
    ]


async def test_a_repeat_is_overdue_after_its_days_even_for_who_has_grown_out_of_the_programme(
    screener: httpx.AsyncClient, base: Json
) -> None:
    hearing = {"programme": "hearing-newborn", "stage": "teoae", "instrument": "teoae"}
    baby = await registered(screener, birth_date=str(today() - timedelta(days=40)))
    grown = await registered(screener, birth_date=str(months_before(today(), 7)))
    healthy = await registered(screener, birth_date=str(today() - timedelta(days=10)))
    await recorded(screener, encounter(baby["id"], base, ears(left="refer"), made_at=made(24 * 10), **hearing))
    await recorded(screener, encounter(grown["id"], base, ears(left="refer"), made_at=made(24 * 200), **hearing))
    await recorded(screener, encounter(healthy["id"], base, ears(), **hearing))
    assert await due(screener, base, "hearing-newborn") == {baby["id"]: "repeat", grown["id"]: "overdue"}


async def test_a_base_for_a_campaign_looks_for_its_cohort(
    screener: httpx.AsyncClient, county: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    body = {
        "programme": "vision",
        "name_fa": "پویش",
        "born_from": str(born(5)),
        "born_to": str(born(4)),
        "opens_on": str(today()),
        "closes_on": str(today() + timedelta(days=30)),
    }
    campaign = (await county.post("/v1/screening-campaigns", json=body)).json()
    campaign = (
        await county.post(f"/v1/screening-campaigns/{campaign['id']}:open", headers=version_of(campaign))
    ).json()
    base = await base_at(manager, programmes=["vision"], campaign_id=campaign["id"])
    inside, outside = (
        await registered(screener, birth_date=str(born(4, 6))),
        await registered(screener, birth_date=str(born(3))),
    )
    assert await due(screener, base) == {inside["id"]: "never"}
    everywhere = await screener.get("/v1/screening-due-list", params={"programme": "vision"})
    assert {each["id"] for each in everywhere.json()["items"]} == {inside["id"], outside["id"]}
    other = await screener.get("/v1/screening-due-list", params={"programme": "autism", "campaign_id": campaign["id"]})
    assert code_of(other) == (404, "not-found")


async def test_a_child_who_is_screened_at_another_center_leaves_the_list_of_its_own(
    running: Running, screener: httpx.AsyncClient, base: Json, neighbour: httpx.AsyncClient, base_elsewhere: Json
) -> None:
    children = [member(4), member(5)]
    await know_people(running, file(*children))
    numbers: list[Json] = [{"identity": {"type": "national", "value": national_id()}} for _ in children]
    early, late = [str(each.member_id) for each in children]
    expected = {early: "never", late: "never"}

    async def numbered(person: str, number: Json) -> None:
        read = (await screener.get(f"{PEOPLE}/{person}")).json()
        assert (await screener.patch(f"{PEOPLE}/{person}", json=number, headers=version_of(read))).status_code == 200

    await numbered(early, numbers[0])
    there = [await registered(neighbour, **number) for number in numbers]
    await recorded(neighbour, not_there(there[0]["id"], base_elsewhere))
    assert await due(screener, base) == expected, "who was absent there is looked for here"
    for each in there:
        await recorded(neighbour, encounter(each["id"], base_elsewhere, eyes("5/10"), made_at=made(2)))
    del expected[early]
    assert await due(screener, base) == expected
    await numbered(late, numbers[1])
    assert await due(screener, base) == {}, "who turns out to be the same was tested before"
    read = (await screener.get(f"{PEOPLE}/{early}")).json()
    (told,) = read["screened_elsewhere"]
    assert set(told) == {"programme", "programme_year", "last_at"}, "when, and not with what result"
    assert read["screenings"] == []
    assert await due(neighbour, base_elsewhere) == {each["id"]: "repeat" for each in there}
    await recorded(screener, not_there(early, base))
    assert await due(screener, base) == {}, "a test outweighs an absence"
    await recorded(screener, encounter(early, base, made_at=made(1)))
    assert await due(neighbour, base_elsewhere) == {there[1]["id"]: "repeat"}


async def test_a_list_is_read_page_by_page(
    running: Running, screener: httpx.AsyncClient, county: httpx.AsyncClient, base: Json
) -> None:
    await know_people(running, *(file(member(4), member(5), center=center) for center in (CENTER, NEIGHBOUR) * 3))
    seen, after = [], None
    while True:
        params = {"programme": "vision", "limit": "5"} | ({"after": after} if after else {})
        page = (await county.get("/v1/screening-due-list", params=params)).json()
        seen += [(each["jurisdiction"], each["birth_date"], each["id"]) for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == 12
    assert seen == sorted(seen)
    counted = (await county.get("/v1/screening-due-list:summary", params={"programme": "vision"})).json()["items"]
    assert [(each["center"], each["due"]) for each in counted] == [(NEIGHBOUR, 6), (CENTER, 6)]


async def test_what_cannot_be_asked(screener: httpx.AsyncClient, base: Json, manager: httpx.AsyncClient) -> None:
    some = await base_at(manager, programmes=["autism"])
    for path, asked, refusal in (
        (f"/v1/screening-bases/{some['id']}/due-list", {"programme": "vision"}, (422, "programme-unknown")),
        ("/v1/screening-due-list", {"programme": "teeth"}, (422, "programme-unknown")),
        ("/v1/screening-due-list", {"programme": "genetics"}, (422, "nobody-is-looked-for")),
        ("/v1/screening-due-list", {}, (422, "invalid-input")),
        ("/v1/screening-due-list", {"programme": "vision", "kind": "soon"}, (422, "invalid-input")),
    ):
        assert code_of(await screener.get(path, params=asked)) == refusal, (path, asked)


_ELSEWHERE = """
    INSERT INTO person (id, jurisdiction, version, origin, present, birth_date, counts_as, registered_at, registered_by)
    SELECT id, '29020' || lpad((n % 90)::text, 2, '0'), 1, 'on-the-spot', true, $1::date - (n % 900), id, now(), 'test'
      FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, 20000) AS n) AS many;
"""
_TESTED_ELSEWHERE = """
    INSERT INTO encounter (id, jurisdiction, person_id, registered_as, programme_code, programme_year, protocol_id,
                           protocol_number, base_id, screener, stage, made_at, attendance, age_months, outcome, reason,
                           found, digest, recorded_at, recorded_by)
    SELECT id, jurisdiction, id, id, 'vision', $1, (SELECT id FROM protocol WHERE programme_code = 'vision'), 1, $2,
           'test', 'first', now(), 'absent', 60, 'absent', 'absent', '{}', '', now(), 'test'
      FROM (SELECT * FROM person LIMIT 3000) AS tested
"""
_REFERRED_ELSEWHERE = """
    INSERT INTO referral (id, jurisdiction, person_id, version, encounter_id, programme_code, programme_year, refers_to,
                          token, status, status_since, issued_on, issued_by, due_on, reminders)
    SELECT id, jurisdiction, person_id, 1, id, programme_code, programme_year, 'optometrist', id::text, 'issued', now(),
           current_date - 9, 'test', current_date - 1, 0
      FROM encounter
"""


async def test_a_place_is_asked_about_its_own_people_and_touches_no_others(
    running: Running, screener: httpx.AsyncClient, base: Json
) -> None:
    async with running.database.command(Actor.system("screening")) as command:
        await command.connection.execute(_ELSEWHERE, born(4))
        await command.connection.execute(_TESTED_ELSEWHERE, jalali_year(today()), base["id"])
        await command.connection.execute(_REFERRED_ELSEWHERE)
    await running.analyse()
    for _ in range(3):
        await registered(screener)
    assert len(await due(screener, base)) == 3
    place, last = Jurisdiction(CENTER), date(9999, 12, 31)
    async with running.database.query(Actor("bench", frozenset(), place)) as query:
        wanted = await queries.wanted(query.connection, "vision", campaign_id=None)
        of_programme = [7, "vision", jalali_year(today()), None, wanted.born_from, wanted.born_to]
        for name, sql, arguments in (
            ("due list", queries.LIST, [*wanted.arguments(place), None, None, None, None, 50]),
            ("coverage", coverage.COVERAGE, [*place.range, *of_programme]),
            ("referrals", referrals.LIST, [*place.range, today(), *[None] * 4, True, *[None] * 3, last, 51]),
            ("loops", referrals.LOOPS, [*place.range, today(), 7, *[None] * 4]),
        ):
            plan = await query.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, *arguments)
            assert touched(plan[0]["Plan"]) < 30, name


def touched(node: Json) -> int:
    """The rows that a plan reads from tables, those it drops included."""
    read = 0
    if "Relation Name" in node:
        dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        read = round((node["Actual Rows"] + dropped) * node["Actual Loops"])
    return read + sum(touched(child) for child in node.get("Plans", ()))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 22), 36, date(2023, 11, 22)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_so_many_months_ago(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected
