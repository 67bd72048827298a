"""What is due by which day, and who is told when it was not done."""

from datetime import timedelta

import httpx
from adoption_samples import Json, code_of, registered, sent, submitted, version_of
from placing_samples import DEADLINES

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import Running
from svc_adoption.days import months_later
from svc_adoption.deadlines import service


async def due(client: httpx.AsyncClient, **filters: object) -> list[Json]:
    answer = await client.get(DEADLINES, params=filters)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_the_court_has_the_opinion_within_two_months(
    running: Running, worker: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    request = await submitted(worker)
    await registered(worker)  # of a draft nothing is due
    (opinion,) = await due(officer)
    assert (opinion["kind"], opinion["due_on"], opinion["rule"], opinion["overdue"]) == (
        "court-opinion",
        months_later(today(), 2).isoformat(),
        "adoption-opinion-months",
        False,
    )
    # whose day is over is told once, by ids
    async with running.database.command(Actor.system("adoption")) as command:
        assert await service.tell(command, on=months_later(today(), 2)) == 0
        assert await service.tell(command, on=months_later(today(), 2) + timedelta(days=1)) == 1
        assert await service.tell(command, on=months_later(today(), 3)) == 0
        await command.connection.execute("UPDATE deadline SET due_on = $1", today() - timedelta(days=1))
    (event,) = await running.events(type="pl.adoption.deadline.passed.v1", count=1)
    assert set(event.data) == {"jurisdiction", "deadline_id", "request_id", "kind", "due_on"}
    (opinion,) = await due(officer, overdue=True, kind="court-opinion")
    assert await due(officer, overdue=False) == []

    met = {"done_on": today().isoformat(), "reference": "29/1405/1182"}
    path = f"{DEADLINES}/{opinion['id']}:meet"
    for body in (met | {"done_on": "2026-01-01"}, met | {"done_on": "2031-01-01"}):
        assert code_of(await officer.post(path, json=body, headers=version_of(opinion))) == (422, "day-impossible")
    named = met | {"reference": "فرنگیس کیهان‌دوست"}
    assert code_of(await officer.post(path, json=named, headers=version_of(opinion))) == (422, "invalid-input")
    done = await officer.post(path, json=met, headers=version_of(opinion))
    assert (done.json()["done_on"], done.json()["overdue"]) == (met["done_on"], False)
    again = await officer.post(path, json=met, headers=version_of(done.json()))
    assert code_of(again) == (409, "deadline-step-not-allowed")
    assert await due(officer) == []
    (kept,) = await due(officer, request_id=request["id"])
    assert kept == done.json() == (await officer.get(f"{DEADLINES}/{kept['id']}")).json()


async def test_certificates_age_out_and_a_newer_one_counts(
    worker: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    request = await registered(worker)
    for days, applicant in ((10, 0), (400, 0), (20, 1)):
        paper = {"kind": "job", "applicant": applicant, "valid_until": str(today() + timedelta(days=days))}
        request = await sent(worker, request, "/documents", paper)
    listed = await due(officer, kind="document")
    assert [(each["about"], each["due_on"]) for each in listed] == [
        ("job/1", str(today() + timedelta(days=20))),
        ("job/0", str(today() + timedelta(days=400))),
    ]
    assert [each["about"] for each in await due(officer, due_within_days=30)] == ["job/1"]
    first = (await officer.get(DEADLINES, params={"limit": 1})).json()
    second = (await officer.get(DEADLINES, params={"limit": 1, "after": first["next"]})).json()
    assert [*first["items"], *second["items"]] == listed
    # with the request everything ends that was due about it
    await sent(worker, request, ":withdraw", {"reason": "other"})
    assert await due(officer) == []
