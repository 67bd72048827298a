"""Whose turn it is by when, and what happens when the day goes by."""

from datetime import timedelta

import httpx
from licensing_samples import (
    Json,
    answered,
    association,
    code_of,
    executed,
    read,
    registered,
    sent,
    step,
    version_of,
    with_papers,
)

from shared.kit.calendar import today
from shared.testing.plugin import Running
from svc_licensing.applications.worker import look_once

YESTERDAY = today() - timedelta(days=1)


def clock(application: Json, code: str) -> Json:
    """The one that runs, or the last one that did."""
    return [each for each in application["deadlines"] if each["code"] == code][-1]


async def due(client: httpx.AsyncClient, days: int) -> str:
    found = await sent(client, "GET", "/v1/working-days", params={"since": str(today()), "days": days})
    day: str = found["day"]
    return day


async def test_clocks_start_stop_rest_and_go_on_by_what_happens(
    running: Running, manager: httpx.AsyncClient, officer: httpx.AsyncClient, secretary: httpx.AsyncClient
) -> None:
    application = await association(manager)
    founders = clock(application, "complete-file")
    assert (founders["office"], founders["due_on"]) == ("founder", None), "nobody has vouched for how long it may take"
    application = await step(manager, await with_papers(manager, application), "submit")
    assert clock(application, "complete-file")["stopped_at"] is not None

    application = await step(officer, application, "accept")
    assert (clock(application, "open-inquiries")["office"], clock(application, "open-inquiries")["due_on"]) == (
        "county",
        await due(officer, 3),
    )
    application = await step(officer, application, "open-inquiries")
    assert clock(application, "open-inquiries")["stopped_at"] is not None
    assert [each["code"] for each in application["deadlines"] if each["stopped_at"] is None] == []

    application = await answered(running, officer, application)
    assert clock(application, "send-on")["due_on"] == await due(officer, 7)
    degree = application["inquiries"][0]
    await sent(officer, "POST", f"/v1/licensing-inquiries/{degree['id']}:ask-again", headers=version_of(degree))
    resting = clock(await read(officer, application), "send-on")
    assert (resting["due_on"], resting["days_left"], resting["paused_at"] is None) == (None, 7, False)
    application = await answered(running, officer, application)
    assert clock(application, "send-on")["due_on"] == await due(officer, 7)

    application = await step(officer, application, "send-on")
    assert (clock(application, "review")["office"], clock(application, "review")["due_on"]) == (
        "province",
        await due(officer, 5),
    )
    back = {"remarks": "اساسنامه خوانا نیست", "papers": [{"code": "statute"}]}
    application = await step(secretary, application, "send-back", back)
    assert (application["status"], application["remarks"]) == ("incomplete", "اساسنامه خوانا نیست")
    assert [each["code"] for each in application["missing"]] == ["statute"]
    assert clock(application, "review")["days_left"] == 5
    application = await step(manager, await with_papers(manager, application), "submit")
    assert application["status"] == "sent-on", "it goes to whoever sent it back"
    assert clock(application, "review")["due_on"] == await due(officer, 5)


async def test_whose_turn_it_is_is_reminded_and_the_level_above_is_told_once(
    running: Running, manager: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    application = await step(manager, await with_papers(manager, await association(manager)), "submit")
    application = await step(officer, application, "accept")
    await executed(running, "UPDATE deadline SET due_on = $1 WHERE code = 'open-inquiries'", today())
    assert await look_once(running.database) == 1
    assert await look_once(running.database) == 0
    (reminded,) = await running.events(type="pl.licensing.licensing-deadline.reminded.v1", count=1)
    assert (reminded.data["code"], reminded.data["office"]) == ("open-inquiries", "county")
    await executed(running, "UPDATE deadline SET due_on = $1 WHERE code = 'open-inquiries'", YESTERDAY)
    assert await look_once(running.database) == 1
    assert await look_once(running.database) == 0
    (late,) = await running.events(type="pl.licensing.licensing-deadline.overdue.v1", count=1)
    assert (late.data["escalated_to"], late.jurisdiction.code) == ("29", "2901003")
    shown = clock(await read(officer, application), "open-inquiries")
    assert (shown["overdue"], shown["escalated_to"]) == (True, "29")
    listed = (await sent(officer, "GET", "/v1/licensing-deadlines", params={"overdue": True}))["items"]
    assert [(each["number"], each["office"]) for each in listed] == [(application["number"], "county")]
    report = await sent(officer, "GET", "/v1/licensing-overdue")
    assert report["items"] == [
        {
            "jurisdiction": "2901",
            "office": "county",
            "deadlines": 1,
            "inquiries": 0,
            "oldest_due_on": str(YESTERDAY),
        }
    ]
    assert (await sent(officer, "GET", "/v1/licensing-overdue", params={"by": "province"}))["items"][0][
        "jurisdiction"
    ] == "29"


async def test_a_founder_who_lets_the_file_lie_is_reminded_as_often_as_the_rule_says_and_then_it_lapses(
    running: Running, manager: httpx.AsyncClient, headquarters: httpx.AsyncClient
) -> None:
    asked = {"kind": "lapse", "licence": "agreement-in-principle"}
    (rule,) = (await sent(headquarters, "GET", "/v1/licence-requirements", params=asked))["items"]
    assert (rule["standing"], rule["figures"]) == ("proposed", {"days": 20, "reminders": 3})
    before = await registered(manager)
    path = f"/v1/licence-requirements/{rule['id']}:sign-off"
    await sent(headquarters, "POST", path, headers=version_of(rule))
    application = await registered(manager)
    assert clock(before, "complete-file")["due_on"] is None
    assert clock(application, "complete-file")["due_on"] == await due(manager, 20)
    for _ in range(3):
        await executed(running, "UPDATE deadline SET due_on = $1 WHERE due_on IS NOT NULL", YESTERDAY)
        assert await look_once(running.database) == 1
        shown = await read(manager, application)
        assert (shown["status"], clock(shown, "complete-file")["due_on"]) == ("registered", await due(manager, 20))
    await executed(running, "UPDATE deadline SET due_on = $1 WHERE due_on IS NOT NULL", YESTERDAY)
    assert await look_once(running.database) == 1
    lapsed = await read(manager, application)
    assert (lapsed["status"], clock(lapsed, "complete-file")["stopped_at"] is None) == ("lapsed", False)
    assert (await read(manager, before))["status"] == "registered"
    assert len(await running.events(type="pl.licensing.licensing-deadline.reminded.v1", count=3)) == 3
    (ended,) = await running.events(type="pl.licensing.licence-application.ended.v1", count=1)
    assert ended.data["reason"] == "lapsed"
    over = await manager.post(f"/v1/licence-applications/{application['id']}:withdraw", headers=version_of(lapsed))
    assert code_of(over) == (409, "application-step-not-allowed")


async def test_holidays_are_set_for_days_to_come(headquarters: httpx.AsyncClient) -> None:
    path = "/v1/official-holidays"
    for day in (str(today()), str(YESTERDAY)):
        assert code_of(await headquarters.post(path, json={"day": day, "name_fa": "x"})) == (409, "holiday-over")
    made = await sent(headquarters, "POST", path, json={"day": "1408/01/01", "name_fa": "نوروز"})
    assert (made["day"], made["day_jalali"]) == ("2029-03-20", "1408/01/01")
    assert code_of(await headquarters.post(path, json={"day": "2029-03-20", "name_fa": "x"})) == (409, "holiday-known")
    asked = {"since": "2029-03-19", "days": 1}
    assert (await sent(headquarters, "GET", "/v1/working-days", params=asked))["day"] == "2029-03-21"
    assert [each["day"] for each in (await sent(headquarters, "GET", path))["items"]] == ["2029-03-20"]
    assert (await headquarters.delete(f"{path}/2029-03-20")).status_code == 204
    assert code_of(await headquarters.delete(f"{path}/2029-03-20")) == (404, "not-found")
    assert (await sent(headquarters, "GET", "/v1/working-days", params=asked))["day"] == "2029-03-20"
