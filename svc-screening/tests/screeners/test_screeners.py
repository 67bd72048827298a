"""Permits of limited validity, and what a screener's work came to."""

from datetime import timedelta

import httpx
from screening_samples import (
    CENTER,
    NEIGHBOUR,
    Json,
    code_of,
    encounter,
    eventually,
    eyes,
    made,
    pointers,
    recorded,
    registered,
    version_of,
)

from shared.chassis.actor import Actor
from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running

PERMITS = "/v1/screener-permits"


def permit(person: str, **fields: str) -> Json:
    said = {
        "person": person,
        "center": CENTER,
        "programme": "vision",
        "certificate": "۱۴۰۵/۱۲",
        "valid_from": str(today() - timedelta(days=10)),
        "valid_to": str(today() + timedelta(days=355)),
    }
    return said | fields


def posting(person: str, center: str = CENTER) -> PostingGrantedV1:
    return PostingGrantedV1(
        jurisdiction=Jurisdiction(center),
        posting_id=new_id(),
        version=1,
        person=person,
        role="screener",
        valid_from=today() - timedelta(days=30),
        granted_by="test",
    )


async def until_posted(running: Running, person: str, version: int = 1) -> None:
    async def known() -> bool:
        async with running.database.query(Actor.system("screening")) as query:
            sql = "SELECT version FROM screener_posting WHERE person = $1"
            return bool(await query.fetchval(sql, person) == version)

    await eventually(known)


async def test_whom_registry_posted_is_permitted_and_screens_until_that_ends(
    running: Running, county: httpx.AsyncClient, client_as: ClientAs, base: Json
) -> None:
    refused = await county.post(PERMITS, json=permit("sara"))
    assert (code_of(refused), pointers(refused)) == ((422, "screener-not-posted"), ["/person"])
    granted = posting("sara")
    await running.publish(granted)
    await until_posted(running, "sara")
    sara = await client_as("screener", CENTER, subject="sara")
    child = await registered(sara)
    assert code_of(await sara.post("/v1/screening-encounters", json=encounter(child["id"], base))) == (
        403,
        "screener-not-permitted",
    )
    held = (await county.post(PERMITS, json=permit("sara"))).json()
    assert held["valid_today"]
    await recorded(sara, encounter(child["id"], base))
    autism = encounter(child["id"], base, programme="autism")
    assert code_of(await sara.post("/v1/screening-encounters", json=autism)) == (403, "screener-not-permitted")
    before = encounter(child["id"], base, made_at=made(24 * 12))
    assert code_of(await sara.post("/v1/screening-encounters", json=before)) == (403, "screener-not-permitted")
    revoked = await county.post(
        f"{PERMITS}/{held['id']}:revoke", json={"reason": "پایان دوره"}, headers=version_of(held)
    )
    assert (revoked.json()["valid_today"], revoked.json()["revoked_on"]) == (False, str(today()))
    assert code_of(await sara.post("/v1/screening-encounters", json=encounter(child["id"], base, made_at=made(0)))) == (
        403,
        "screener-not-permitted",
    )
    # what was made while it was valid still comes in
    await recorded(sara, encounter(child["id"], base, made_at=made(48)))
    again = await county.post(
        f"{PERMITS}/{held['id']}:revoke", json={"reason": "باز"}, headers=version_of(revoked.json())
    )
    assert code_of(again) == (409, "permit-revoked")


async def test_a_posting_that_ended_permits_nothing_more(
    running: Running, county: httpx.AsyncClient, client_as: ClientAs, base: Json
) -> None:
    granted = posting("reza")
    await running.publish(granted)
    await until_posted(running, "reza")
    assert (await county.post(PERMITS, json=permit("reza"))).status_code == 201
    yesterday = today() - timedelta(days=1)
    await running.publish(PostingEndedV1(**granted.model_dump() | {"version": 2, "valid_to": yesterday}), granted)
    await until_posted(running, "reza", 2)
    reza = await client_as("screener", CENTER, subject="reza")
    child = await registered(reza)
    assert code_of(await reza.post("/v1/screening-encounters", json=encounter(child["id"], base, made_at=made(0)))) == (
        403,
        "screener-not-permitted",
    )
    assert code_of(await county.post(PERMITS, json=permit("reza"))) == (422, "screener-not-posted")


async def test_a_permit_has_an_end_and_a_place(county: httpx.AsyncClient, province: httpx.AsyncClient) -> None:
    screener = f"screener@{CENTER}"
    backwards = permit(screener, valid_to="2020-01-01")
    assert code_of(await county.post(PERMITS, json=backwards)) == (422, "invalid-input")
    endless = {name: value for name, value in permit(screener).items() if name != "valid_to"}
    assert pointers(await county.post(PERMITS, json=endless)) == ["/valid_to"]
    assert code_of(await county.post(PERMITS, json=permit(screener, programme="teeth"))) == (422, "programme-unknown")
    assert code_of(await county.post(PERMITS, json=permit(screener, center=NEIGHBOUR))) == (422, "screener-not-posted")
    assert code_of(await county.post(PERMITS, json=permit(screener, center="2902001"))) == (403, "scope-forbidden")
    assert (await province.post(PERMITS, json=permit(screener))).status_code == 201
    mine = (await county.get(PERMITS, params={"person": screener, "programme": "vision"})).json()["items"]
    assert len(mine) == 2


async def test_how_often_a_repeat_agrees_is_held_against_the_first_test(
    screener: httpx.AsyncClient, county: httpx.AsyncClient, base: Json
) -> None:
    results = [("5/10", "5/10"), ("5/10", "9/10"), ("5/10", "9/10"), ("5/10", None), ("10/10", None)]
    for first, again in results:
        child = await registered(screener)
        test = await recorded(screener, encounter(child["id"], base, eyes(first, "10/10"), made_at=made(5)))
        if again is not None:
            repeat = encounter(child["id"], base, eyes(again, "10/10"), stage="repeat", repeat_of=test["id"])
            await recorded(screener, repeat)
    asked = {"programme": "vision", "made_from": str(today() - timedelta(days=1)), "made_to": str(today())}
    report = (await county.get("/v1/screener-quality", params=asked)).json()
    (line,) = report["items"]
    assert line == {
        "person": f"screener@{CENTER}",
        "center": CENTER,
        "examined": 8,
        "not_testable": 0,
        "failed_first": 4,
        "repeated": 3,
        "confirmed_by_repeat": 1,
        "retest_agreement": 1 / 3,
        "referred": 1,
        "undecided": 0,
    }
