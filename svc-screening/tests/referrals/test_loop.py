"""A referral from the test that issued it until nothing is left to do."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from referral_samples import OF_CLINICS, REFERRALS, clinic_of, read, referral_of, referred, refused, send, step
from screening_samples import (
    CENTER,
    NEIGHBOUR,
    Json,
    answers,
    born,
    code_of,
    encounter,
    eventually,
    eyes,
    file,
    know_people,
    made,
    member,
    pointers,
    recorded,
    registered,
    version_of,
)

from shared.chassis.actor import Actor
from shared.contracts.casefile import CaseFileMovedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_screening.referrals import service

LOOPS = "/v1/referral-loops"


@pytest.fixture
async def clinic(county: httpx.AsyncClient) -> Json:
    return await clinic_of(county, client="clinic-1")


@pytest.fixture
async def optometrist(clinic: Json, client_as: ClientAs) -> httpx.AsyncClient:
    """The system of the clinic."""
    return await client_as("integration-client", "29", subject="clinic-1")


@pytest.fixture
async def referral(screener: httpx.AsyncClient, base: Json) -> Json:
    return await referred(screener, base)


async def loop(client: httpx.AsyncClient, **asked: str) -> Json:
    (found,) = (await client.get(LOOPS, params=asked)).json()["items"]
    return dict(found)


async def escalated(running: Running, *, days: int) -> int:
    """How many referrals are escalated on the day that is so many days from now."""
    async with running.database.command(Actor.system("screening")) as command:
        return await service.escalate(command, on=today() + timedelta(days=days))


async def test_a_failed_repeat_test_issues_a_referral_with_a_token(running: Running, referral: Json) -> None:
    said = (referral["status"], referral["refers_to"], referral["reason"])
    assert said == ("issued", "optometrist", "below-cut-off")
    assert len(referral["token"].replace("-", "")) == 12
    assert (referral["issued_on"], referral["issued_by"]) == (today().isoformat(), f"screener@{CENTER}")
    assert referral["due_on"] is None, "nobody has signed off how long it may take"
    assert [each["kind"] for each in referral["steps"]] == ["issued"]
    (event,) = await running.events(type="pl.screening.referral.issued.v1", count=1)
    assert event.address.endswith(".29.01.003")
    assert event.data["referral_id"] == referral["id"]
    assert referral["token"] not in event.to_json().decode()


async def test_it_is_due_when_the_rule_that_is_signed_off_says_and_followed_until_ten(
    headquarters: httpx.AsyncClient, second: httpx.AsyncClient, screener: httpx.AsyncClient, base: Json
) -> None:
    vision = "/v1/screening-programmes/vision/protocols/1"
    rule = f"{vision}/rules/optometrist-within"
    protocol = (await headquarters.get(vision)).json()
    proposal = {"figures": {"days": 30}, "source": "مصوبه"}
    protocol = (await headquarters.put(rule, json=proposal, headers=version_of(protocol))).json()
    signed = await second.post(f"{rule}:sign-off", headers=version_of(protocol))
    assert signed.status_code == 200, signed.text
    found = await referred(screener, base)
    assert found["due_on"] == (today() + timedelta(days=30)).isoformat()
    assert found["followed_until"][:4] == str(born(5).year + 10)


async def test_the_loop_is_closed_by_the_center_and_the_clinic(
    running: Running, manager: httpx.AsyncClient, optometrist: httpx.AsyncClient, clinic: Json, referral: Json
) -> None:
    reminded = await step(manager, referral, "remind", by="telephone")
    assert (reminded["status"], reminded["reminders"]) == ("reminded", 1)
    slip = {"token": referral["token"].lower().replace("-", " ")}
    seen = (await optometrist.post(f"{OF_CLINICS}:attend", json=slip)).json()
    assert (seen["status"], seen["clinic_id"], seen["attended_on"]) == ("attended", clinic["id"], today().isoformat())
    assert seen["found"] == {"eyes": ["right"], "cut_off": "20/30"}
    assert not {"person_id", "token", "issued_by"} & set(seen)
    assert (await optometrist.post(f"{OF_CLINICS}:attend", json=slip)).json() == seen
    diagnosed = await step(optometrist, seen, "diagnose", at=OF_CLINICS, diagnosis="refractive-error")
    treated = await step(optometrist, diagnosed, "treat", at=OF_CLINICS, treatment="glasses")
    invoice = {"aid": "glasses", "invoice_number": "1404/17", "invoice_rials": 9_000}
    claimed = await step(optometrist, treated, "claim-aid", at=OF_CLINICS, **invoice)
    assert (claimed["status"], claimed["invoice_rials"]) == ("treated", 9_000)
    followed = await step(optometrist, claimed, "follow-up", at=OF_CLINICS, progress="better")
    assert followed["status"] == "followed"
    assert await refused(manager, followed, "close", reason="reached-age") == (409, "too-young-to-close")
    closed = await step(manager, followed, "close", reason="recovered")
    assert (closed["status"], closed["end_reason"]) == ("closed", "recovered")
    kinds = ["issued", "reminded", "attended", "diagnosed", "treated", "aid-claimed", "followed", "closed"]
    assert [each["kind"] for each in closed["steps"]] == kinds
    assert {each["actor"] for each in closed["steps"][2:7]} == {"clinic-1"}
    for fact in ("referral.reminded", "referral.attended", "disorder.confirmed", "referral.treated", "referral.closed"):
        (event,) = await running.events(type=f"pl.screening.{fact}.v1", count=1)
        assert event.data["referral_id"] == referral["id"], fact
        assert event.address.endswith(".29.01.003"), fact


async def test_no_disorder_closes_the_loop_at_once_and_counts_as_a_false_alarm(
    screener: httpx.AsyncClient, manager: httpx.AsyncClient, province: httpx.AsyncClient, base: Json
) -> None:
    alarm, ill, awaited, _ = [await referred(screener, base) for _ in range(4)]
    closed = await step(manager, alarm, "diagnose", diagnosis="no-disorder")
    assert (closed["status"], closed["end_reason"]) == ("closed", "no-disorder")
    assert closed["attended_on"] == today().isoformat()
    await step(manager, await step(manager, ill, "diagnose", diagnosis="amblyopia"), "treat", treatment="patching")
    await step(manager, awaited, "miss")
    figures = await loop(province, by="county", programme="vision")
    counted = ("referred", "attended", "diagnosed", "confirmed", "false_alarms", "treated", "awaited", "loops_closed")
    assert [figures[name] for name in counted] == [4, 2, 2, 1, 1, 1, 2, 2]
    assert (figures["jurisdiction"], figures["loop_closure_rate"], figures["false_alarm_rate"]) == ("2901", 0.5, 0.5)
    assert (await loop(province, by="center"))["jurisdiction"] == CENTER
    assert (await province.get(LOOPS, params={"issued_to": "2021-03-21"})).json() == {"items": []}


async def test_who_was_given_up_is_won_back(
    running: Running, manager: httpx.AsyncClient, optometrist: httpx.AsyncClient, referral: Json
) -> None:
    lost = await step(manager, await step(manager, referral, "miss"), "lose", reason="unreachable")
    assert (lost["status"], lost["end_reason"]) == ("lost", "unreachable")
    assert (await loop(manager))["lost"] == 1
    (event,) = await running.events(type="pl.screening.referral.lost.v1", count=1)
    assert event.data["reason"] == "unreachable"
    seen = await optometrist.post(f"{OF_CLINICS}:attend", json={"token": referral["token"]})
    assert seen.json()["status"] == "attended"
    figures = await loop(manager)
    assert (figures["lost"], figures["won_back"], figures["attended"]) == (0, 1, 1)
    assert (await read(manager, referral))["end_reason"] is None


async def test_nobody_is_referred_twice_at_once(
    screener: httpx.AsyncClient, manager: httpx.AsyncClient, base: Json
) -> None:
    child = await registered(screener)
    found = await referred(screener, base, child=child)
    assert (await referred(screener, base, child=child))["id"] == found["id"]
    lost = await step(manager, found, "lose", reason="unreachable")
    first = await recorded(screener, encounter(child["id"], base, eyes("5/10")))
    await recorded(screener, encounter(child["id"], base, eyes("5/10"), stage="repeat", repeat_of=first["id"]))
    listed = (await manager.get(REFERRALS, params={"person_id": child["id"]})).json()["items"]
    assert sorted(each["status"] for each in listed) == ["issued", "lost"]
    assert await refused(manager, lost, "remind", by="visit") == (409, "open-referral-there")


async def test_referrals_of_a_batch_are_issued_once_however_often_it_comes(
    screener: httpx.AsyncClient, base: Json
) -> None:
    bodies = []
    for _ in range(3):
        child = await registered(screener)
        first = encounter(child["id"], base, eyes("1/10"), made_at=made(2))
        bodies += [first, encounter(child["id"], base, eyes("1/10"), stage="repeat", repeat_of=first["id"])]
    batch = {"encounters": bodies}
    for answer in await asyncio.gather(*(screener.post("/v1/screening-encounters:batch", json=batch) for _ in "ab")):
        assert answer.status_code == 200, answer.text
    assert (await screener.post("/v1/screening-encounters:batch", json=batch)).json()["unchanged"] == 6
    assert len((await screener.get(REFERRALS)).json()["items"]) == 3
    page = (await screener.get(REFERRALS, params={"limit": 2})).json()
    rest = (await screener.get(REFERRALS, params={"limit": 2, "after": page["next"]})).json()
    assert len({each["id"] for each in page["items"] + rest["items"]}) == 3


async def test_a_correction_withdraws_the_referral_or_becomes_its_reason(
    running: Running, screener: httpx.AsyncClient, base: Json
) -> None:
    async def correct(referral: Json, acuity: str) -> Json:
        address = f"/v1/screening-encounters/{referral['encounter_id']}"
        body = {"id": str(new_id()), "stage": "repeat", "instrument": "e-chart", "made_at": made(0.5)}
        body |= {"repeat_of": (await screener.get(address)).json()["repeat_of"], "reason": "اشتباه ثبت"}
        answer = await screener.post(f"{address}:correct", json=body | {"result": eyes(acuity)})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    kept, withdrawn = [await referred(screener, base) for _ in range(2)]
    anew = await correct(kept, "4/10")
    after = await read(screener, kept)
    assert (after["status"], after["encounter_id"], after["token"]) == ("issued", anew["id"], kept["token"])
    assert (await correct(withdrawn, "10/10"))["decision"]["outcome"] == "normal"
    after = await read(screener, withdrawn)
    assert (after["status"], after["end_reason"]) == ("withdrawn", "corrected")
    assert (await loop(screener))["referred"] == 1
    (event,) = await running.events(type="pl.screening.referral.closed.v1", count=1)
    assert (event.data["referral_id"], event.data["status"]) == (withdrawn["id"], "withdrawn")


async def test_two_who_prove_to_be_one_are_referred_once(screener: httpx.AsyncClient, base: Json) -> None:
    one, other = await registered(screener), await registered(screener)
    first, second = [await referred(screener, base, child=child) for child in (one, other)]
    answer = await screener.post(
        f"/v1/screening-people/{one['id']}:match", json={"same_as": other["id"]}, headers=version_of(one)
    )
    assert answer.status_code == 200, answer.text
    withdrawn = await read(screener, first)
    assert (withdrawn["status"], withdrawn["end_reason"]) == ("withdrawn", "one-person")
    assert withdrawn["person_id"] == other["id"]
    assert (await read(screener, second))["status"] == "issued"


async def test_a_referral_goes_with_the_household(
    running: Running, screener: httpx.AsyncClient, neighbour: httpx.AsyncClient, base: Json
) -> None:
    child = member(5)
    household = file(child)
    await know_people(running, household)
    found = await referred(screener, base, child={"id": str(child.member_id)})
    moved = household.model_dump() | {
        "version": 2,
        "jurisdiction": Jurisdiction(NEIGHBOUR),
        "previous_jurisdiction": Jurisdiction(CENTER),
        "effective_at": "2026-11-01T00:00:00Z",
        "reason": "transfer",
    }
    await running.publish(CaseFileMovedV1.model_validate(moved))

    async def gone() -> bool:
        return (await screener.get(f"{REFERRALS}/{found['id']}")).status_code == 404

    await eventually(gone)
    there = await step(neighbour, await read(neighbour, found), "remind", by="visit")
    assert (there["center"], there["issued_at_center"]) == (NEIGHBOUR, CENTER)
    assert (await screener.get(REFERRALS)).json()["items"] == []
    assert await refused(screener, there, "remind", by="visit") == (404, "not-found")
    assert (await screener.get(LOOPS)).json()["items"] == []
    (event,) = await running.events(type="pl.screening.referral.reminded.v1", count=1)
    assert event.address.endswith(".29.01.001")


async def test_who_does_not_come_by_the_day_is_told_to_the_county_and_then_to_the_province(
    running: Running, manager: httpx.AsyncClient, county: httpx.AsyncClient, referral: Json
) -> None:
    await step(manager, referral, "appoint", due_on=(today() + timedelta(days=10)).isoformat())
    assert await escalated(running, days=10) == 0
    assert [await escalated(running, days=11), await escalated(running, days=11)] == [1, 0]
    (listed,) = (await county.get(REFERRALS, params={"escalated": True})).json()["items"]
    assert (listed["id"], listed["escalated_to"]) == (referral["id"], "2901")
    assert await escalated(running, days=20) == 0
    assert sorted(await asyncio.gather(*(escalated(running, days=21) for _ in range(3)))) == [0, 0, 1]
    assert await escalated(running, days=99) == 0
    one, other = await running.events(type="pl.screening.referral.overdue.v1", count=2)
    assert [one.data["escalated_to"], other.data["escalated_to"]] == ["2901", "29"]
    assert one.actor == "system:screening"


async def test_a_new_day_is_agreed_on_and_the_old_escalation_is_over(
    running: Running, manager: httpx.AsyncClient, clinic: Json, referral: Json
) -> None:
    await step(manager, referral, "appoint", due_on=today().isoformat())
    assert await escalated(running, days=1) == 1
    late = await read(manager, referral)
    again = await step(manager, late, "appoint", due_on=today().isoformat(), clinic_id=clinic["id"])
    assert (again["escalated_to"], again["clinic_id"]) == (None, clinic["id"])
    answer = await send(manager, again, "appoint", due_on=(today() - timedelta(days=1)).isoformat())
    assert (code_of(answer), pointers(answer)) == ((422, "referral-day-impossible"), ["/due_on"])
    assert await refused(manager, again, "appoint", clinic_id=str(new_id())) == (422, "clinic-unknown")


async def test_a_step_out_of_turn_says_what_is_possible(manager: httpx.AsyncClient, referral: Json) -> None:
    answer = await send(manager, referral, "treat", treatment="glasses")
    assert code_of(answer) == (409, "referral-step-not-allowed")
    assert answer.json()["present"] == "issued"
    assert answer.json()["allowed"] == ["remind", "appoint", "miss", "attend", "diagnose", "lose"]
    assert await refused(manager, referral | {"version": 9}, "lose", reason="died") == (412, "precondition-failed")
    late = await send(manager, referral, "attend", attended_on=(today() + timedelta(days=1)).isoformat())
    assert (code_of(late), pointers(late)) == ((422, "referral-day-impossible"), ["/attended_on"])
    assert await refused(manager, referral, "attend", attended_on="2021-03-21") == (422, "referral-day-impossible")
    assert await refused(manager, referral, "diagnose", diagnosis="tired") == (422, "invalid-input")


async def test_what_was_found_in_a_sensitive_programme_is_announced_to_nobody(
    running: Running, screener: httpx.AsyncClient, manager: httpx.AsyncClient, base: Json
) -> None:
    questions = {"programme": "autism", "stage": "questions", "instrument": "ten-questions"}
    for diagnosis in ("autism-spectrum", "no-disorder"):
        child = await registered(screener)
        await recorded(screener, encounter(child["id"], base, answers(9), **questions))
        await step(manager, await referral_of(manager, child["id"]), "diagnose", diagnosis=diagnosis)
    (confirmed,) = await running.events(type="pl.screening.disorder.confirmed.v1", count=1)
    (closed,) = await running.events(type="pl.screening.referral.closed.v1", count=1)
    assert (confirmed.data["disorder"], closed.data["reason"]) == (None, None)
