"""Two members decide, on facts without names, and never past the law."""

import httpx
from adoption_samples import (
    DOSSIERS,
    REQUESTS,
    SEEN_AT_HOME,
    answered,
    applicant,
    before_the_committee,
    code_of,
    couple,
    decided,
    in_assessment,
    sent,
    version_of,
)

from svc_adoption.committees.service import BLACK, blackened
from svc_adoption.requests.schemas import Applicant, Household, Kept

SAID = {"session_on": "2026-02-10", "minutes": "۱۲", "reason": "دلیل"}


async def test_the_committee_is_told_facts_and_no_names(
    worker: httpx.AsyncClient, officer: httpx.AsyncClient, member: httpx.AsyncClient
) -> None:
    body = couple()
    request = await before_the_committee(worker, officer, **body)
    assert [each["id"] for each in (await member.get(DOSSIERS)).json()["items"]] == [request["id"]]
    answer = await member.get(f"{DOSSIERS}/{request['id']}")
    dossier = answer.json()
    assert (dossier["eligibility"]["outcome"], dossier["category"], dossier["own_children"]) == (
        "eligible",
        "childless-couple",
        0,
    )
    assert [(each["age"], each["sex"]) for each in dossier["applicants"]] == [(38, "female"), (38, "male")]
    assert {each["kind"]: each["state"] for each in dossier["checks"]}["health"] == "passed"
    assert f"خانهٔ {BLACK} {BLACK} اتاق کودک دارد" in [each["text"] for each in dossier["reports"]]
    for each in body["applicants"]:
        for name in (each["given_name"], each["family_name"], each["father_name"], each["identity"]["value"]):
            assert name not in answer.text
    assert body["household"]["address"] not in answer.text
    assert code_of(await member.get(f"{REQUESTS}/{request['id']}")) == (403, "forbidden")


def test_names_are_blackened_as_words() -> None:
    person = applicant(given_name="علی", family_name="رضا پور", mobile="09151234567")
    kept = Kept(applicants=[Applicant.model_validate(person)], household=Household())
    text = f"علی رضا پور ({person['identity']['value']}, +989151234567)، فرزند گشتاسب، در عالی‌قاپو و رضاییه"
    black = f"{BLACK} {BLACK} ({BLACK}, {BLACK})، فرزند {BLACK}، در عالی‌قاپو و رضاییه"
    assert blackened(text, kept) == black
    assert blackened(None, kept) is None


async def test_two_members_decide(
    worker: httpx.AsyncClient, officer: httpx.AsyncClient, member: httpx.AsyncClient, other_member: httpx.AsyncClient
) -> None:
    request = await before_the_committee(worker, officer)
    path = f"{DOSSIERS}/{request['id']}/decisions"
    deferred = SAID | {"outcome": "defer"}
    proposed = await member.post(path, json=deferred, headers=version_of(request))
    decision = proposed.json()
    assert (proposed.status_code, decision["state"], decision["request"]["status"]) == (201, "proposed", "committee")
    again = await other_member.post(path, json=deferred, headers=version_of(decision["request"]))
    assert code_of(again) == (409, "decision-awaited")
    confirm, refuse = (f"{path}/{decision['id']}:{step}" for step in ("confirm", "object"))
    assert code_of(await member.post(confirm, headers=version_of(decision))) == (409, "second-member-needed")
    said = {"reason": "مدارک کافی است"}
    assert code_of(await member.post(refuse, json=said, headers=version_of(decision))) == (409, "second-member-needed")
    fallen = await other_member.post(refuse, json=said, headers=version_of(decision))
    assert (fallen.json()["state"], fallen.json()["request"]["status"]) == ("objected", "committee")
    after = await other_member.post(confirm, headers=version_of(fallen.json()))
    assert code_of(after) == (409, "decision-step-not-allowed")
    request = await decided(member, other_member, fallen.json()["request"], "defer", reason="گزارش تکمیل شود")
    assert request["status"] == "deferred"
    request = await sent(officer, request, ":refer")
    assert code_of(await worker.get(f"{REQUESTS}/{request['id']}")) == (404, "not-found"), "it does not come back"
    request = await decided(member, other_member, request, "reject", reason="شرط‌ها نیست")
    assert (request["status"], request["allowed"]) == ("rejected", [])
    decisions = (await officer.get(f"{REQUESTS}/{request['id']}/decisions")).json()["items"]
    assert [(each["outcome"], each["state"], each["answered_by"]) for each in decisions] == [
        ("reject", "confirmed", "member-2"),
        ("defer", "confirmed", "member-2"),
        ("defer", "objected", "member-2"),
    ]
    assert (decisions[2]["objection"], decisions[0]["reason"]) == ("مدارک کافی است", "شرط‌ها نیست")


async def test_the_law_is_not_passed_by(
    worker: httpx.AsyncClient, officer: httpx.AsyncClient, member: httpx.AsyncClient, other_member: httpx.AsyncClient
) -> None:
    young = [applicant("female", birth_date="2000-01-01"), applicant("male", birth_date="1999-01-01")]
    household = couple()["household"] | {"married_on": "2024-01-01"}
    request = await before_the_committee(worker, officer, applicants=young, household=household)
    approve = SAID | {"outcome": "approve"}
    path = f"{DOSSIERS}/{request['id']}/decisions"
    refused = await member.post(path, json=approve, headers=version_of(request))
    assert code_of(refused) == (409, "not-eligible")
    assert refused.json()["conditions"] == ["marriage-years", "one-spouse-over"]
    late = await member.post(
        path, json=SAID | {"outcome": "reject", "session_on": "2099-01-01"}, headers=version_of(request)
    )
    assert code_of(late) == (422, "date-to-come")
    evidence = {"kind": "infertility", "authority": "پزشکی قانونی", "reference": "۱", "decided_on": "2025-01-01"}
    request = await sent(officer, request, "/exemptions", evidence)
    refused = await member.post(path, json=approve, headers=version_of(request))
    assert refused.json()["conditions"] == ["one-spouse-over"], "that they cannot have children makes nobody older"
    # what no number says, the committee settles in so many words
    host = await in_assessment(worker, officer, form="temporary-care", household=couple()["household"])
    for check in ("health", "criminal-record", "addiction"):
        host = await answered(officer, host, check)
    visit = {"made_on": "2026-02-01", "seen": SEEN_AT_HOME, "text": "x"}
    host = await sent(officer, await sent(worker, host, ":record-home-visit", visit), ":refer")
    path = f"{DOSSIERS}/{host['id']}/decisions"
    opened = await member.post(path, json=approve, headers=version_of(host))
    assert (code_of(opened), opened.json()["conditions"]) == ((409, "conditions-open"), ["age-gap"])
    host = await decided(member, other_member, host, settles={"age-gap": "سی سال بزرگ‌ترند"})
    assert host["status"] == "waiting"
