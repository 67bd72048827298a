"""A host family: called by the working group without a court, until the child goes back."""

from uuid import UUID

import httpx
from adoption_samples import REQUESTS, code_of, registered, sent, version_of
from placing_samples import QUEUE, let_wait, set_rule, waiting

from shared.chassis.actor import Actor
from shared.testing.plugin import Running


async def test_a_host_family_waits_in_a_queue_of_its_own_and_takes_a_child_in_until_it_goes_back(
    running: Running, worker: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    host = await registered(worker, form="temporary-care")
    adopters = await waiting(running, worker)
    await let_wait(running, host)
    async with running.database.command(Actor.system("adoption")) as command:
        await command.connection.execute("UPDATE request SET process = 'working-group' WHERE id = $1", UUID(host["id"]))
    entry = (await officer.get(f"{QUEUE}/{host['id']}")).json()
    assert (entry["position"], entry["waiting"], entry["group"]) == (1, 1, "not-named")
    body = {"begun_on": "2026-03-01", "child_birth_date": "2008-03-02", "reference": "کارگروه ۷"}
    path = f"{REQUESTS}/{host['id']}:begin-care"
    assert code_of(await officer.post(path, json=body, headers=version_of(host))) == (409, "rule-not-set")
    await set_rule(running, "temporary-care-child-under-years", 18)
    too_old = body | {"child_birth_date": "2008-02-28"}
    answer = await officer.post(path, json=too_old, headers=version_of(host))
    assert (code_of(answer), answer.json()["limit"]) == ((422, "care-child-too-old"), 18)
    host = await sent(officer, host, ":begin-care", body)
    assert (host["status"], host["allowed"]) == ("placed", ["end-care"])
    assert (await officer.get(f"{QUEUE}/{host['id']}")).json()["state"] == "left"
    host = await sent(officer, host, ":end-care", {"ended_on": "2026-06-01", "reason": "returned-to-family"})
    assert (host["status"], host["allowed"]) == ("ended", [])
    read = (await officer.get(f"{REQUESTS}/{host['id']}")).json()
    assert [(each["kind"], each["reference"]) for each in read["reports"]] == [
        ("care-begun", "کارگروه ۷"),
        ("care-ended", None),
    ]
    # whom a court gives a child is not called this way
    path = f"{REQUESTS}/{adopters['id']}:begin-care"
    assert code_of(await officer.post(path, json=body, headers=version_of(adopters))) == (
        409,
        "adoption-step-not-allowed",
    )
