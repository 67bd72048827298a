"""Couples and single women who ask for a child, and the way that their requests take."""

from itertools import count
from typing import Any

import httpx

CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE = "2901003", "2901001", "2902001", "0904001"
COUNTY, PROVINCE = "2901", "29"
REQUESTS, DOSSIERS, EXPORTS = "/v1/adoption-requests", "/v1/adoption-dossiers", "/v1/adoption-exports"
SEEN_AT_INTERVIEW = {"observance": True, "fitness": True, "no-disease": True}
SEEN_AT_HOME = {"means": True, "ability": True}
CHECKS = ("health", "criminal-record", "addiction", "counselling")

Json = dict[str, Any]
_serial = count(1)


def national_id() -> str:
    """A valid one that no other call gives."""
    digits = f"{600_000_000 + next(_serial):09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)


def applicant(sex: str = "female", **said: Any) -> Json:
    known: Json = {
        "identity": {"type": "national", "value": national_id()},
        "given_name": "فرنگیس" if sex == "female" else "سهراب",
        "family_name": "کیهان‌دوست",
        "father_name": "گشتاسب",
        "birth_date": "1988-04-09",
        "sex": sex,
        "religion": "islam",
        "education": "bachelor",
        "occupation": "آموزگار",
        "mobile": "09151234567",
        "under_guardianship": False,
    }
    return known | said


def couple(**said: Any) -> Json:
    body: Json = {
        "form": "adoption",
        "category": "childless-couple",
        "applicants": [applicant("female"), applicant("male")],
        "household": {
            "married_on": "2015-05-22",
            "own_children": 0,
            "lives_in_iran": True,
            "address": "بیرجند، خیابان مدرس ۱۴",
            "housing": "owned",
            "monthly_income_rials": 250_000_000,
        },
        "wishes": {"sex": "girl", "from_months": 0, "to_months": 60},
    }
    return body | said


def single_woman(**said: Any) -> Json:
    household = {"own_children": 0, "address": "بیرجند", "housing": "rented", "lives_in_iran": True}
    return couple(category="single-woman", applicants=[applicant()], household=household) | said


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def version_of(resource: Json) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


async def sent(client: httpx.AsyncClient, request: Json, step: str, body: Json | None = None) -> Json:
    """Take a step of a request (`:submit`, `/documents`), which has to succeed."""
    path = f"{REQUESTS}/{request['id']}{step}"
    answer = await client.post(path, json=body, headers=version_of(request))
    assert answer.is_success, f"{step}: {answer.text}"
    return dict(answer.json())


async def registered(client: httpx.AsyncClient, **said: Any) -> Json:
    answer = await client.post(REQUESTS, json=couple(**said))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def with_papers(client: httpx.AsyncClient, request: Json) -> Json:
    """Show every paper that is missing."""
    for lacking in request["missing"]:
        body = {"kind": lacking["code"], "applicant": lacking["applicant"], "number": "۱۴۰۴/۱۷"}
        request = await sent(client, request, "/documents", body)
    return request


async def submitted(client: httpx.AsyncClient, **said: Any) -> Json:
    request = await sent(client, await with_papers(client, await registered(client, **said)), ":submit")
    assert request["status"] == "submitted", request["missing"]
    return request


async def in_assessment(worker: httpx.AsyncClient, officer: httpx.AsyncClient, **said: Any) -> Json:
    request = await sent(officer, await submitted(worker, **said), ":accept")
    interview = {"made_on": "2026-01-05", "seen": SEEN_AT_INTERVIEW, "text": "خانوادهٔ کیهان‌دوست آرام و مهربان‌اند"}
    return await sent(worker, request, ":record-interview", interview)


async def answered(officer: httpx.AsyncClient, request: Json, check: str, *, passed: bool = True) -> Json:
    request = await sent(officer, request, f"/checks/{check}:ask", {"asked_of": "پزشکی قانونی بیرجند"})
    answer = {"passed": passed, "answered_on": "2026-01-10", "reference": "پ/۱۲۳", "note": "فرنگیس سالم است"}
    return await sent(officer, request, f"/checks/{check}:answer", answer)


async def before_the_committee(worker: httpx.AsyncClient, officer: httpx.AsyncClient, **said: Any) -> Json:
    request = await in_assessment(worker, officer, **said)
    for check in CHECKS:
        request = await answered(officer, request, check)
    visit = {"made_on": "2026-02-01", "seen": SEEN_AT_HOME, "text": "خانهٔ فرنگیس کیهان‌دوست اتاق کودک دارد"}
    request = await sent(worker, request, ":record-home-visit", visit)
    return await sent(officer, request, ":refer")


async def decided(
    one: httpx.AsyncClient, other: httpx.AsyncClient, request: Json, outcome: str = "approve", **said: Any
) -> Json:
    """Let one member propose and another confirm; the request as it stands then."""
    body = {"outcome": outcome, "session_on": "2026-02-10", "minutes": "۱۲", "reason": "همهٔ شرط‌ها هست"} | said
    path = f"{DOSSIERS}/{request['id']}/decisions"
    proposed = await one.post(path, json=body, headers=version_of(request))
    assert proposed.status_code == 201, proposed.text
    confirmed = await other.post(f"{path}/{proposed.json()['id']}:confirm", headers=version_of(proposed.json()))
    assert confirmed.status_code == 200, confirmed.text
    return dict(confirmed.json()["request"])
