"""Campaigns: for a birth cohort in either calendar, in a season and an area."""

from datetime import timedelta

import httpx
from screening_samples import CENTER, Json, code_of, pointers, version_of

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running

CAMPAIGNS = "/v1/screening-campaigns"
AUTUMN: Json = {
    "programme": "vision",
    "name_fa": "پویش بینایی پاییز",
    "born_from": "1398/07/01",
    "born_to": "1401/12/29",
    "opens_on": str(today() - timedelta(days=30)),
    "closes_on": str(today() + timedelta(days=30)),
}


async def planned(client: httpx.AsyncClient, **fields: str) -> Json:
    answer = await client.post(CAMPAIGNS, json=AUTUMN | fields)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def test_a_cohort_is_said_in_either_calendar(province: httpx.AsyncClient) -> None:
    one = await planned(province)
    other = await planned(province, born_from="2019-09-23", born_to="2023-03-20")
    for campaign in (one, other):
        assert (campaign["born_from"], campaign["born_to"]) == ("2019-09-23", "2023-03-20")
        assert (campaign["born_from_jalali"], campaign["born_to_jalali"]) == ("1398/07/01", "1401/12/29")
    assert (one["jurisdiction"], one["status"], one["version"]) == ("29", "planned", 1)


async def test_a_campaign_is_opened_once_and_announced(province: httpx.AsyncClient, running: Running) -> None:
    campaign = await planned(province)
    address = f"{CAMPAIGNS}/{campaign['id']}"
    opened = (await province.post(f"{address}:open", headers=version_of(campaign))).json()
    assert (opened["status"], opened["version"]) == ("open", 2)
    again = await province.post(f"{address}:open", headers=version_of(opened))
    assert (code_of(again), again.json()["present"]) == ((409, "campaign-step-not-allowed"), "open")
    (event,) = await running.events(count=1)
    assert (event.type, event.address) == ("pl.screening.campaign.opened.v1", "pl.screening.campaign.opened.v1.29.-.-")
    assert (event.data["campaign_id"], event.data["born_from"]) == (campaign["id"], "2019-09-23")
    closed = (await province.post(f"{address}:close", headers=version_of(opened))).json()
    assert closed["status"] == "closed"
    late = await province.patch(address, json={"name_fa": "نام"}, headers=version_of(closed))
    assert code_of(late) == (409, "campaign-step-not-allowed")


async def test_a_season_is_made_longer_and_those_who_know_it_are_told(
    province: httpx.AsyncClient, running: Running
) -> None:
    campaign = await planned(province)
    address = f"{CAMPAIGNS}/{campaign['id']}"
    opened = (await province.post(f"{address}:open", headers=version_of(campaign))).json()
    longer = str(today() + timedelta(days=60))
    changed = (await province.patch(address, json={"closes_on": longer}, headers=version_of(opened))).json()
    assert (changed["closes_on"], changed["version"]) == (longer, 3)
    events = await running.events(type="pl.screening.campaign.opened.v1", count=2)
    assert [(event.data["version"], event.data["closes_on"]) for event in events][1] == (3, longer)
    stale = await province.patch(address, json={"closes_on": longer}, headers=version_of(opened))
    assert code_of(stale) == (412, "precondition-failed")
    early = await province.patch(address, json={"closes_on": "2020-01-01"}, headers=version_of(changed))
    assert (code_of(early), pointers(early)) == ((422, "season-over"), ["/closes_on"])


async def test_a_center_sees_the_campaigns_that_cover_it(
    province: httpx.AsyncClient, county: httpx.AsyncClient, client_as: ClientAs, manager: httpx.AsyncClient
) -> None:
    nation = await client_as("headquarters", "IR")
    ours = [await planned(client) for client in (nation, province, county)]
    await planned(await client_as("county-officer", "2902"))
    await planned(await client_as("province-officer", "30"), programme="autism")
    listed = (await manager.get(CAMPAIGNS, params={"covering": CENTER})).json()["items"]
    assert {each["id"] for each in listed} == {each["id"] for each in ours}
    assert {each["jurisdiction"] for each in listed} == {"IR", "29", "2901"}
    page = (await manager.get(CAMPAIGNS, params={"limit": 2})).json()
    rest = (await manager.get(CAMPAIGNS, params={"limit": 3, "after": page["next"]})).json()
    assert len({each["id"] for each in page["items"] + rest["items"]}) == 5
    assert rest["next"] is None
    assert len((await manager.get(CAMPAIGNS, params={"programme": "autism"})).json()["items"]) == 1


async def test_bad_input(province: httpx.AsyncClient, county: httpx.AsyncClient) -> None:
    for change, code, pointer in (
        ({"programme": "teeth"}, (422, "programme-unknown"), "/programme"),
        ({"jurisdiction": "2901003"}, (422, "not-an-area"), "/jurisdiction"),
        ({"born_from": "1404/12/30"}, (422, "invalid-input"), "/born_from"),
        ({"born_from": "1402/01/01"}, (422, "invalid-input"), ""),
        ({"opens_on": "1399/07/01", "closes_on": "1399/09/30"}, (422, "season-over"), "/closes_on"),
        ({"status": "open"}, (422, "invalid-input"), "/status"),
    ):
        answer = await province.post(CAMPAIGNS, json=AUTUMN | change)
        assert (code_of(answer), pointers(answer)) == (code, [pointer]), change
    assert code_of(await county.post(CAMPAIGNS, json=AUTUMN | {"jurisdiction": "29"})) == (403, "scope-forbidden")
