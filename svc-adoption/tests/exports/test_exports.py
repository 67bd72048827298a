"""Names leave by two people: one asks, another allows, and only who asked fetches, within a day."""

import json

import httpx
from adoption_samples import CENTER, COUNTY, EXPORTS, PROVINCE, code_of, couple, registered, version_of

from shared.chassis.actor import Actor
from shared.testing.plugin import ClientAs, Running


async def test_two_people_and_a_day(
    running: Running, worker: httpx.AsyncClient, officer: httpx.AsyncClient, client_as: ClientAs
) -> None:
    family = couple()
    made = [await registered(worker, applicants=family["applicants"]), await registered(worker)]
    second = await client_as("adoption-officer", COUNTY, subject="second")
    province = await client_as("adoption-officer", PROVINCE)
    asked = (await officer.post(EXPORTS, json={"purpose": "court", "letter": "۱۴۰۴/۸"})).json()
    path = f"{EXPORTS}/{asked['id']}"
    early = await officer.get(f"{path}/content")
    assert (code_of(early), early.json()["allowed"]) == ((409, "export-step-not-allowed"), ["approve", "refuse"])
    assert code_of(await officer.post(f"{path}:approve", headers=version_of(asked))) == (
        409,
        "second-person-for-export",
    )
    approved = await second.post(f"{path}:approve", headers=version_of(asked))
    assert (approved.json()["state"], approved.json()["decided_by"]) == ("approved", "second")
    for other in (second, province):
        assert code_of(await other.get(f"{path}/content")) == (409, "not-yours-to-fetch")
    content = await officer.get(f"{path}/content")
    assert content.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in content.text.splitlines()]
    assert [each["id"] for each in lines] == [each["id"] for each in made]
    assert lines[0]["applicants"][0]["identity"] == family["applicants"][0]["identity"]
    assert lines[0]["wishes"]["to_months"] == 60
    async with running.database.command(Actor.system("adoption")) as command:
        await command.connection.execute("UPDATE export SET decided_at = decided_at - interval '25 hours'")
    assert code_of(await officer.get(f"{path}/content")) == (409, "export-out-of-date")
    # a province's officer allows what the county's asked for; what was allowed can be stopped
    narrow = {"purpose": "handover", "letter": "۲", "filters": {"status": "final"}}
    asked = (await officer.post(EXPORTS, json=narrow)).json()
    path = f"{EXPORTS}/{asked['id']}"
    approved = await province.post(f"{path}:approve", headers=version_of(asked))
    empty = await officer.get(f"{path}/content")
    assert (empty.status_code, empty.text) == (200, "")
    refused = await second.post(f"{path}:refuse", headers=version_of(approved.json()))
    assert refused.json()["state"] == "refused"
    assert code_of(await officer.get(f"{path}/content")) == (409, "export-step-not-allowed")
    listed = (await province.get(EXPORTS, params={"state": "refused", "limit": 1})).json()
    assert [each["id"] for each in listed["items"]] == [asked["id"]]
    center = await client_as("adoption-worker", CENTER)
    assert code_of(await center.get(EXPORTS)) == (403, "forbidden")
