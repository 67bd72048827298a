"""A request that nobody answers goes to the office above, after as many days as a rule says, if one does."""

from datetime import date, timedelta

import httpx
from casefile_samples import NEIGHBOUR, OTHER_COUNTY, opened
from transfer_samples import asking, eventually, execute, made, read, stepped

from shared.chassis.actor import Actor
from shared.contracts.registry import ParameterSetV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.centers import repository

ESCALATED = "SELECT id FROM transfer WHERE escalated_at IS NOT NULL"


async def know_answer_days(running: Running, days: int, *, place: str = "IR") -> None:
    event = ParameterSetV1(
        jurisdiction=Jurisdiction(place),
        parameter_id=new_id(),
        name="transfer-answer-days",
        value=days,
        valid_from=date(2021, 1, 1),
    )
    async with running.database.command(Actor.system("casefile")) as command:
        await repository.keep_parameter(command, event)


async def test_without_a_rule_no_answer_is_overdue(origin: httpx.AsyncClient) -> None:
    transfer = made(await asking(origin, NEIGHBOUR, await opened(origin)))
    assert (transfer["answer_due_on"], transfer["escalated_at"]) == (None, None)


async def test_each_side_has_its_own_days(origin: httpx.AsyncClient, running: Running) -> None:
    await know_answer_days(running, 5)
    await know_answer_days(running, 3, place=NEIGHBOUR)
    transfer = made(await asking(origin, NEIGHBOUR, await opened(origin)))
    assert transfer["answer_due_on"] == str(today() + timedelta(days=5))
    transfer = await stepped(origin, transfer, "confirm")
    assert transfer["answer_due_on"] == str(today() + timedelta(days=3))


async def test_the_county_is_told_and_may_answer_instead(
    origin: httpx.AsyncClient, county: httpx.AsyncClient, running: Running
) -> None:
    await know_answer_days(running, 5)
    transfer = made(await asking(origin, NEIGHBOUR, await opened(origin)))
    in_time = made(await asking(origin, NEIGHBOUR, await opened(origin)))
    await execute(
        running,
        "UPDATE transfer SET answer_due_on = CASE WHEN id = $1 THEN $2::date - 1 ELSE $2::date END",
        transfer["id"],
        today(),
    )
    await eventually(running, ESCALATED, expected=1)
    late = await read(county, transfer)
    assert (late["status"], late["escalated_to"]) == ("requested", "2901")
    listed = (await county.get("/v1/transfers", params={"escalated": "true"})).json()["items"]
    assert [each["id"] for each in listed] == [transfer["id"]]
    assert (await read(county, in_time))["escalated_at"] is None
    (told,) = await running.events(type="pl.casefile.transfer.escalated.v1", count=1)
    assert told.address.endswith(".29.01.-")
    answered = await stepped(county, late, "confirm")
    assert (answered["escalated_at"], answered["answer_due_on"]) == (None, str(today() + timedelta(days=5)))


async def test_what_the_county_leaves_unanswered_goes_to_the_province(
    origin: httpx.AsyncClient, province: httpx.AsyncClient, running: Running
) -> None:
    await know_answer_days(running, 5)
    transfer = made(await asking(origin, OTHER_COUNTY, await opened(origin)))
    await execute(running, "UPDATE transfer SET answer_due_on = $1", today() - timedelta(days=1))
    await eventually(running, ESCALATED, expected=1)
    late = await read(province, transfer)
    assert late["escalated_to"] == "29"
    assert (await stepped(province, late, "confirm"))["status"] == "confirmed"
