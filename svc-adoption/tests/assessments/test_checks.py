"""Checks run side by side; an answer says what it says for as long as its paper is valid."""

import httpx
from adoption_samples import REQUESTS, SEEN_AT_HOME, answered, code_of, in_assessment, sent, version_of

from shared.chassis.actor import Actor
from shared.testing.plugin import Running


async def test_side_by_side_doubted_failed_and_out_of_date(
    running: Running, worker: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    request = await in_assessment(worker, officer)
    path = f"{REQUESTS}/{request['id']}"
    answer = {"passed": True, "answered_on": "2026-01-10"}
    early = await officer.post(f"{path}/checks/health:answer", json=answer, headers=version_of(request))
    assert code_of(early) == (409, "check-step-not-allowed")
    assert (early.json()["present"], early.json()["allowed"]) == ("awaited", ["ask"])
    request = await sent(officer, request, "/checks/health:ask", {"asked_of": "پزشکی قانونی"})
    for wrong in ({"answered_on": "2099-01-01"}, {"valid_until": "2020-01-01"}):
        refused = await officer.post(f"{path}/checks/health:answer", json=answer | wrong, headers=version_of(request))
        assert code_of(refused) == (422, "answer-out-of-date")
        assert refused.json()["errors"][0]["pointer"] == "/" + next(iter(wrong))
    unknown = await officer.post(f"{path}/checks/mood:ask", json={"asked_of": "x"}, headers=version_of(request))
    assert code_of(unknown) == (422, "invalid-input")
    for check in ("criminal-record", "counselling", "addiction"):
        request = await answered(officer, request, check, passed=check != "addiction")
        assert request["status"] == "assessment"
    # doubted, the answer is asked for again: the two that ran beside it stand
    request = await sent(officer, request, "/checks/addiction:ask", {"asked_of": "آزمایشگاه دوم"})
    request = await sent(officer, request, "/checks/health:answer", answer | {"valid_until": "2099-01-01"})
    assert request["status"] == "assessment"
    request = await sent(officer, request, "/checks/addiction:answer", answer | {"passed": False})
    assert request["status"] == "home-visit"
    checks = {each["kind"]: each for each in (await officer.get(path)).json()["checks"]}
    assert (checks["health"]["asked_of"], checks["health"]["valid_until"]) == ("پزشکی قانونی", "2099-01-01")
    assert {kind: each["state"] for kind, each in checks.items()} == {
        "health": "passed",
        "criminal-record": "passed",
        "addiction": "failed",
        "counselling": "passed",
    }
    visit = {"made_on": "2026-02-01", "seen": SEEN_AT_HOME, "text": "x"}
    request = await sent(officer, request, ":record-home-visit", visit)

    async def met() -> dict[str, bool | None]:
        return {each["code"]: each["met"] for each in (await officer.get(f"{path}/eligibility")).json()["findings"]}

    assert (await met())["no-addiction"] is False
    assert (await met())["health"] is True
    async with running.database.command(Actor.system("adoption")) as command:
        await command.connection.execute("UPDATE assessment SET valid_until = '2026-01-11' WHERE kind = 'health'")
    assert (await met())["health"] is None, "a paper that is out of date says nothing any more"
