"""The way of a request from the draft to the committee's word, and its turns."""

import httpx
from adoption_samples import (
    CHECKS,
    REQUESTS,
    answered,
    couple,
    decided,
    sent,
    with_papers,
)

from shared.testing.plugin import Running


async def test_from_the_draft_to_the_queue(
    running: Running,
    worker: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    member: httpx.AsyncClient,
    other_member: httpx.AsyncClient,
) -> None:
    body = couple()
    answer = await worker.post(REQUESTS, json=body)
    request = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{REQUESTS}/{request['id']}")
    assert (request["status"], request["allowed"]) == ("draft", ["submit", "withdraw"])
    assert {(each["code"], each["applicant"]) for each in request["missing"]} == {
        ("identity", 0),
        ("identity", 1),
        ("education", 0),
        ("education", 1),
        ("job", None),
        ("insurance", None),
        ("marriage-deed", None),
        ("housing", None),
    }
    # handed in all the same, it says in plain words what is missing
    request = await sent(worker, request, ":submit")
    assert (request["status"], request["missing"][0]["fa"]) == ("incomplete", "شناسنامه و کارت ملی")
    request = await sent(worker, await with_papers(worker, request), ":submit")
    assert (request["status"], request["missing"]) == ("submitted", [])
    returned = {"missing": ["housing"], "text": "اجاره‌نامه خوانا نیست"}
    request = await sent(officer, request, ":return", returned)
    assert request["status"] == "incomplete"
    request = await sent(worker, request, "/documents", {"kind": "housing", "valid_until": "2099-01-01"})
    request = await sent(officer, await sent(worker, request, ":submit"), ":accept")
    interview = {
        "made_on": "2026-01-05",
        "seen": {"observance": True, "fitness": True, "no-disease": True},
        "text": "x",
    }
    request = await sent(worker, request, ":record-interview", interview)
    read = (await officer.get(f"{REQUESTS}/{request['id']}")).json()
    assert [(each["kind"], each["state"]) for each in read["checks"]] == [(each, "awaited") for each in CHECKS]
    assert read["applicants"] == [
        each | {"mobile": "+989151234567", "health_declaration": None} for each in body["applicants"]
    ]
    for check in (*CHECKS[2:], *CHECKS[:2]):
        assert request["status"] == "assessment"
        request = await answered(officer, request, check)
    assert request["status"] == "home-visit"
    visit = {"made_on": "2026-02-01", "seen": {"means": True, "ability": True}, "text": "x"}
    request = await sent(worker, request, ":record-home-visit", visit)
    assert (request["status"], request["allowed"]) == ("reported", ["refer", "withdraw", "expire"])
    request = await sent(officer, request, ":refer")
    eligibility = (await officer.get(f"{REQUESTS}/{request['id']}/eligibility")).json()
    assert eligibility["outcome"] == "eligible", eligibility
    request = await decided(member, other_member, request)
    assert (request["status"], request["waiting_since"] is not None) == ("waiting", True)
    history = (await officer.get(f"{REQUESTS}/{request['id']}/history")).json()["items"]
    steps = [
        each["step"] for each in history if each["step"] not in {"document-shown", "check-asked", "check-answered"}
    ]
    assert steps == [
        "register", "submit", "submit", "return", "submit", "accept", "record-interview", "checks-answered",
        "record-home-visit", "refer", "decision-proposed", "approve",
    ]  # fmt: skip
    events = await running.events(type="pl.adoption.adoption-request.changed.v1", count=11)
    assert [each.data["status"] for each in events][-2:] == ["committee", "waiting"]
    assert events[-1].data.keys() == {"jurisdiction", "request_id", "version", "form", "status"}
