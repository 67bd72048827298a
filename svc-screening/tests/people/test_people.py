"""Children of households, people registered on the spot, and that nobody is counted twice."""

import asyncio
from datetime import date
from uuid import UUID

import httpx
from screening_samples import (
    CENTER,
    NEIGHBOUR,
    Json,
    born,
    code_of,
    encounter,
    eventually,
    eyes,
    file,
    know_people,
    member,
    national_id,
    pointers,
    recorded,
    registered,
    version_of,
)

from shared.chassis.actor import Actor
from shared.contracts.casefile import CaseFileChangedV1, CaseFileClosedV1, CaseFileMovedV1, CaseFileOpenedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running

PEOPLE = "/v1/screening-people"


async def person(client: httpx.AsyncClient, person_id: UUID | str) -> Json:
    answer = await client.get(f"{PEOPLE}/{person_id}")
    found: Json = answer.json() | {"status": answer.status_code}
    return found


async def version_known(running: Running, case_file_id: UUID, version: int) -> None:
    async def known() -> bool:
        async with running.database.query(Actor.system("screening")) as query:
            sql = "SELECT version FROM household WHERE case_file_id = $1"
            return bool(await query.fetchval(sql, case_file_id) == version)

    await eventually(known)


def later(opened: CaseFileOpenedV1, kind: type = CaseFileChangedV1, **fields: object) -> CaseFileChangedV1:
    said = opened.model_dump() | {"version": opened.version + 1, "changed": ()} | fields
    changed: CaseFileChangedV1 = kind(**said)
    return changed


async def test_of_a_household_its_children_are_known_by_id_day_of_birth_and_sex(
    running: Running, screener: httpx.AsyncClient
) -> None:
    child, unknown, adult = member(5), member(birth_date=None), member(40, relation="head")
    opened = file(child, unknown, adult)
    await know_people(running, opened)
    known = await person(screener, child.member_id)
    assert (known["case_file_number"], known["relation"], known["birth_date"]) == (opened.number, "child", str(born(5)))
    assert (known["given_name"], known["identity"], known["jurisdiction"]) == (None, None, CENTER)
    for other in (unknown, adult):
        assert (await person(screener, other.member_id))["status"] == 404
    found = (await screener.post(f"{PEOPLE}:search", json={"case_file_number": opened.number})).json()["items"]
    assert [each["id"] for each in found] == [str(child.member_id)]


async def test_a_person_moves_with_the_household_and_encounters_move_along(
    running: Running, screener: httpx.AsyncClient, neighbour: httpx.AsyncClient, base: Json
) -> None:
    child = member(5)
    opened = file(child)
    await know_people(running, opened)
    made = await recorded(screener, encounter(child.member_id, base))
    moved = later(
        opened,
        CaseFileMovedV1,
        jurisdiction=Jurisdiction(NEIGHBOUR),
        previous_jurisdiction=Jurisdiction(CENTER),
        effective_at="2026-11-22T08:00:00Z",
        reason="transfer",
    )
    await running.publish(moved)
    await version_known(running, opened.case_file_id, 2)
    assert (await person(screener, child.member_id))["status"] == 404
    assert code_of(await screener.get(f"/v1/screening-encounters/{made['id']}")) == (404, "not-found")
    seen = await person(neighbour, child.member_id)
    assert (seen["jurisdiction"], seen["screenings"][0]["outcome"]) == (NEIGHBOUR, "normal")
    read = (await neighbour.get(f"/v1/screening-encounters/{made['id']}")).json()
    assert read == made, "where it was made does not change"


async def test_events_that_come_late_change_nothing(running: Running, screener: httpx.AsyncClient) -> None:
    first, second = member(5), member(4)
    opened = file(first)
    changed = later(opened, members=(second,), version=3)
    await running.publish(changed, later(opened, members=(first, second), version=2), opened)
    await know_people(running, file(member()))
    assert (await person(screener, second.member_id))["present"]
    assert (await person(screener, first.member_id))["status"] == 404
    await running.publish(later(opened, members=(), version=4))
    await version_known(running, opened.case_file_id, 4)
    assert not (await person(screener, second.member_id))["present"], "has left the household"


async def test_in_a_closed_file_nobody_is_looked_for(running: Running, screener: httpx.AsyncClient) -> None:
    child = member(5)
    opened = file(child)
    await know_people(running, opened)
    closed = CaseFileClosedV1(
        jurisdiction=opened.jurisdiction,
        case_file_id=opened.case_file_id,
        version=2,
        closed_on=date(2026, 11, 1),
        reason="empowered",
    )
    await running.publish(closed)
    await version_known(running, opened.case_file_id, 2)
    assert not (await person(screener, child.member_id))["present"]


async def test_somebody_is_registered_on_the_spot_with_a_number_or_without(screener: httpx.AsyncClient) -> None:
    without = await registered(screener)
    assert (without["origin"], without["identity"], without["counts_as"]) == ("on-the-spot", None, without["id"])
    number = national_id()
    persian = number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    known = await registered(screener, identity={"type": "national", "value": persian}, given_name="سارا")
    assert known["identity"] == {"type": "national", "value": number}
    again = await screener.post(
        PEOPLE, json={"birth_date": str(born(5)), "identity": {"type": "national", "value": number}}
    )
    assert (code_of(again), again.json()["person_id"]) == ((409, "person-known"), known["id"])
    found = await screener.post(f"{PEOPLE}:search", json={"identity": {"type": "national", "value": number}})
    assert [each["id"] for each in found.json()["items"]] == [known["id"]]
    temporary = {"type": "temporary", "value": "2901003-0017"}
    assert (await registered(screener, identity=temporary))["id"] != (await registered(screener, identity=temporary))[
        "id"
    ]


async def test_a_device_registers_the_same_person_any_number_of_times(screener: httpx.AsyncClient) -> None:
    body = {"id": str(new_id()), "birth_date": str(born(4)), "identity": {"type": "national", "value": national_id()}}
    answers = await asyncio.gather(*(screener.post(PEOPLE, json=body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await screener.post(PEOPLE, json=body | {"birth_date": str(born(3))})
    assert (code_of(other), pointers(other)) == ((409, "person-id-reused"), ["/id"])


async def test_whoever_is_known_elsewhere_is_screened_here_and_counted_once(
    screener: httpx.AsyncClient, neighbour: httpx.AsyncClient, base: Json
) -> None:
    identity = {"type": "national", "value": national_id()}
    there = await registered(neighbour, identity=identity)
    here = await registered(screener, identity=identity)
    assert (here["counts_as"], here["id"] != there["id"]) == (there["id"], True)
    await recorded(screener, encounter(here["id"], base))
    assert (await person(screener, there["id"]))["status"] == 404


async def test_two_who_prove_to_be_one_are_one(running: Running, screener: httpx.AsyncClient, base: Json) -> None:
    child = member(5)
    await know_people(running, file(child))
    number = {"type": "national", "value": national_id()}
    spot = await registered(screener, identity=number, given_name="سارا", birth_date=str(born(5)))
    first = await recorded(screener, encounter(spot["id"], base, eyes("5/10")))
    answer = await screener.post(
        f"{PEOPLE}/{spot['id']}:match", json={"same_as": str(child.member_id)}, headers=version_of(spot)
    )
    assert answer.status_code == 200, answer.text
    one = answer.json()
    assert (one["id"], one["identity"], one["given_name"]) == (str(child.member_id), number, "سارا")
    assert [each["encounter_id"] for each in one["screenings"]] == [first["id"]]
    kept = await person(screener, spot["id"])
    assert (kept["merged_into"], kept["present"], kept["screenings"]) == (one["id"], False, [])
    assert kept["counts_as"] == one["id"]
    read = (await screener.get(f"/v1/screening-encounters/{first['id']}")).json()
    assert (read["person_id"], read["registered_as"]) == (one["id"], spot["id"])
    repeat = encounter(one["id"], base, eyes("5/10"), stage="repeat", repeat_of=first["id"])
    assert (await recorded(screener, repeat))["decision"]["outcome"] == "refer"
    late = await screener.post("/v1/screening-encounters", json=encounter(spot["id"], base))
    assert code_of(late) == (422, "person-unknown")
    again = await screener.post(PEOPLE, json={"birth_date": str(born(5)), "identity": number})
    assert (code_of(again), again.json()["person_id"]) == ((409, "person-known"), one["id"])


async def test_who_cannot_be_one_is_not_made_one(
    running: Running, screener: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    child = member(5)
    await know_people(running, file(child))
    numbered = [await registered(screener, identity={"type": "national", "value": national_id()}) for _ in range(2)]
    younger = await registered(screener, birth_date=str(born(4)))
    elsewhere = await registered(neighbour)
    in_file = await person(screener, child.member_id)
    for one, other, refusal in (
        (numbered[0], numbered[1]["id"], (409, "different-persons")),
        (younger, numbered[0]["id"], (409, "different-persons")),
        (numbered[0], numbered[0]["id"], (422, "not-another-person")),
        (numbered[0], elsewhere["id"], (422, "not-another-person")),
        (in_file, numbered[0]["id"], (409, "still-in-household")),
    ):
        answer = await screener.post(f"{PEOPLE}/{one['id']}:match", json={"same_as": other}, headers=version_of(one))
        assert code_of(answer) == refusal


async def test_a_number_is_added_later_and_what_the_file_says_is_not_changed_here(
    running: Running, screener: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    child = member(5)
    await know_people(running, file(child))
    known, number = await person(screener, child.member_id), {"type": "national", "value": national_id()}
    address = f"{PEOPLE}/{child.member_id}"
    changed = (await screener.patch(address, json={"identity": number}, headers=version_of(known))).json()
    assert (changed["identity"], changed["version"]) == (number, known["version"] + 1)
    stale = await screener.patch(address, json={"given_name": "سارا"}, headers=version_of(known))
    assert code_of(stale) == (412, "precondition-failed")
    refused = await screener.patch(address, json={"birth_date": str(born(3))}, headers=version_of(changed))
    assert code_of(refused) == (409, "known-from-household")
    there = await registered(neighbour)
    there = (
        await neighbour.patch(f"{PEOPLE}/{there['id']}", json={"identity": number}, headers=version_of(there))
    ).json()
    assert there["counts_as"] == str(child.member_id)


async def test_bad_input(screener: httpx.AsyncClient, client_as: ClientAs) -> None:
    good = {"birth_date": str(born(5))}
    for wrong, pointer in (
        ({}, "/birth_date"),
        ({"birth_date": "2099-01-01"}, "/birth_date"),
        ({"birth_date": "1401/01/01"}, "/birth_date"),
        (good | {"identity": {"type": "national", "value": "1234567890"}}, "/identity/value"),
        (good | {"national_id": "0499370899"}, "/national_id"),
        (good | {"guardian_mobile": "123"}, "/guardian_mobile"),
    ):
        answer = await screener.post(PEOPLE, json=wrong)
        assert (code_of(answer), pointers(answer)) == ((422, "invalid-input"), [pointer])
        assert "1234567890" not in answer.text
    for center, refusal in ((NEIGHBOUR, (403, "scope-forbidden")), ("2901", (403, "scope-forbidden"))):
        assert code_of(await screener.post(PEOPLE, json=good | {"center": center})) == refusal
    closed = await client_as("screener", "2901099")
    assert code_of(await closed.post(PEOPLE, json=good)) == (422, "center-not-open")
    for search in ({}, {"case_file_number": "1"}, {"case_file_number": "00000001", "guardian_mobile": "09151234567"}):
        assert code_of(await screener.post(f"{PEOPLE}:search", json=search)) == (422, "invalid-input")
