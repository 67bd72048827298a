"""What the programmes say, and how that comes to decide."""

from datetime import timedelta

import httpx
from screening_samples import Json, code_of, next_version, pointers, rule_of, version_of

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs

VISION = "/v1/screening-programmes/vision"
LIMITS = f"{VISION}/protocols/1/rules/photoscreener-limits"
FIGURES = {"myopia": 150, "hyperopia": 250, "astigmatism": 150, "anisometropia": 100}
TOMORROW = str(today() + timedelta(days=1))


async def protocol(client: httpx.AsyncClient, number: int = 1) -> Json:
    answer = await client.get(f"{VISION}/protocols/{number}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_what_is_published_decides_and_what_is_not_waits_for_a_signature(headquarters: httpx.AsyncClient) -> None:
    found = (await headquarters.get("/v1/screening-programmes")).json()["items"]
    assert [each["code"] for each in found] == ["autism", "genetics", "hearing-newborn", "hearing-preschool", "vision"]
    of = {each["code"]: each["protocol"] for each in found}
    below = rule_of(of["vision"], "either-eye-below")
    assert (below["standing"], below["figures"]) == ("confirmed", {"numerator": 20, "denominator": 30})
    assert "Khandekar" in below["source"]
    limits = rule_of(of["vision"], "photoscreener-limits")
    assert (limits["standing"], limits["figures"]) == ("proposed", None)
    assert rule_of(of["autism"], "more-than-three-yes")["figures"] == {"yes": 3}
    assert rule_of(of["hearing-newborn"], "aabr-in-2-to-4-weeks")["figures"] == {"from_days": 14, "to_days": 28}
    assert rule_of(of["genetics"], "high-risk")["standing"] == "proposed"


async def test_anybody_who_is_signed_in_reads_the_rules(client_as: ClientAs) -> None:
    nobody = await client_as("social-worker", None)
    assert (await nobody.get(VISION)).json()["protocol"]["number"] == 1
    assert code_of(await nobody.get("/v1/screening-programmes/teeth")) == (404, "not-found")


async def test_a_proposal_decides_once_another_person_has_signed_it(
    headquarters: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    read = await protocol(headquarters)
    assert code_of(await second.post(f"{LIMITS}:sign-off", headers=version_of(read))) == (409, "rule-incomplete")
    for wrong in ({"figures": {"yes": 3}}, {"figures": FIGURES, "from_months": 50, "to_months": 40}):
        answer = await headquarters.put(LIMITS, json=wrong | {"source": "x"}, headers=version_of(read))
        assert (code_of(answer), pointers(answer)) == ((422, "invalid-input"), ["/figures"])
    body = {"figures": FIGURES, "source": "صورتجلسهٔ کمیتهٔ بینایی"}
    proposed = (await headquarters.put(LIMITS, json=body, headers=version_of(read))).json()
    assert rule_of(proposed, "photoscreener-limits")["figures"] == FIGURES
    own = await headquarters.post(f"{LIMITS}:sign-off", headers=version_of(proposed))
    assert code_of(own) == (403, "second-person-needed")
    unread = await second.post(f"{LIMITS}:sign-off", headers=version_of(read))
    assert code_of(unread) == (412, "precondition-failed")
    signed = (await second.post(f"{LIMITS}:sign-off", headers=version_of(proposed))).json()
    rule = rule_of(signed, "photoscreener-limits")
    assert (rule["standing"], rule["proposed_by"], rule["signed_off_by"]) == ("signed-off", "first", "second")
    again = await headquarters.put(LIMITS, json=body, headers=version_of(signed))
    assert code_of(again) == (409, "rule-already-decides")


async def test_a_next_version_holds_from_its_day_and_only_what_changed_has_to_be_signed_again(
    headquarters: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    body = next_version(await protocol(headquarters), valid_from=TOMORROW, two_lines_apart={"lines": 3})
    draft = await headquarters.post(f"{VISION}/protocols", json=body)
    assert (draft.status_code, draft.headers["Location"]) == (201, f"{VISION}/protocols/2")
    written = draft.json()
    assert rule_of(written, "either-eye-below")["standing"] == "confirmed"
    assert rule_of(written, "two-lines-apart")["standing"] == "proposed"
    sign_off = f"{VISION}/protocols/2:sign-off"
    assert code_of(await headquarters.post(sign_off, headers=version_of(written))) == (403, "second-person-needed")
    signed = (await second.post(sign_off, headers=version_of(written))).json()
    assert signed["status"] == "signed-off"
    assert code_of(await second.post(sign_off, headers=version_of(signed))) == (409, "protocol-not-draft")
    assert (await headquarters.get(VISION)).json()["protocol"]["number"] == 1, "tomorrow is not today"
    listed = (await headquarters.get(f"{VISION}/protocols")).json()["items"]
    assert [each["number"] for each in listed] == [2, 1]


async def test_a_version_never_reaches_back(headquarters: httpx.AsyncClient, second: httpx.AsyncClient) -> None:
    body = next_version(await protocol(headquarters), valid_from=str(today()))
    written = (await headquarters.post(f"{VISION}/protocols", json=body)).json()
    answer = await second.post(f"{VISION}/protocols/2:sign-off", headers=version_of(written))
    assert code_of(answer) == (409, "protocol-too-late")


async def test_a_version_that_does_not_fit_together_is_refused(headquarters: httpx.AsyncClient) -> None:
    read = await protocol(headquarters)
    for change in (
        {"stages": [{**read["stages"][0], "then": "nowhere"}]},
        {"stages": [{**read["stages"][0], "instruments": ["ruler"]}]},
        {"rules": [{**next_version(read, valid_from=TOMORROW)["rules"][0], "stages": ["third"]}]},
        {"rules": [{**next_version(read, valid_from=TOMORROW)["rules"][0], "kind": "ear-referred", "figures": {}}]},
        {"rules": next_version(read, valid_from=TOMORROW)["rules"][:1] * 2},
        {"from_months": 40, "to_months": 30},
    ):
        body = next_version(read, valid_from=TOMORROW) | change
        assert code_of(await headquarters.post(f"{VISION}/protocols", json=body)) == (422, "invalid-input"), change
