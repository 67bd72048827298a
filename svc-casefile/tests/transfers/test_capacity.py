"""A destination takes no more than the rule in force allows, whatever comes at once."""

import asyncio
from datetime import timedelta

import httpx
from casefile_samples import CENTER, NEIGHBOUR, code_of, opened
from distribution_samples import applied, know_rule, loads, planned, wait_for_a_center, waiting
from transfer_samples import asking, made, stepped, stepping, until

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running


async def test_without_a_rule_nothing_is_accepted(
    running: Running, centers: None, client_as: ClientAs, county: httpx.AsyncClient
) -> None:
    file = await opened(county, jurisdiction=CENTER)
    transfer = await stepped(county, made(await asking(county, NEIGHBOUR, file)), "confirm")
    refused = await stepping(county, transfer, "accept")
    assert (code_of(refused), refused.json()["centers"]) == ((409, "no-rule-in-force"), [NEIGHBOUR])


async def test_a_full_center_accepts_nothing_more(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    for _ in range(2):
        await opened(destination)
    coming, late = await opened(origin), await opened(origin)
    first = await stepped(origin, made(await asking(origin, NEIGHBOUR, coming)), "confirm")
    second = await stepped(origin, made(await asking(origin, NEIGHBOUR, late)), "confirm")
    await stepped(destination, first, "accept", effective_on=str(today() + timedelta(days=9)))
    refused = await stepping(destination, second, "accept")
    assert code_of(refused) == (409, "center-full")
    assert [refused.json()[name] for name in ("files", "coming", "maximum")] == [2, 1, 3]
    # the rule of the day on which it takes effect decides
    await know_rule(running, "maximum", 4, place=NEIGHBOUR, valid_from=today() + timedelta(days=5))
    assert code_of(await stepping(destination, second, "accept")) == (409, "center-full")
    await stepped(destination, second, "accept", effective_on=str(today() + timedelta(days=5)))


async def test_of_two_at_once_one_gets_the_last_place(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient
) -> None:
    for _ in range(2):
        await opened(destination)
    confirmed = [
        await stepped(origin, made(await asking(origin, NEIGHBOUR, await opened(origin))), "confirm") for _ in range(3)
    ]
    answers = await asyncio.gather(*(stepping(destination, transfer, "accept") for transfer in confirmed))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_a_distribution_leaves_room_for_what_was_accepted(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, client_as: ClientAs
) -> None:
    officer = await client_as("province-officer", "29")
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, await opened(origin))), "confirm")
    transfer = await stepped(destination, transfer, "accept", effective_on=str(today() + timedelta(days=9)))
    await wait_for_a_center(officer, *[waiting() for _ in range(9)])
    plan = await planned(officer, "2901", str(today()))
    assert await loads(officer, plan) == {CENTER: 3, NEIGHBOUR: 3}
    assert plan["placed"] == 4, "two at the origin, which has one file, and two beside the one that is coming"
    await applied(officer, plan)
    assert (await destination.get("/v1/case-files:summary")).json()["files"] == 2


async def test_a_plan_made_before_an_acceptance_finds_no_room(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, client_as: ClientAs
) -> None:
    officer = await client_as("province-officer", "29")
    transfer = await stepped(origin, made(await asking(origin, NEIGHBOUR, await opened(origin))), "confirm")
    await wait_for_a_center(officer, *[waiting() for _ in range(9)])
    plan = await planned(officer, "2901", str(today()))
    transfer = await stepped(destination, transfer, "accept")
    await until(destination, transfer, "effective")
    address = f"/v1/distributions/{plan['id']}:apply"
    assert code_of(await officer.post(address, headers={"If-Match": '"1"'})) == (409, "distribution-outdated")
