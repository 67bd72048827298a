"""A test is recorded, and what follows is decided here."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest
from screening_samples import (
    Json,
    answers,
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
    not_there,
    pointers,
    recorded,
    registered,
    rule_of,
    version_of,
)

from shared.chassis.actor import Actor
from shared.kit.calendar import TEHRAN, jalali_year, today
from shared.kit.ids import new_id
from shared.testing.plugin import ClientAs, Running
from svc_screening.encounters import service

ENCOUNTERS, PEOPLE, REFERRALS = "/v1/screening-encounters", "/v1/screening-people", "/v1/screening-referrals"


async def test_a_child_of_a_household_is_tested_tested_again_and_referred(
    running: Running, screener: httpx.AsyncClient, base: Json
) -> None:
    child = member(5)
    await know_people(running, file(child, member(40, relation="head")))
    first = await recorded(screener, encounter(child.member_id, base, eyes("6/10", "10/10")))
    assert first["decision"] == {
        "outcome": "rescreen",
        "reason": "below-cut-off",
        "rule": "either-eye-below",
        "protocol": 1,
        "decided_at": first["recorded_at"],
        "found": {"eyes": ["right"], "cut_off": "20/30"},
        "next_stage": "repeat",
        "refers_to": None,
        "repeat_from": None,
        "repeat_by": None,
    }
    again = encounter(child.member_id, base, eyes("6/10", "10/10"), stage="repeat", repeat_of=first["id"])
    referred = await recorded(screener, again)
    assert (referred["decision"]["outcome"], referred["decision"]["refers_to"]) == ("refer", "optometrist")
    assert (await screener.get(f"{ENCOUNTERS}/{referred['id']}")).json() == referred
    person = (await screener.get(f"/v1/screening-people/{child.member_id}")).json()
    (screening,) = person["screenings"]
    assert (screening["outcome"], screening["encounter_id"]) == ("refer", referred["id"])
    assert screening["programme_year"] == jalali_year(today())


async def test_what_is_announced_is_that_it_happened_and_of_sensitive_programmes_no_more(
    running: Running, screener: httpx.AsyncClient, base: Json
) -> None:
    child = await registered(screener, given_name="سارا", family_name="محمدی")
    vision = await recorded(screener, encounter(child["id"], base, eyes("1/10", "1/10")))
    autism = await recorded(
        screener,
        encounter(child["id"], base, answers(9), programme="autism", stage="questions", instrument="ten-questions"),
    )
    assert (autism["decision"]["outcome"], autism["decision"]["found"]) == ("refer", {"yes": 9, "limit": 3})
    one, other = await running.events(type="pl.screening.encounter.recorded.v1", count=2)
    assert (one.data["encounter_id"], one.data["outcome"], one.data["rule"]) == (
        vision["id"],
        "rescreen",
        "either-eye-below",
    )
    assert (other.data["encounter_id"], other.data["outcome"], other.data["rule"]) == (autism["id"], None, None)
    assert one.address.endswith(".29.01.003")
    for event in (one, other):
        assert "محمدی" not in event.to_json().decode()
        assert "answers" not in event.to_json().decode()


async def test_the_same_encounter_again_is_the_one_that_is_there(screener: httpx.AsyncClient, base: Json) -> None:
    child = await registered(screener)
    body = encounter(child["id"], base)
    first = await screener.post(ENCOUNTERS, json=body)
    again = await screener.post(ENCOUNTERS, json=body)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    other = await screener.post(ENCOUNTERS, json=body | {"result": eyes("1/10")})
    assert (code_of(other), pointers(other)) == ((409, "encounter-id-reused"), ["/id"])
    both = await asyncio.gather(*(screener.post(ENCOUNTERS, json=encounter(child["id"], base)) for _ in range(8)))
    assert {answer.status_code for answer in both} == {201}


async def signed_off(
    first: httpx.AsyncClient, second: httpx.AsyncClient, programme: str, rule: str, figures: Json
) -> None:
    """Let one person of headquarters propose the figures of a rule, and another sign it off."""
    protocol = f"/v1/screening-programmes/{programme}/protocols/1"
    read = (await first.get(protocol)).json()
    said = {"figures": figures, "source": "مصوبه"}
    read = (await first.put(f"{protocol}/rules/{rule}", json=said, headers=version_of(read))).json()
    read = (await second.post(f"{protocol}/rules/{rule}:sign-off", headers=version_of(read))).json()
    assert rule_of(read, rule)["standing"] == "signed-off"


async def decided_late(running: Running) -> int:
    async with running.database.command(Actor.system("screening")) as command:
        return await service.decide_undecided(command)


async def test_nothing_is_decided_by_a_rule_that_waits_for_a_signature_and_then_late(
    running: Running,
    screener: httpx.AsyncClient,
    base: Json,
    headquarters: httpx.AsyncClient,
    second: httpx.AsyncClient,
) -> None:
    child, deaf = await registered(screener), await registered(screener)
    said = {"shape": "eyes", "right": {"sphere": -400, "cylinder": -50}, "left": {"sphere": 0, "cylinder": 0}}
    before = await recorded(screener, encounter(child["id"], base, said, instrument="photoscreener"))
    assert before["decision"]["outcome"] == "undecided"
    assert (before["decision"]["reason"], before["decision"]["rule"]) == ("rule-not-signed-off", "photoscreener-limits")
    hearing = {"programme": "hearing-preschool", "instrument": "audiometer", "made_at": made(24 * 20)}
    one_ear, healthy = [
        await recorded(screener, encounter(person["id"], base, result, **hearing))
        for person, result in ((deaf, ears(left="refer")), (child, ears()))
    ]
    wrong = await recorded(screener, encounter(deaf["id"], base, ears("refer", "refer"), **hearing))
    fixed = {name: wrong[name] for name in ("stage", "instrument", "made_at")} | {"result": ears(), "reason": "خطا"}
    address = f"{ENCOUNTERS}/{wrong['id']}:correct"
    assert (await screener.post(address, json=fixed | {"id": str(new_id())})).status_code == 201
    assert await decided_late(running) == 0, "no rule has changed"

    limits = {"myopia": 150, "hyperopia": 250, "astigmatism": 150, "anisometropia": 100}
    await signed_off(headquarters, second, "vision", "photoscreener-limits", limits)
    after = await recorded(screener, encounter(child["id"], base, said, instrument="photoscreener", made_at=made(9)))
    assert (after["decision"]["outcome"], after["decision"]["rule"]) == ("rescreen", "photoscreener-limits")
    await signed_off(headquarters, second, "hearing-preschool", "either-ear-refers", {})
    assert await decided_late(running) == 4, "what was corrected counts no more"
    assert await decided_late(running) == 0

    late = (await screener.get(f"{ENCOUNTERS}/{before['id']}")).json()
    assert (late["decision"]["outcome"], late["decision"]["next_stage"]) == ("rescreen", "repeat")
    assert late["decision"]["decided_at"] > late["recorded_at"] == before["recorded_at"]
    assert (await screener.get(f"{ENCOUNTERS}/{healthy['id']}")).json()["decision"]["outcome"] == "normal"
    assert (await screener.get(f"{ENCOUNTERS}/{wrong['id']}")).json()["decision"] == wrong["decision"]
    year = {each["programme"]: each for each in (await screener.get(f"{PEOPLE}/{child['id']}")).json()["screenings"]}
    assert (year["vision"]["outcome"], year["hearing-preschool"]["outcome"]) == ("rescreen", "normal")
    (referral,) = (await screener.get(REFERRALS, params={"person_id": deaf["id"]})).json()["items"]
    assert (referral["encounter_id"], referral["reason"]) == (one_ear["id"], "ear-referred")
    assert referral["issued_on"] == str(today()), "the family's time begins when it is told"
    events = await running.events(type="pl.screening.encounter.decided.v1", count=4)
    (told,) = [each.data for each in events if each.data["encounter_id"] == one_ear["id"]]
    assert (told["outcome"], told["rule"], told["decided_on"]) == ("refer", "either-ear-refers", str(today()))


async def test_a_newborn_comes_again_in_two_to_four_weeks(screener: httpx.AsyncClient, base: Json) -> None:
    child = await registered(screener, birth_date=str(today() - timedelta(days=3)))
    hearing = {"programme": "hearing-newborn", "stage": "teoae", "instrument": "teoae"}
    first = await recorded(screener, encounter(child["id"], base, ears(left="refer"), **hearing))
    assert first["decision"]["outcome"] == "rescreen"
    made_on = datetime.fromisoformat(first["made_at"]).astimezone(TEHRAN).date()
    assert first["decision"]["repeat_from"] == str(made_on + timedelta(days=14))
    assert first["decision"]["repeat_by"] == str(made_on + timedelta(days=28))


async def test_who_refuses_or_does_not_come_is_recorded_without_a_result(
    screener: httpx.AsyncClient, base: Json
) -> None:
    child = await registered(screener)
    for attendance in ("absent", "refused"):
        said = await recorded(screener, not_there(child["id"], base, attendance))
        assert (said["decision"]["outcome"], said["decision"]["rule"], said["result"]) == (attendance, None, None)
    examined = await recorded(screener, encounter(child["id"], base, made_at=made(48)))
    (screening,) = (await screener.get(f"/v1/screening-people/{child['id']}")).json()["screenings"]
    assert screening["encounter_id"] == examined["id"], "a test outweighs an absence, even a later one"
    for wrong in (
        encounter(child["id"], base) | {"result": None},
        not_there(child["id"], base) | {"result": eyes()},
        encounter(child["id"], base) | {"instrument": None},
    ):
        assert code_of(await screener.post(ENCOUNTERS, json=wrong)) == (422, "invalid-input")


async def test_a_client_decides_nothing(screener: httpx.AsyncClient, base: Json) -> None:
    child = await registered(screener)
    for more in ({"outcome": "normal"}, {"decision": {}}, {"rule": "mine"}, {"screener": "another"}, {"age_months": 3}):
        answer = await screener.post(ENCOUNTERS, json=encounter(child["id"], base) | more)
        assert (code_of(answer), pointers(answer)) == ((422, "invalid-input"), [f"/{next(iter(more))}"])


async def test_what_does_not_fit_is_refused_and_says_where(
    screener: httpx.AsyncClient, base: Json, base_elsewhere: Json, manager: httpx.AsyncClient
) -> None:
    child = await registered(screener)
    some = await base_at(manager, programmes=["autism"])
    over = await base_at(manager, closes_on="2022-03-20")
    nobody = str(new_id())
    for change, code, pointer in (
        ({"person_id": nobody}, (422, "person-unknown"), "/person_id"),
        ({"base_id": nobody}, (422, "base-unknown"), "/base_id"),
        ({"base_id": base_elsewhere["id"]}, (422, "base-unknown"), "/base_id"),
        ({"base_id": some["id"]}, (422, "base-not-in-use"), "/base_id"),
        ({"base_id": over["id"]}, (422, "base-not-in-use"), "/base_id"),
        ({"device_id": nobody}, (422, "device-unknown"), "/device_id"),
        ({"programme": "teeth"}, (422, "programme-unknown"), "/programme"),
        ({"programme": "genetics"}, (422, "sealed-programme"), "/programme"),
        ({"stage": "third"}, (422, "test-unknown"), "/stage"),
        ({"instrument": "ruler"}, (422, "test-unknown"), "/result"),
        ({"result": ears()}, (422, "test-unknown"), "/result"),
        ({"result": eyes("20/30")}, (422, "test-unknown"), "/result"),
        ({"stage": "repeat"}, (422, "not-a-repeat"), "/repeat_of"),
        ({"made_at": made(-2)}, (422, "made-in-the-future"), "/made_at"),
        ({"made_at": "2021-04-01T09:00:00Z"}, (422, "made-before-birth"), "/made_at"),
        ({"made_at": "2026-04-01T09:00:00"}, (422, "invalid-input"), "/made_at"),
        ({"result": eyes("0/10")}, (422, "invalid-input"), "/result/eyes/right/acuity"),
    ):
        answer = await screener.post(ENCOUNTERS, json=encounter(child["id"], base) | change)
        assert (code_of(answer), pointers(answer)) == (code, [pointer]), change


async def test_a_device_is_of_the_base_and_of_the_test(
    screener: httpx.AsyncClient, base: Json, manager: httpx.AsyncClient
) -> None:
    child = await registered(screener)
    devices = f"/v1/screening-bases/{base['id']}/devices"
    device = (await manager.post(devices, json={"instrument": "e-chart", "serial_number": "A-1"})).json()
    said = await recorded(screener, encounter(child["id"], base, device_id=device["id"]))
    assert said["device_id"] == device["id"]
    chart = encounter(
        child["id"], base, device_id=device["id"], instrument="e-chart-feet", result=eyes("20/20", "20/20")
    )
    assert code_of(await screener.post(ENCOUNTERS, json=chart)) == (422, "device-unknown")
    await manager.patch(f"{devices}/{device['id']}", json={"withdrawn_on": str(today())}, headers=version_of(device))
    answer = await screener.post(ENCOUNTERS, json=encounter(child["id"], base, device_id=device["id"]))
    assert code_of(answer) == (422, "device-unknown")


async def test_a_repeat_names_the_failed_test_of_the_same_child(screener: httpx.AsyncClient, base: Json) -> None:
    child, other = await registered(screener), await registered(screener)
    good = await recorded(screener, encounter(child["id"], base))
    failed = await recorded(screener, encounter(child["id"], base, eyes("1/10")))
    for person, repeats in ((child, good), (other, failed)):
        body = encounter(person["id"], base, eyes("1/10"), stage="repeat", repeat_of=repeats["id"])
        assert code_of(await screener.post(ENCOUNTERS, json=body)) == (422, "not-a-repeat")
    # the first test may still be on another device
    unknown = encounter(child["id"], base, eyes("1/10"), stage="repeat", repeat_of=str(new_id()))
    assert (await recorded(screener, unknown))["decision"]["outcome"] == "refer"


async def test_a_correction_counts_and_the_original_stays(
    running: Running, screener: httpx.AsyncClient, base: Json
) -> None:
    child = await registered(screener)
    wrong = await recorded(screener, encounter(child["id"], base, eyes("1/10", "1/10")))
    body = {
        **{name: wrong[name] for name in ("stage", "instrument", "made_at")},
        "id": str(new_id()),
        "result": eyes("9/10", "9/10"),
        "reason": "ردیف اشتباه ثبت شده بود",
    }
    answer = await screener.post(f"{ENCOUNTERS}/{wrong['id']}:correct", json=body)
    assert answer.status_code == 201, answer.text
    right = answer.json()
    assert (right["corrects"], right["decision"]["outcome"], right["screener"]) == (
        wrong["id"],
        "normal",
        wrong["screener"],
    )
    kept = (await screener.get(f"{ENCOUNTERS}/{wrong['id']}")).json()
    assert kept == wrong | {"corrected_by": right["id"]}
    (screening,) = (await screener.get(f"/v1/screening-people/{child['id']}")).json()["screenings"]
    assert (screening["outcome"], screening["encounter_id"]) == ("normal", right["id"])
    assert (await screener.post(f"{ENCOUNTERS}/{wrong['id']}:correct", json=body)).json() == right, "sent again"
    other = body | {"id": str(new_id())}
    refused = await screener.post(f"{ENCOUNTERS}/{wrong['id']}:correct", json=other)
    assert (code_of(refused), refused.json()["corrected_by"]) == ((409, "encounter-corrected"), right["id"])
    _, event = await running.events(type="pl.screening.encounter.recorded.v1", count=2)
    assert (event.data["corrects"], event.data["outcome"]) == (wrong["id"], "normal")


@pytest.mark.parametrize("days", [("2020-01-01", "2021-01-01"), ("2099-01-01", "2099-02-01")])
async def test_no_permit_on_the_day_no_encounter(
    running: Running, screener: httpx.AsyncClient, base: Json, client_as: ClientAs, days: tuple[str, str]
) -> None:
    child = await registered(screener)
    async with running.database.command(Actor.system("screening")) as command:
        await command.connection.execute(
            "UPDATE permit SET valid_from = $1::text::date, valid_to = $2::text::date", *days
        )
    answer = await screener.post(ENCOUNTERS, json=encounter(child["id"], base))
    assert code_of(answer) == (403, "screener-not-permitted")
    other = await client_as("screener", base["center"], subject="another")
    assert code_of(await other.post(ENCOUNTERS, json=encounter(child["id"], base))) == (403, "screener-not-permitted")


async def test_an_encounter_belongs_to_the_campaign_of_its_day_place_and_cohort(
    screener: httpx.AsyncClient,
    base: Json,
    province: httpx.AsyncClient,
    county: httpx.AsyncClient,
    manager: httpx.AsyncClient,
) -> None:
    season = {"opens_on": str(today() - timedelta(days=9)), "closes_on": str(today() + timedelta(days=30))}
    cohort = {"born_from": str(born(7)), "born_to": str(born(3))}
    campaigns = {}
    for client, name in ((province, "استان"), (county, "شهرستان")):
        body = {"programme": "vision", "name_fa": name, **cohort, **season}
        planned = (await client.post("/v1/screening-campaigns", json=body)).json()
        opened = await client.post(f"/v1/screening-campaigns/{planned['id']}:open", headers=version_of(planned))
        campaigns[name] = opened.json()["id"]
    child, baby = await registered(screener), await registered(screener, birth_date=str(born(2)))
    assert (await recorded(screener, encounter(child["id"], base)))["campaign_id"] == campaigns["شهرستان"]
    assert (await recorded(screener, encounter(child["id"], base, made_at=made(24 * 12))))["campaign_id"] is None
    assert (await recorded(screener, encounter(baby["id"], base)))["campaign_id"] is None
    own = await base_at(manager, programmes=["vision"], campaign_id=campaigns["استان"])
    assert (await recorded(screener, encounter(child["id"], own)))["campaign_id"] == campaigns["استان"]
    assert (await recorded(screener, encounter(baby["id"], own)))["campaign_id"] is None


async def test_encounters_are_listed_page_by_page_the_latest_first(screener: httpx.AsyncClient, base: Json) -> None:
    child, other = await registered(screener), await registered(screener)
    made_ones = [
        await recorded(screener, encounter((child if hours % 2 else other)["id"], base, made_at=made(hours)))
        for hours in (3, 1, 4, 2, 5)
    ]
    latest = [each["id"] for each in sorted(made_ones, key=lambda each: str(each["made_at"]), reverse=True)]
    seen, after = [], None
    for _ in range(3):
        page = (await screener.get(ENCOUNTERS, params={"limit": "2"} | ({"after": after} if after else {}))).json()
        seen += [each["id"] for each in page["items"]]
        after = page["next"]
    assert (seen, after) == (latest, None)
    of_one = (await screener.get(ENCOUNTERS, params={"person_id": child["id"], "outcome": "normal"})).json()["items"]
    assert {each["person_id"] for each in of_one} == {child["id"]}
    days = {"made_from": "2020-01-01", "made_to": "2020-12-31", "base_id": base["id"], "programme": "vision"}
    assert (await screener.get(ENCOUNTERS, params=days)).json()["items"] == []
