"""What may be told when, and what is refused with which reason."""

import httpx
from adoption_samples import (
    CENTER,
    REQUESTS,
    applicant,
    code_of,
    couple,
    registered,
    sent,
    single_woman,
    submitted,
    version_of,
    with_papers,
)

from shared.testing.plugin import ClientAs

REQUIREMENTS = "/v1/adoption-requirements"


async def test_it_is_told_otherwise_while_it_may_be(worker: httpx.AsyncClient, officer: httpx.AsyncClient) -> None:
    request = await registered(worker)
    path = f"{REQUESTS}/{request['id']}"
    body = {"category": "single-woman", "applicants": [applicant()], "wishes": {"sex": "girl", "siblings": 2}}
    assert code_of(await worker.patch(path, json=body)) == (428, "precondition-required")
    changed = await worker.patch(path, json=body, headers=version_of(request))
    assert (changed.json()["category"], changed.json()["version"]) == ("single-woman", 2)
    assert "marriage-deed" not in {each["code"] for each in changed.json()["missing"]}, "asked of couples alone"
    assert code_of(await worker.patch(path, json=body, headers=version_of(request))) == (412, "precondition-failed")
    read = (await worker.get(path)).json()
    assert (read["wishes"]["siblings"], read["household"]["address"]) == (2, couple()["household"]["address"])
    # a couple is a husband and a wife, a single woman is one
    for wrong in ({"category": "childless-couple"}, {"applicants": [applicant("male")]}):
        answer = await worker.patch(path, json=wrong, headers=version_of(read))
        assert code_of(answer) == (422, "applicants-misfit")
        assert answer.json()["errors"][0]["pointer"] == "/applicants"
    for document, code, pointer in (
        ({"kind": "job", "applicant": 1}, "applicant-unknown", "/applicant"),
        ({"kind": "job", "issued_on": "2099-01-01"}, "date-to-come", "/issued_on"),
    ):
        answer = await worker.post(f"{path}/documents", json=document, headers=version_of(read))
        assert (code_of(answer), answer.json()["errors"][0]["pointer"]) == ((422, code), pointer)
    wrong_ages = await worker.post(REQUESTS, json=couple(wishes={"from_months": 24, "to_months": 12}))
    assert (code_of(wrong_ages), wrong_ages.json()["errors"][0]["code"]) == ((422, "invalid-input"), "ages-in-order")
    assert code_of(await worker.post(REQUESTS, json=couple(center="2901777"))) == (403, "scope-forbidden")
    assert code_of(await officer.post(REQUESTS, json=couple(center="2901777"))) == (422, "center-not-open")
    at_office = (await officer.post(REQUESTS, json=couple())).json()
    assert at_office["jurisdiction"] == "2901"
    assert code_of(await worker.get(f"{REQUESTS}/{at_office['id']}")) == (404, "not-found")


async def test_out_of_turn_is_told_what_can_follow(worker: httpx.AsyncClient, officer: httpx.AsyncClient) -> None:
    request = await registered(worker)
    for client, step, body in (
        (officer, ":accept", None),
        (officer, ":return", {"missing": ["job"], "text": "x"}),
        (worker, ":record-interview", {"made_on": "2026-01-01", "text": "x"}),
        (worker, ":record-home-visit", {"made_on": "2026-01-01", "text": "x"}),
        (officer, ":refer", None),
        (officer, "/checks/health:ask", {"asked_of": "x"}),
    ):
        answer = await client.post(f"{REQUESTS}/{request['id']}{step}", json=body, headers=version_of(request))
        assert code_of(answer) == (409, "adoption-step-not-allowed"), step
        assert (answer.json()["present"], answer.json()["allowed"]) == ("draft", ["submit", "withdraw"])
    # a paper that is out of date counts as not shown, until another one is
    request = await with_papers(worker, request)
    late = {"kind": "housing", "valid_until": "2020-01-01"}
    single = (await worker.post(REQUESTS, json=single_woman())).json()
    single = await sent(worker, single, "/documents", late)
    assert "housing" in {each["code"] for each in single["missing"]}
    single = await sent(worker, single, "/documents", late | {"valid_until": "2099-01-01"})
    assert "housing" not in {each["code"] for each in single["missing"]}
    # what was handed in is not told otherwise, and what has ended does not go on
    request = await sent(worker, request, ":submit")
    answer = await worker.patch(f"{REQUESTS}/{request['id']}", json={}, headers=version_of(request))
    assert code_of(answer) == (409, "adoption-step-not-allowed")
    ended = await sent(worker, request, ":withdraw", {"reason": "own-child", "text": "شادی"})
    assert (ended["status"], ended["allowed"], ended["missing"]) == ("withdrawn", [], [])
    again = await worker.post(f"{REQUESTS}/{request['id']}:submit", headers=version_of(ended))
    assert code_of(again) == (409, "adoption-step-not-allowed")
    document = await worker.post(f"{REQUESTS}/{ended['id']}/documents", json={"kind": "job"}, headers=version_of(ended))
    assert code_of(document) == (409, "adoption-step-not-allowed")


async def test_only_the_office_learns_that_somebody_asks_elsewhere(
    worker: httpx.AsyncClient, officer: httpx.AsyncClient, client_as: ClientAs
) -> None:
    elsewhere = await client_as("adoption-worker", "0904001")
    family = couple()
    other = await submitted(elsewhere, applicants=family["applicants"])
    # at the center nothing tells that the neighbours have asked for a child in another province
    request = await submitted(worker, applicants=family["applicants"][:1] + couple()["applicants"][1:])
    path = f"{REQUESTS}/{request['id']}:accept"
    refused = await officer.post(path, headers=version_of(request))
    assert code_of(refused) == (409, "applicant-in-another-request")
    assert other["id"] not in refused.text
    await sent(elsewhere, other, ":withdraw", {"reason": "moved-abroad"})
    assert (await officer.post(path, headers=version_of(request))).json()["status"] == "interview"
    found = await officer.post(f"{REQUESTS}:search", json={"identity": family["applicants"][0]["identity"]})
    assert [each["id"] for each in found.json()["items"]] == [request["id"]]
    found = await officer.post(f"{REQUESTS}:search", json={"identity": family["applicants"][1]["identity"]})
    assert found.json()["items"] == []


async def test_a_form_without_rules_waits_until_two_people_have_made_them(
    worker: httpx.AsyncClient, officer: httpx.AsyncClient, client_as: ClientAs
) -> None:
    one = await client_as("headquarters", "IR", subject="one")
    other = await client_as("headquarters", "IR", subject="other")
    request = await registered(worker, form="trusteeship")
    submit = f"{REQUESTS}/{request['id']}:submit"
    waits = await worker.post(submit, headers=version_of(request))
    assert (code_of(waits), waits.json()["form"]) == ((409, "form-has-no-rules"), "trusteeship")
    rules = {
        "form": "trusteeship",
        "valid_from": "2024-01-01",
        "process": "judges-order",
        "documents": [{"kind": "identity", "of": "each"}, {"kind": "residence-permit", "of": "each-foreigner"}],
        "checks": [],
        "source": "بخشنامه",
    }
    proposed = (await one.post(REQUIREMENTS, json=rules)).json()
    assert (proposed["standing"], proposed["number"]) == ("proposed", 1)
    assert code_of(await worker.post(submit, headers=version_of(request))) == (409, "form-has-no-rules")
    sign_off = f"{REQUIREMENTS}/{proposed['id']}:sign-off"
    assert code_of(await one.post(sign_off, headers=version_of(proposed))) == (409, "second-signature-needed")
    signed = await other.post(sign_off, headers=version_of(proposed))
    assert (signed.json()["standing"], signed.json()["signed_off_by"]) == ("signed-off", "other")
    assert code_of(await other.post(sign_off, headers=version_of(signed.json()))) == (409, "requirement-not-proposed")
    late = (await one.post(REQUIREMENTS, json=rules)).json()
    answer = await other.post(f"{REQUIREMENTS}/{late['id']}:sign-off", headers=version_of(late))
    assert code_of(answer) == (409, "requirement-too-late")
    # of a judge's order there is no committee and no queue
    request = (await worker.get(f"{REQUESTS}/{request['id']}")).json()
    request = await sent(worker, await with_papers(worker, request), ":submit")
    request = await sent(officer, request, ":accept")
    request = await sent(worker, request, ":record-interview", {"made_on": "2026-01-01", "text": "x"})
    assert request["status"] == "home-visit", "no check is asked for"
    request = await sent(worker, request, ":record-home-visit", {"made_on": "2026-01-02", "text": "x"})
    assert request["allowed"] == ["record-order", "withdraw", "expire"]
    eligibility = (await officer.get(f"{REQUESTS}/{request['id']}/eligibility")).json()
    assert [(each["code"], each["met"]) for each in eligibility["findings"]] == [("decided-by-people", None)]
    order = {"made_on": "2026-01-03", "reference": "۱۴۰۴/۵"}
    assert (await sent(officer, request, ":record-order", order))["status"] == "final"
    listed = (await worker.get(REQUIREMENTS, params={"limit": 2})).json()
    rest = (await worker.get(REQUIREMENTS, params={"limit": 2, "after": listed["next"]})).json()
    assert [(each["form"], each["number"]) for each in listed["items"] + rest["items"]] == [
        ("adoption", 1),
        ("temporary-care", 1),
        ("trusteeship", 2),
        ("trusteeship", 1),
    ]
    assert [
        each["number"] for each in (await worker.get(REQUIREMENTS, params={"form": "adoption"})).json()["items"]
    ] == [1]


async def test_lists_follow_each_other(worker: httpx.AsyncClient) -> None:
    made = [(await registered(worker))["id"] for _ in range(3)]
    first = (await worker.get(REQUESTS, params={"limit": 2, "status": "draft", "jurisdiction": CENTER})).json()
    asked = {"limit": 2, "status": "draft", "jurisdiction": CENTER, "after": first["next"]}
    second = (await worker.get(REQUESTS, params=asked)).json()
    assert [each["id"] for each in first["items"] + second["items"]] == made[::-1]
    assert set(first["items"][0]) == {
        "id", "version", "jurisdiction", "form", "category", "relatives", "status", "status_since", "registered_at",
        "submitted_at", "waiting_since",
    }  # fmt: skip
    assert (await worker.get(REQUESTS, params={"form": "guardianship"})).json()["items"] == []
