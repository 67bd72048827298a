"""Genetic cases: who may know of them, what the database holds, and who decides."""

import base64
import json

import httpx
import pytest
from genetic_samples import CASES, couple, opened
from genetic_samples import read as read_case
from screening_samples import code_of, version_of

from shared.chassis.actor import Actor
from shared.chassis.sealing import SealBroken, Seals
from shared.testing.plugin import Running
from svc_screening.genetics.service import seal_anew


async def test_nothing_decides_until_a_rule_is_signed_off(
    screener: httpx.AsyncClient, headquarters: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    case = await opened(screener, couple())
    assert (case["state"], case["decision"]["outcome"], case["decision"]["rule"]) == ("open", "undecided", "high-risk")
    protocol = "/v1/screening-programmes/genetics/protocols/1"
    read = (await headquarters.get(protocol)).json()
    rule = f"{protocol}/rules/high-risk"
    limit = {"figures": {"yes": 3}, "source": "مصوبه"}
    read = (await headquarters.put(rule, json=limit, headers=version_of(read))).json()
    assert (await second.post(f"{rule}:sign-off", headers=version_of(read))).status_code == 200
    decided = await screener.post(f"{CASES}/{case['id']}:decide", headers=version_of(case))
    assert decided.json()["state"] == "referred"
    assert (await read_case(screener, case))["decision"]["outcome"] == "refer"
    low = await opened(screener, couple(yes=1))
    assert (low["state"], low["decision"]["outcome"]) == ("done", "normal")
    body = {"outcome": "tests-advised", "note": "آزمایش سطح دو"}
    path = f"{CASES}/{case['id']}:counsel"
    assert code_of(await screener.post(path, json=body, headers=version_of(case))) == (412, "precondition-failed")
    after = await screener.post(path, json=body, headers=version_of(decided.json()))
    assert after.json()["state"] == "counselled"
    assert (await read_case(screener, case))["counselling"] == body
    again = await screener.post(path, json=body, headers=version_of(after.json()))
    assert code_of(again) == (409, "genetic-step-not-allowed")


async def test_the_database_lists_and_events_tell_ids_and_states_alone(
    running: Running, screener: httpx.AsyncClient
) -> None:
    body = couple()
    case = await opened(screener, body, **{"Idempotency-Key": "once"})
    secret = ["رستگار", "مریم", "عموزاده", body["persons"][0]["identity"]["value"], "marriage", "undecided"]
    async with running.database.query(Actor.system("screening")) as query:
        kept = await query.fetchval("SELECT (row_to_json(c) #>> '{}') FROM genetic_case AS c")
        raw = await query.fetchval("SELECT sealed FROM genetic_case")
        outbox = await query.fetchval("SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM outbox")
        answers = await query.fetchval("SELECT string_agg(convert_from(body, 'UTF8'), '') FROM idempotency_key")
    assert case["id"] in answers
    listed = await screener.get(CASES)
    assert set(listed.json()["items"][0]) == {"id", "version", "jurisdiction", "state", "opened_on"}
    (event,) = await running.events(type="pl.screening.genetic-case.changed.v1", count=1)
    assert set(event.data) == {"jurisdiction", "case_id", "version", "state"}
    for text in secret:
        for place in (kept, raw.decode("latin-1"), outbox, answers, listed.text, event.to_json().decode()):
            assert text not in place
    assert (await screener.get(f"{CASES}/{case['id']}")).json() == case


async def test_a_person_is_found_by_a_number_that_is_kept_nowhere(
    screener: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    body = couple()
    case = await opened(screener, body)
    await opened(screener, couple())
    wanted = {"identity": body["persons"][0]["identity"]}
    (found,) = (await screener.post(f"{CASES}:search", json=wanted)).json()["items"]
    assert found["id"] == case["id"]
    assert (await neighbour.post(f"{CASES}:search", json=wanted)).json() == {"items": []}


async def test_what_is_sealed_opens_in_its_own_row_alone(running: Running, screener: httpx.AsyncClient) -> None:
    one, other = await opened(screener, couple()), await opened(screener, couple())
    async with running.database.command(Actor.system("screening")) as command:
        await command.connection.execute(
            "UPDATE genetic_case SET sealed = (SELECT sealed FROM genetic_case WHERE id = $1) WHERE id = $2",
            one["id"],
            other["id"],
        )
    assert (await screener.get(f"{CASES}/{one['id']}")).status_code == 200
    assert code_of(await screener.get(f"{CASES}/{other['id']}")) == (500, "internal")


async def test_a_new_key_seals_anew_and_finds_again(running: Running, screener: httpx.AsyncClient) -> None:
    body = couple()
    case = await opened(screener, body)
    held = json.loads(running.settings.sealing_keys.get_secret_value())  # type: ignore[attr-defined]
    newer = base64.b64encode(b"n" * 32).decode()
    both, alone = Seals.parse(json.dumps(held | {"newer": newer})), Seals.parse(json.dumps({"newer": newer}))
    async with running.database.command(Actor.system("screening")) as command:
        assert await seal_anew(command, seals=both) == 1
        assert await seal_anew(command, seals=both) == 0
        row = await command.connection.fetchrow("SELECT * FROM genetic_case")
    place = f"genetic_case.sealed.{case['id']}"
    assert "رستگار" in alone.open(row["sealed"], key_id=row["key_id"], place=place).decode()
    said = f"national:{body['persons'][0]['identity']['value']}"
    assert row["identities"] == [alone.index(said, place="genetic_case.identities")]
    with pytest.raises(SealBroken):
        Seals.parse(json.dumps(held)).open(row["sealed"], key_id=row["key_id"], place=place)
