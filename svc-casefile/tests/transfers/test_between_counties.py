"""Between counties the destination asks the origin first, and the origin's county office answers."""

import asyncio

import httpx
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE, Json, code_of, opened, person, pointers
from transfer_samples import asking, asking_for, made, moved, read, rows, stepped, stepping, until
from worker_samples import now

from shared.chassis.actor import Actor
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running


async def test_a_household_that_moved_is_asked_for_by_its_number_and_a_member(
    origin: httpx.AsyncClient,
    county: httpx.AsyncClient,
    elsewhere: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:
    file = await opened(origin)
    worker = await client_as("social-worker", OTHER_COUNTY)
    transfer = made(await asking_for(worker, OTHER_COUNTY, file))
    assert (transfer["origin"]["code"], transfer["asked_from"]) == (CENTER, OTHER_COUNTY)
    assert code_of(await elsewhere.get(f"/v1/case-files/{file['id']}")) == (404, "not-found")
    assert code_of(await stepping(origin, transfer, "confirm")) == (403, "county-confirms")
    assert code_of(await stepping(origin, transfer, "refuse", reason="other")) == (403, "county-confirms")
    transfer = await stepped(elsewhere, await stepped(county, transfer, "confirm"), "accept")
    await until(elsewhere, transfer, "effective")

    assert (await now(elsewhere, file))["jurisdiction"] == OTHER_COUNTY
    assert code_of(await county.get(f"/v1/case-files/{file['id']}")) == (404, "not-found")
    assert (await read(county, transfer))["destination"]["code"] == OTHER_COUNTY


async def test_it_is_asked_for_where_it_is_and_not_where_it_was_a_moment_ago(
    running: Running, origin: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    file = await opened(origin)
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE case_file SET jurisdiction = $2, updated_at = $3 WHERE id = $1", file["id"], NEIGHBOUR, command.now
        )
        asked = asyncio.create_task(asking_for(elsewhere, OTHER_COUNTY, file))
        await asyncio.sleep(0.3)  # long enough to be asked, were nobody to wait
    assert made(await asked)["origin"]["code"] == NEIGHBOUR


async def test_the_county_that_is_asked_chooses_the_center(
    origin: httpx.AsyncClient, county: httpx.AsyncClient, other_county: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    file = await opened(origin)
    transfer = await stepped(county, made(await asking(origin, "2902", file)), "confirm")
    assert transfer["destination"] == {"code": "2902", "name_fa": None, "name_en": None}
    assert code_of(await elsewhere.get(f"/v1/transfers/{transfer['id']}")) == (404, "not-found")
    for body, refusal in (
        ({}, (422, "center-needed")),
        ({"center": NEIGHBOUR}, (422, "outside-destination")),
        ({"center": "29"}, (422, "outside-destination")),
        ({"center": "IR"}, (422, "outside-destination")),
        ({"center": "2902999"}, (422, "center-not-open")),
    ):
        refused = await stepping(other_county, transfer, "accept", **body)
        assert (code_of(refused), pointers(refused)) == (refusal, ["/center"])
    transfer = await stepped(other_county, transfer, "accept", center=OTHER_COUNTY)
    assert transfer["destination"]["code"] == OTHER_COUNTY
    await until(elsewhere, transfer, "effective")
    assert (await now(elsewhere, file))["jurisdiction"] == OTHER_COUNTY


async def test_a_waiting_household_waits_on_in_the_other_county(
    county: httpx.AsyncClient, origin: httpx.AsyncClient, other_county: httpx.AsyncClient
) -> None:
    file = await opened(county)
    transfer = await moved(county, other_county, file, "2902")
    arrived = await now(other_county, file)
    assert (arrived["jurisdiction"], arrived["status"]) == ("2902", "waiting")
    assert transfer["destination"]["code"] == "2902"
    assert code_of(await county.get(f"/v1/case-files/{file['id']}")) == (404, "not-found")


async def test_between_provinces_it_is_the_same(
    origin: httpx.AsyncClient, county: httpx.AsyncClient, client_as: ClientAs
) -> None:
    far = await client_as("center-manager", OTHER_PROVINCE)
    file = await opened(origin)
    transfer = await stepped(county, made(await asking_for(far, OTHER_PROVINCE, file)), "confirm")
    await until(far, await stepped(far, transfer, "accept"), "effective")
    assert (await now(far, file))["jurisdiction"] == OTHER_PROVINCE


async def test_number_and_identity_have_to_belong_together(
    origin: httpx.AsyncClient, elsewhere: httpx.AsyncClient, running: Running
) -> None:
    file, other = await opened(origin, person("head"), person()), await opened(origin)
    temporary = {"type": "temporary", "value": "TEMP-1"}
    unidentified = await opened(origin, person("head", identity=temporary))
    closed = await opened(origin)
    await origin.post(f"/v1/case-files/{closed['id']}:close", json={"reason": "empowered"}, headers={"If-Match": '"1"'})
    answers: list[Json] = []
    for wrong in (
        {**file, "number": "99999999"},
        {**file, "members": other["members"]},
        {**file, "members": [person("head")]},
        unidentified,
        closed,
    ):
        refused = await asking_for(elsewhere, OTHER_COUNTY, wrong)
        assert code_of(refused) == (422, "case-file-unknown")
        answers.append({**refused.json(), "trace_id": ""})
    assert all(answer == answers[0] for answer in answers), "why is not told"
    assert await rows(running, "SELECT FROM transfer") == []
    child = {**file, "members": file["members"][1:]}
    assert (await asking_for(elsewhere, OTHER_COUNTY, child)).is_success


async def test_nobody_asks_for_a_third_place(
    origin: httpx.AsyncClient, elsewhere: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    file = await opened(origin)
    assert code_of(await asking_for(elsewhere, NEIGHBOUR, file)) == (403, "scope-forbidden")
    assert code_of(await asking_for(elsewhere, OTHER_PROVINCE, file)) == (403, "scope-forbidden")


async def test_where_a_file_is_is_all_that_is_told_across_scopes(running: Running, origin: httpx.AsyncClient) -> None:
    file = await opened(origin)
    actor = Actor(subject="anybody", roles=frozenset(), scope=Jurisdiction(OTHER_COUNTY))
    identity = file["members"][0]["identity"]
    async with running.database.command(actor) as command:
        found = await command.connection.fetch(
            "SELECT * FROM file_of_member($1, $2, $3)", file["number"], identity["type"], identity["value"]
        )
        assert [(str(row["case_file_id"]), row["place"]) for row in found] == [(file["id"], CENTER)]
        assert len(found[0]) == 2
        # and the scope is the caller's again
        assert await command.connection.fetch("SELECT FROM case_file") == []
        executors = await command.connection.fetchval(
            "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
            " WHERE proname = 'file_of_member' AND grantee <> proowner"
        )
    assert executors == ["casefile_app"]
