"""What applicants see of their own request without an account, and that it is their own alone."""

import asyncio

import httpx
from adoption_samples import Json, code_of, submitted
from placing_samples import TRACKING, let_wait, waiting

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import Running
from svc_adoption.days import months_later
from svc_adoption.tracking.queries import band_of
from svc_adoption.tracking.service import TRIES

PIN = "402718"


async def code_for(client: httpx.AsyncClient, request: Json, pin: str = PIN) -> str:
    answer = await client.post(f"{TRACKING}/{request['id']}", json={"pin": pin})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["tracking_code"])


async def track(client: httpx.AsyncClient, code: str, pin: str = PIN) -> httpx.Response:
    return await client.post(f"{TRACKING}:track", json={"tracking_code": code, "pin": pin})


async def test_an_applicant_sees_state_factors_and_a_band_and_nothing_of_any_other_family(
    running: Running, worker: httpx.AsyncClient, public: httpx.AsyncClient
) -> None:
    request = await submitted(worker)
    code = await code_for(worker, request)
    due = months_later(today(), 2).isoformat()
    before = (await track(public, code)).json()
    assert (before["status"], before["opinion_due_on"], before["place"]) == ("submitted", due, None)
    for _ in range(10):
        await waiting(running, worker)
    await let_wait(running, request)
    # read as people write it
    digits = "-".join(code[start : start + 4] for start in range(0, 16, 4))
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    answer = (await track(public, digits.translate(persian), PIN.translate(persian))).json()
    since = answer["place"].pop("since")
    assert since is not None
    assert answer == {
        "form": "adoption",
        "status": "waiting",
        "status_since": before["status_since"],
        "opinion_due_on": due,
        "place": {"group": "childless-couple", "senior": False, "band": {"first": 11, "last": 25}},
    }


async def test_code_and_pin_are_tried_so_often_and_told_alike_when_wrong(
    running: Running, worker: httpx.AsyncClient, public: httpx.AsyncClient
) -> None:
    request = await waiting(running, worker)
    async with running.database.command(Actor.system("adoption")) as command:
        await command.connection.execute("UPDATE request SET referred_at = NULL")  # still the center's
    code = await code_for(worker, request)
    wrong = [await track(public, code, "402719"), await track(public, "0" * 16)]
    assert {code_of(answer) for answer in wrong} == {(404, "tracking-unknown")}
    assert {**wrong[0].json(), "trace_id": 0} == {**wrong[1].json(), "trace_id": 0}
    tries = await asyncio.gather(*(track(public, code, f"{number:06}") for number in range(TRIES + 2)))
    assert sorted(answer.status_code for answer in tries) == [404] * (TRIES - 1) + [429] * 3
    assert code_of(await track(public, code)) == (429, "too-many-requests"), "the right PIN, too late"
    # a new code makes the old one void, and neither is kept
    newer = await code_for(worker, request, "918273")
    assert (await track(public, newer, "918273")).json()["status"] == "waiting"
    async with running.database.query(Actor.system("adoption")) as query:
        kept = await query.fetchval("SELECT string_agg(t::text, '') FROM tracking AS t")
    assert code not in kept
    assert newer not in kept
    easy = await worker.post(f"{TRACKING}/{request['id']}", json={"pin": "123456"})
    assert code_of(easy) == (422, "invalid-input")


def test_bands_leave_no_place_out() -> None:
    bands = [band_of(ahead) for ahead in range(12_000)]
    assert all(band.first <= place + 1 <= (band.last or 12_000) for place, band in enumerate(bands))
    assert (bands[0].first, bands[9].last, bands[10].first, bands[-1].last) == (1, 10, 11, None)
