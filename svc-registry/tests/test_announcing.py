"""What others keep a copy of is announced: after migrating what came with the release, and again when asked."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from shared.chassis.actor import Actor
from shared.contracts.registry import (
    CatalogueServiceChangedV1,
    CenterClosedV1,
    CenterOpenedV1,
    CenterPlannedV1,
    CenterSuspendedV1,
    ParameterSetV1,
    PostingEndedV1,
    PostingGrantedV1,
    TariffSignedOffV1,
)
from shared.testing.plugin import Running
from svc_registry.main import prepare, republish

Make = Callable[..., Awaitable[dict[str, Any]]]


async def test_reference_data_is_announced_once(running: Running) -> None:
    for _ in range(2):
        async with running.database.command(Actor.system("registry")) as command:
            await prepare(command, running.settings)
    events = await running.events(count=38)
    services = [each.event for each in events if each.type == CatalogueServiceChangedV1.type]
    rules = [each.event for each in events if each.type == ParameterSetV1.type]
    assert {each.aggregate_id for each in services} == {f"S{number:02}" for number in range(1, 23)}
    assert sorted((each.name, each.value) for each in rules if isinstance(each, ParameterSetV1)) == [
        ("adoption-child-under-years", 16),
        ("adoption-children-at-most", 2),
        ("adoption-marriage-years", 5),
        ("adoption-one-spouse-over-years", 30),
        ("adoption-opinion-months", 2),
        ("adoption-senior-from-years", 50),
        ("adoption-single-from-years", 30),
        ("adoption-trial-months", 6),
        ("adoption-unclaimed-years", 2),
        ("files-per-center-maximum", 450),
        ("files-per-center-maximum", 600),
        ("files-per-center-minimum", 150),
        ("files-per-worker", 150),
        ("files-per-worker", 200),
        ("home-visit-interval-months", 6),
        ("temporary-care-child-under-years", 18),
    ]
    async with running.database.query(Actor.system("registry")) as query:
        assert await query.fetchval("SELECT count(*) FROM outbox") == 38


async def test_republishing_tells_the_present_state_of_everything(
    running: Running, make_center: Make, officer: httpx.AsyncClient, headquarters: httpx.AsyncClient
) -> None:
    statuses = ("planned", "open", "suspended", "closed")
    centers = {(await make_center(status))["code"]: status for status in statuses}
    grants = [{"person": person, "role": "county-officer", "jurisdiction": "2901"} for person in ("a", "b")]
    stays, ends = [(await officer.post("/v1/postings", json=body)).json()["id"] for body in grants]
    await officer.post(f"/v1/postings/{ends}:end", json={}, headers={"If-Match": '"1"'})
    tariff = {"service_code": "S03", "area_class": "urban", "jurisdiction": "29", "valid_from": "2026-03-21"}
    drafts = [(await officer.post("/v1/tariffs", json=tariff | {"amount_rials": n})).json()["id"] for n in (5, 6)]
    assert (await headquarters.post(f"/v1/tariffs/{drafts[0]}:sign-off")).status_code == 200

    async with running.database.query(Actor.system("registry")) as query:
        before = await query.fetchval("SELECT count(*) FROM outbox")
    async with running.database.command(Actor.system("registry")) as command:
        await republish(command)
    again = (await running.events(count=before + 4 + 2 + 22 + 16 + 1))[before:]

    told = {each.subject: (each.type, each.data) for each in again}
    assert len(told) == len(again)
    facts = {
        "planned": CenterPlannedV1,
        "open": CenterOpenedV1,
        "suspended": CenterSuspendedV1,
        "closed": CenterClosedV1,
    }
    for code, status in centers.items():
        kind, data = told[code]
        present = (await officer.get(f"/v1/centers/{code}")).json()
        assert (kind, data["status"], data["version"]) == (facts[status].type, status, present["version"])
    assert (told[stays][0], told[stays][1]["version"]) == (PostingGrantedV1.type, 1)
    assert (told[ends][0], told[ends][1]["version"]) == (PostingEndedV1.type, 2)
    assert told[drafts[0]][0] == TariffSignedOffV1.type
    assert drafts[1] not in told
