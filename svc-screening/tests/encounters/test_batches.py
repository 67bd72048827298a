"""Encounters made without a network: in any order, any number of times, each line by itself."""

import random
from typing import Any

import httpx
from screening_samples import (
    Json,
    code_of,
    encounter,
    eyes,
    made,
    not_there,
    recorded,
    registered,
)

from shared.kit.ids import new_id
from shared.testing.plugin import Running

BATCH = "/v1/screening-encounters:batch"


async def sent(client: httpx.AsyncClient, *bodies: Any) -> Json:
    answer = await client.post(BATCH, json={"encounters": bodies})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert len(found["items"]) == len(bodies)
    return found


async def state(client: httpx.AsyncClient, people: list[Json]) -> list[Any]:
    read = [(await client.get(f"/v1/screening-people/{each['id']}")).json()["screenings"] for each in people]
    encounters = (await client.get("/v1/screening-encounters", params={"limit": 200})).json()["items"]
    for each in encounters:
        del each["recorded_at"]
    return [read, encounters]


async def test_in_any_order_and_twice_over_the_end_is_the_same(
    screener: httpx.AsyncClient, base: Json, running: Running
) -> None:
    people = [await registered(screener) for _ in range(4)]
    story: list[Json] = []
    for number, child in enumerate(people):
        first = encounter(child["id"], base, eyes("5/10", "10/10"), made_at=made(72 + number))
        story.append(first)
        story.append(not_there(child["id"], base, made_at=made(48)))
        if number:
            repeat = encounter(
                child["id"], base, eyes(f"{4 + number * 2}/10", "10/10"), made_at=made(24), stage="repeat"
            )
            story.append(repeat | {"repeat_of": first["id"]})
    random.Random(7).shuffle(story)
    said = await sent(screener, *story)
    assert (said["recorded"], said["refused"]) == (len(story), 0)
    end = await state(screener, people)
    assert {each[0]["outcome"] for each in end[0]} == {"rescreen", "refer", "normal"}
    random.Random(8).shuffle(story)
    again = await sent(screener, *story)
    assert (again["recorded"], again["unchanged"], again["refused"]) == (0, len(story), 0)
    for part in (story[:3], story[3:7], story[7:]):
        await sent(screener, *part)
    assert await state(screener, people) == end
    events = await running.events(type="pl.screening.encounter.recorded.v1", count=len(story))
    assert len({event.data["encounter_id"] for event in events}) == len(story)


async def test_one_by_one_comes_to_the_same_as_a_batch(screener: httpx.AsyncClient, base: Json) -> None:
    one, other = await registered(screener), await registered(screener)
    outcomes = []
    for child in (one, other):
        first = encounter(child["id"], base, eyes("5/10"), made_at=made(10))
        repeat = encounter(child["id"], base, eyes("5/10"), made_at=made(9), stage="repeat", repeat_of=first["id"])
        if child is one:
            for body in (repeat, first):
                await recorded(screener, body)
        else:
            await sent(screener, repeat, first)
        (screening,) = (await screener.get(f"/v1/screening-people/{child['id']}")).json()["screenings"]
        outcomes.append((screening["outcome"], screening["stage"], screening["programme_year"]))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][:2] == ("refer", "repeat")


async def test_a_wrong_line_is_refused_by_itself(screener: httpx.AsyncClient, base: Json) -> None:
    child = await registered(screener)
    good, same = encounter(child["id"], base), encounter(child["id"], base)
    said = await sent(
        screener,
        good,
        {"id": "x"},
        encounter(new_id(), base),
        encounter(child["id"], base, programme="genetics"),
        same,
        same | {"result": eyes("1/10")},
        good,
        encounter(child["id"], base) | {"outcome": "normal"},
        {},
    )
    shown = [(item["outcome"], [(each["pointer"], each["code"]) for each in item["errors"]]) for item in said["items"]]
    assert shown[0] == ("recorded", [])
    assert said["items"][0]["decision"] == "normal"
    assert shown[1][0] == "refused"
    assert ("/id", "uuid-parsing") in shown[1][1]
    assert shown[2] == ("refused", [("/person_id", "person-unknown")])
    assert shown[3] == ("refused", [("/programme", "sealed-programme")])
    assert shown[4] == ("recorded", [])
    assert shown[5] == ("refused", [("/id", "encounter-id-reused")])
    assert shown[6] == ("unchanged", [])
    assert shown[7] == ("refused", [("/outcome", "extra-forbidden")])
    assert shown[8][0] == "refused"
    assert said["items"][8]["id"] is None
    assert (said["recorded"], said["unchanged"], said["refused"]) == (2, 1, 6)


async def test_a_batch_has_an_end(screener: httpx.AsyncClient, base: Json) -> None:
    for encounters in ([], [{}] * 501, "all", [1]):
        assert code_of(await screener.post(BATCH, json={"encounters": encounters})) == (422, "invalid-input")


async def test_an_id_that_is_somebody_elses_is_refused_without_a_word_about_whose(
    screener: httpx.AsyncClient, base: Json, neighbour: httpx.AsyncClient, base_elsewhere: Json
) -> None:
    theirs = await recorded(neighbour, encounter((await registered(neighbour))["id"], base_elsewhere))
    mine = encounter((await registered(screener))["id"], base, id=theirs["id"])
    said = await sent(screener, mine)
    assert [each["code"] for each in said["items"][0]["errors"]] == ["encounter-id-reused"]
    assert code_of(await screener.get(f"/v1/screening-encounters/{theirs['id']}")) == (404, "not-found")
