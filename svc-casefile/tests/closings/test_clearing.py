"""A center that closes: all its files go to others in one operation, or none does."""

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE, Json, code_of, opened, pointers
from distribution_samples import BIRJAND, NEAR_BIRJAND, know_center, know_rule
from transfer_samples import asking, eventually, made, rows, stepped
from worker_samples import assigned, know_worker, now

from shared.contracts.roles import Role
from shared.testing.plugin import ClientAs, Running

SECOND = "2901002"
PLACES = {Role.HEADQUARTERS: "IR", Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}


@pytest.fixture
async def manager(running: Running, centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """The manager of CENTER, while it is open; two other centers of its county may have three files each."""
    await know_center(running, CENTER, BIRJAND, version=2)
    await know_center(running, NEIGHBOUR, BIRJAND, version=2)
    await know_center(running, SECOND, NEAR_BIRJAND)
    await know_rule(running, "maximum", 3)
    return await client_as("center-manager", CENTER)


async def suspend(running: Running) -> None:
    await know_center(running, CENTER, BIRJAND, version=9, status="suspended")


async def clearing(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await client.post("/v1/center-closings", json={"center": CENTER, "reason": "پایان قرارداد", **fields})


async def cleared(client: httpx.AsyncClient, **fields: str) -> Json:
    answer = await clearing(client, **fields)
    assert answer.status_code == 201, answer.text
    closing: Json = answer.json()
    assert (await client.get(answer.headers["Location"])).json() == closing
    return closing


async def at(client: httpx.AsyncClient, place: tuple[float, float], **fields: object) -> Json:
    return await opened(client, latitude=place[0], longitude=place[1], **fields)


async def places(client: httpx.AsyncClient) -> dict[str, tuple[str, str]]:
    found = (await client.get("/v1/case-files", params={"limit": "200"})).json()["items"]
    return {file["id"]: (file["jurisdiction"], file["status"]) for file in found}


async def test_every_file_goes_to_the_nearest_center_that_has_room(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    await know_worker(running, "sara", CENTER)
    near, nearer_second = [await at(manager, BIRJAND) for _ in range(2)], await at(manager, NEAR_BIRJAND)
    draft, suspended = await at(manager, BIRJAND, status="draft"), await at(manager, NEAR_BIRJAND)
    await manager.post(
        f"/v1/case-files/{suspended['id']}:suspend", json={"reason": "not-found"}, headers={"If-Match": '"1"'}
    )
    await assigned(manager, "sara", near[0])
    gone = await opened(manager)
    await manager.post(f"/v1/case-files/{gone['id']}:close", json={"reason": "empowered"}, headers={"If-Match": '"1"'})
    await suspend(running)

    closing = await cleared(county)

    assert (closing["files"], closing["placed"], closing["waiting"]) == (5, 5, 0)
    assert (closing["center"], closing["destination"], closing["done_by"]) == (CENTER, "2901", "county-officer@2901")
    assert await places(county) == {
        near[0]["id"]: (NEIGHBOUR, "active"),
        near[1]["id"]: (NEIGHBOUR, "active"),
        draft["id"]: (NEIGHBOUR, "draft"),
        nearer_second["id"]: (SECOND, "active"),
        suspended["id"]: (SECOND, "suspended"),
        gone["id"]: (CENTER, "closed"),
    }
    moved = await now(county, near[0])
    assert (moved["assigned_worker"], moved["version"]) == (None, 3)
    instants = await rows(running, "SELECT DISTINCT since FROM responsibility WHERE until IS NULL")
    assert len(instants) == 1, "all at one instant"
    strays = "SELECT FROM member JOIN case_file f ON f.id = case_file_id WHERE member.jurisdiction <> f.jurisdiction"
    assert await rows(running, strays) == []


async def test_the_center_keeps_a_stub_of_each_and_everybody_is_told(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    files = [await at(manager, BIRJAND) for _ in range(3)]
    await suspend(running)
    closing = await cleared(county)

    stubs = (await manager.get("/v1/transfers", params={"closing_id": closing["id"]})).json()["items"]
    assert {(stub["number"], stub["status"], stub["kind"]) for stub in stubs} == {
        (file["number"], "effective", "closing") for file in files
    }
    assert (await manager.get("/v1/case-files")).json()["items"] == []
    assert len(await running.events(type="pl.casefile.case-file.moved.v1", count=3)) == 3
    assert len(await running.events(type="pl.casefile.case-file.left.v1", count=3)) == 3
    (fact,) = await running.events(type="pl.casefile.center.cleared.v1", count=1)
    assert (fact.data["files"], fact.data["placed"], fact.address[-9:]) == (3, 3, "29.01.003")
    lines = await rows(running, "SELECT kind, actor FROM timeline_entry")
    assert [tuple(line) for line in lines] == [("transfer-effective", "county-officer@2901")] * 3
    assert (await county.get("/v1/center-closings")).json()["items"] == [closing]


async def test_nothing_moves_when_not_everything_finds_room(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    for _ in range(7):
        await at(manager, BIRJAND)
    await suspend(running)
    before = await places(county)
    refused = await clearing(county)
    assert code_of(refused) == (409, "no-room-for-all")
    assert (refused.json()["files"], refused.json()["room"]) == (7, 6)
    assert await places(county) == before
    assert await rows(running, "SELECT FROM transfer") == await rows(running, "SELECT FROM center_closing") == []


async def test_who_says_so_lets_the_rest_wait_with_the_county(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    for _ in range(7):
        await at(manager, BIRJAND)
    await suspend(running)
    closing = await cleared(county, rest="waiting-list")
    assert (closing["placed"], closing["waiting"]) == (6, 1)
    counted = sorted((await places(county)).values())
    assert counted == [("2901", "waiting")] + [(NEIGHBOUR, "active")] * 3 + [(SECOND, "active")] * 3
    (waits,) = await rows(running, "SELECT worker, status FROM responsibility WHERE jurisdiction = '2901'")
    assert tuple(waits) == (None, "waiting")


async def test_one_center_may_be_named_and_keeps_to_its_maximum(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    for _ in range(4):
        await at(manager, BIRJAND)
    await suspend(running)
    assert code_of(await clearing(county, destination=SECOND)) == (409, "no-room-for-all")
    await know_rule(running, "maximum", 4, place=SECOND)
    closing = await cleared(county, destination=SECOND)
    assert closing["destination"] == SECOND
    assert {place for place, _ in (await places(county)).values()} == {SECOND}


async def test_a_province_may_share_out_over_its_counties(
    manager: httpx.AsyncClient, province: httpx.AsyncClient, running: Running
) -> None:
    for _ in range(9):
        await at(manager, BIRJAND)
    await suspend(running)
    assert code_of(await clearing(province)) == (409, "no-room-for-all")
    await cleared(province, destination="29")
    counted = [place for place, _ in (await places(province)).values()]
    assert {place: counted.count(place) for place in counted} == {NEIGHBOUR: 3, SECOND: 3, OTHER_COUNTY: 3}


async def test_what_is_under_way_lapses_and_what_was_accepted_goes_where_it_was_going(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, province: httpx.AsyncClient, running: Running
) -> None:
    asked, agreed = await at(manager, BIRJAND), await at(manager, BIRJAND)
    pending = made(await asking(manager, OTHER_COUNTY, asked))
    accepted = await stepped(county, made(await asking(manager, OTHER_COUNTY, agreed)), "confirm")
    await stepped(province, accepted, "accept", effective_on="2099-01-01")
    await suspend(running)
    closing = await cleared(county)

    assert closing["files"] == 1
    assert await eventually(
        running, "SELECT FROM case_file WHERE id = $1 AND jurisdiction = $2", agreed["id"], OTHER_COUNTY, expected=1
    )
    lapsed = (await manager.get(f"/v1/transfers/{pending['id']}")).json()
    assert (lapsed["status"], lapsed["lapse_reason"]) == ("lapsed", "file-left")
    assert (await now(county, asked))["jurisdiction"] == NEIGHBOUR


async def test_an_empty_center_is_cleared_as_well(county: httpx.AsyncClient, running: Running, manager: object) -> None:
    await suspend(running)
    assert (await cleared(county))["files"] == 0


@pytest.mark.parametrize(
    ("fields", "refusal", "pointer"),
    [
        ({"center": "2901"}, (422, "not-a-center"), ["/center"]),
        ({"center": "2901777"}, (422, "center-unknown"), ["/center"]),
        ({"center": NEIGHBOUR}, (409, "center-still-open"), []),
        ({"center": OTHER_COUNTY}, (403, "scope-forbidden"), []),
        ({"destination": OTHER_COUNTY}, (403, "scope-forbidden"), []),
        ({"destination": OTHER_PROVINCE}, (403, "scope-forbidden"), []),
        ({"destination": "29"}, (403, "scope-forbidden"), []),
        ({"destination": "2901777"}, (422, "center-not-open"), ["/destination"]),
        ({"destination": CENTER}, (422, "center-not-open"), ["/destination"]),
        ({"rest": "drop"}, (422, "invalid-input"), ["/rest"]),
        ({"reason": ""}, (422, "invalid-input"), ["/reason"]),
        ({"quietly": "yes"}, (422, "invalid-input"), ["/quietly"]),
    ],
)
async def test_what_cannot_be_asked(
    manager: httpx.AsyncClient,
    county: httpx.AsyncClient,
    running: Running,
    fields: dict[str, str],
    refusal: tuple[int, str],
    pointer: list[str],
) -> None:
    await suspend(running)
    refused = await clearing(county, **fields)
    assert (code_of(refused), pointers(refused)) == (refusal, pointer)


async def test_the_same_operation_sent_again_is_one(
    manager: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    await at(manager, BIRJAND)
    await suspend(running)
    body, key = {"center": CENTER, "reason": "x"}, {"Idempotency-Key": "once"}
    answers = [await county.post("/v1/center-closings", json=body, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await rows(running, "SELECT FROM transfer")) == 1
