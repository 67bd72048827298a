"""Which child may be placed, what is kept of one, and who stays together."""

import asyncio
import json

import httpx
import pytest
from adoption_samples import OTHER_COUNTY, OTHER_PROVINCE, Json, code_of, version_of
from placing_samples import CHILDREN, child, child_registered

from shared.chassis.actor import Actor
from shared.testing.plugin import ClientAs, Running


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"basis": "unclaimed", "in_care_since": "2025-01-20"}, "/in_care_since", "claimed-lately"),
        ({"birth_date": "2010-01-01"}, "/birth_date", "too-old"),
        ({"in_care_since": "2030-01-01"}, "/birth_date", "in-the-future"),
    ],
)
async def test_article_8_says_who_may_be_placed(
    officer: httpx.AsyncClient, said: Json, pointer: str, code: str
) -> None:
    answer = await officer.post(CHILDREN, json=child(**said))
    assert code_of(answer) == (422, "child-not-eligible")
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [(pointer, code)]


async def test_what_names_a_child_is_sealed_and_told_to_who_opens_it_alone(
    running: Running, officer: httpx.AsyncClient, client_as: ClientAs
) -> None:
    body = child(basis="unclaimed", in_care_since="2024-01-01")
    registered = await child_registered(officer, **body)
    assert set(registered) == {
        "id", "version", "jurisdiction", "state", "sex", "born_in", "health", "together", "siblings_id",
    }  # fmt: skip
    assert (registered["state"], registered["born_in"], registered["together"]) == ("eligible", "1403-02", 1)
    read = await officer.get(f"{CHILDREN}/{registered['id']}")
    assert {name: read.json()[name] for name in body if name != "given_name"} == {
        name: value for name, value in body.items() if name != "given_name"
    }
    listed = await officer.get(CHILDREN, params={"state": "eligible"})
    assert listed.json()["items"] == [registered]
    (event,) = await running.events(type="pl.adoption.child.changed.v1", count=1)
    async with running.database.query(Actor.system("adoption")) as query:
        kept = await query.fetchval("SELECT c::text || (SELECT string_agg(o::text, '') FROM outbox o) FROM child c")
    for secret in (body["identity"]["value"], "نیک‌سیرت", "رزان", "آفتاب", "2024-05-10", "۱۴۰۴/۳۳"):
        for place in (kept, listed.text, json.dumps(event.data), json.dumps(registered)):
            assert secret not in place
    other = await client_as("adoption-officer", OTHER_COUNTY[:4])
    assert code_of(await other.get(f"{CHILDREN}/{registered['id']}")) == (404, "not-found")
    assert code_of(await other.post(CHILDREN, json=child())) == (403, "scope-forbidden")


async def test_no_child_is_registered_twice_by_whichever_office_and_at_the_same_moment(
    officer: httpx.AsyncClient, client_as: ClientAs
) -> None:
    elsewhere = await client_as("adoption-officer", OTHER_PROVINCE[:2])
    here, there = child(), child(jurisdiction=None)
    there["identity"] = here["identity"]
    answers = await asyncio.gather(
        *(client.post(CHILDREN, json=body) for client, body in [(officer, here), (elsewhere, there)] * 2)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert (code_of(refused), "id" in refused.json()) == ((409, "child-known"), False)
    # once withdrawn, the child may be registered anew
    (registered,) = (answer for answer in answers if answer.status_code == 201)
    client = officer if registered.json()["jurisdiction"] == "2901" else elsewhere
    path = f"{CHILDREN}/{registered.json()['id']}:withdraw"
    assert (await client.post(path, json={"reason": "خطا"}, headers=version_of(registered.json()))).status_code == 200
    assert (await elsewhere.post(CHILDREN, json=there)).status_code == 201


async def test_brothers_and_sisters_stay_together(officer: httpx.AsyncClient) -> None:
    sister = await child_registered(officer)
    brother = await child_registered(officer, sex="boy", sibling_of=sister["id"])
    third = await child_registered(officer, sibling_of=brother["id"])
    assert (third["together"], third["siblings_id"]) == (3, brother["siblings_id"])
    stale = await officer.post(
        f"{CHILDREN}/{sister['id']}:withdraw", json={"reason": "عمه آمد"}, headers=version_of(sister)
    )
    assert code_of(stale) == (412, "precondition-failed"), "it stays with more than it did"
    read = (await officer.get(f"{CHILDREN}/{sister['id']}")).json()
    gone = await officer.post(
        f"{CHILDREN}/{sister['id']}:withdraw", json={"reason": "عمه آمد"}, headers=version_of(read)
    )
    assert gone.json()["state"] == "withdrawn"
    assert (await officer.get(f"{CHILDREN}/{third['id']}")).json()["together"] == 2
    assert code_of(await officer.post(CHILDREN, json=child(sibling_of=sister["id"]))) == (422, "siblings-unknown")
