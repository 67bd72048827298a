"""Coverage and yield are what the events say, and everybody's own."""

import csv
import io
from collections import Counter
from datetime import timedelta

import httpx
from referral_samples import referred, step
from screening_samples import (
    CENTER,
    Json,
    born,
    code_of,
    encounter,
    eyes,
    file,
    know_people,
    made,
    member,
    not_there,
    recorded,
    registered,
)

from shared.chassis.actor import Actor
from shared.kit.calendar import jalali_year, today
from shared.kit.ids import new_id
from shared.testing.plugin import Running

COVERAGE = "/v1/screening-coverage"
COUNTS = (
    "eligible screened screened_others to_repeat repeated referred attended confirmed treated".split()
)  # fmt: skip


async def figures(client: httpx.AsyncClient, **asked: str) -> dict[str, list[int]]:
    answer = await client.get(COVERAGE, params={"programme": "vision"} | asked)
    assert answer.status_code == 200, answer.text
    return {each["jurisdiction"]: [each[name] for name in COUNTS] for each in answer.json()["items"]}


async def autumn(running: Running, screener: httpx.AsyncClient, manager: httpx.AsyncClient, base: Json) -> list[Json]:
    """A few children and what became of each; the people, as casefile and registration announced them."""
    children = [member(5) for _ in range(4)]
    await know_people(running, file(*children, member(40, relation="head")))
    well, ill, absent, _ = [str(each.member_id) for each in children]
    await recorded(screener, encounter(well, base, made_at=made(5)))
    again = await recorded(screener, encounter(well, base, made_at=made(4)))
    fixed = {"id": str(new_id()), "stage": "first", "instrument": "e-chart", "made_at": made(4), "result": eyes()}
    answer = await screener.post(f"/v1/screening-encounters/{again['id']}:correct", json=fixed | {"reason": "خطا"})
    assert answer.status_code == 201, answer.text
    await recorded(screener, not_there(absent, base))
    found = await referred(screener, base, child={"id": ill})
    diagnosed = await step(manager, found, "diagnose", diagnosis="amblyopia")
    await step(manager, diagnosed, "treat", treatment="patching")
    on_the_spot = [await registered(screener) for _ in range(3)]
    old = await registered(screener, birth_date=str(born(9)))
    await recorded(screener, encounter(old["id"], base))
    await referred(screener, base, child=on_the_spot[0])
    alarm = await referred(screener, base, child=on_the_spot[1])
    await step(manager, alarm, "diagnose", diagnosis="no-disorder")
    waiting = await recorded(screener, encounter(on_the_spot[2]["id"], base, eyes("1/10")))
    assert waiting["decision"]["outcome"] == "rescreen"
    people = [{"id": str(each.member_id), "birth_date": each.birth_date} for each in children]
    return (
        people
        + [{"id": each["id"], "birth_date": born(5)} for each in on_the_spot]
        + [{"id": old["id"], "birth_date": born(9)}]
    )


async def test_the_figures_are_those_that_anybody_counts_from_the_stream(
    running: Running, screener: httpx.AsyncClient, manager: httpx.AsyncClient, province: httpx.AsyncClient, base: Json
) -> None:
    people = await autumn(running, screener, manager, base)
    report = (await province.get(COVERAGE, params={"programme": "vision"})).json()
    async with running.database.query(Actor.system("screening")) as query:
        announced = await query.fetchval("SELECT count(*) FROM outbox")
    events = await running.events(count=announced)
    corrected = {event.data.get("corrects") for event in events}
    tests = [
        event.data
        for event in events
        if event.type == "pl.screening.encounter.recorded.v1" and event.data["encounter_id"] not in corrected
    ]
    examined = {each["counts_as"] for each in tests if each["attendance"] == "examined"}
    eligible = {each["id"] for each in people if report["born_from"] <= str(each["birth_date"]) <= report["born_to"]}

    def persons(fact: str) -> set[str]:
        return {each.data["counts_as"] for each in events if each.type == f"pl.screening.{fact}.v1"}

    counted = [
        eligible,
        eligible & examined,
        examined - eligible,
        {each["counts_as"] for each in tests if each["outcome"] == "rescreen"},
        {each["counts_as"] for each in tests if each["stage"] == "repeat"},
        persons("referral.issued"),
        persons("referral.attended"),
        persons("disorder.confirmed"),
        persons("referral.treated"),
    ]
    expected = [len(each) for each in counted]
    assert expected == [7, 5, 1, 4, 3, 3, 2, 1, 1]
    for level, place in (("center", CENTER), ("county", "2901"), ("province", "29")):
        assert await figures(province, by=level) == {place: expected}
    (item,) = report["items"]
    assert (item["coverage_rate"], item["referral_rate"], item["attendance_rate"]) == (0.7143, 0.5, 0.6667)
    table = await manager.get(f"{COVERAGE}:csv", params={"programme": "vision"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    (line,) = csv.DictReader(io.StringIO(table.text))
    assert [int(line[name]) for name in COUNTS] == expected, "and the table says the same"
    assert (line["year"], line["jurisdiction"]) == (str(jalali_year(today())), CENTER)


async def test_a_campaign_counts_its_own_cohort_and_tests(
    running: Running, screener: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient, base: Json
) -> None:
    outside = await registered(screener, birth_date=str(born(4)))
    await recorded(screener, encounter(outside["id"], base, made_at=made(30)))
    said = {
        "programme": "vision",
        "name_fa": "پاییز",
        "born_from": str(born(6)),
        "born_to": str(born(5)),
        "opens_on": str(today()),
        "closes_on": str(today() + timedelta(days=60)),
    }
    campaign = await county.post("/v1/screening-campaigns", json=said)
    assert campaign.status_code == 201, campaign.text
    asked = {"campaign_id": campaign.json()["id"]}
    child = await registered(screener)
    assert (await figures(county, **asked))[CENTER][:3] == [1, 0, 0]
    assert code_of(await county.get(COVERAGE, params=asked | {"programme": "autism"})) == (404, "not-found")
    assert Counter(await figures(manager, **asked)) == {CENTER: (await figures(manager, **asked))[CENTER]}
    assert child["birth_date"] == said["born_to"]
