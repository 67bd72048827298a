"""What has ended is erased on its day, all of it, and a certificate says so."""

from datetime import timedelta

import httpx
from adoption_samples import REQUESTS, couple, registered, sent, submitted
from placing_samples import DEADLINES, ERASURES, TRACKING, child_registered, let_wait, proposed, set_rule

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import Running
from svc_adoption.retention import service


async def erase(running: Running, *, days: int) -> int:
    async with running.database.command(Actor.system("adoption")) as command:
        return await service.erase(command, on=today() + timedelta(days=days))


async def test_a_withdrawn_request_is_erased_on_its_date_and_only_a_certificate_is_left(
    running: Running, worker: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    body = couple(wishes={})
    request = await submitted(worker, **body)
    assert (await worker.post(f"{TRACKING}/{request['id']}", json={"pin": "402718"})).status_code == 201
    await let_wait(running, request)
    await proposed(province, await child_registered(province), request)
    kept = await registered(worker)
    read = (await province.get(f"{REQUESTS}/{request['id']}")).json()
    await sent(province, read, ":withdraw", {"reason": "own-child", "text": "کیهان‌دوست"})

    # nobody has set how long it is kept, so it is kept, and that is told
    assert await erase(running, days=36_500) == 0
    (waits,) = (await province.get(f"{ERASURES}:due")).json()["items"]
    assert (waits["request_id"], waits["rule"], waits["erased_on"]) == (
        request["id"],
        "adoption-erase-withdrawn-days",
        None,
    )
    await set_rule(running, "adoption-erase-withdrawn-days", 90)
    (waits,) = (await province.get(f"{ERASURES}:due")).json()["items"]
    assert waits["erased_on"] == str(today() + timedelta(days=90))
    assert (await erase(running, days=89), await erase(running, days=90), await erase(running, days=91)) == (0, 1, 0)

    assert (await province.get(f"{REQUESTS}/{request['id']}")).status_code == 404
    assert (await province.get(f"{REQUESTS}/{kept['id']}")).status_code == 200
    assert (await province.get(f"{ERASURES}:due")).json()["items"] == []
    (certificate,) = (await province.get(ERASURES)).json()["items"]
    assert certificate == (await province.get(f"{ERASURES}/{certificate['id']}")).json()
    assert (certificate["request_id"], certificate["status"], certificate["days"]) == (request["id"], "withdrawn", 90)
    rows = certificate["rows"]
    assert (rows["request"], rows["match"], rows["queue_entry"], rows["tracking"]) == (1, 1, 1, 1)
    async with running.database.query(Actor.system("adoption")) as query:
        for name in await query.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            left = await query.fetchval(
                f"SELECT count(*) FROM {name['tablename']} AS t WHERE t::text LIKE '%' || $1 || '%'", request["id"]
            )
            # what was announced and answered was ids and states from the first
            allowed = {"erasure": 1, "outbox": left, "idempotency_key": left}
            assert left == allowed.get(name["tablename"], 0), name["tablename"]
    (event,) = await running.events(type="pl.adoption.adoption-request.erased.v1", count=1)
    assert event.data == {
        "jurisdiction": "2901003",
        "request_id": request["id"],
        "certificate_id": certificate["id"],
    }


async def test_who_does_not_renew_a_certificate_expires_once_a_rule_says_when(
    running: Running, worker: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    request = await submitted(worker)
    await sent(worker, request, "/documents", {"kind": "job", "applicant": 0, "valid_until": str(today())})

    async def expire(days: int) -> int:
        async with running.database.command(Actor.system("adoption")) as command:
            return await service.expire(command, on=today() + timedelta(days=days))

    assert await expire(36_500) == 0, "no rule says when"
    await set_rule(running, "adoption-renewal-days", 30)
    assert (await expire(30), await expire(31), await expire(32)) == (0, 1, 0)
    assert (await officer.get(f"{REQUESTS}/{request['id']}")).json()["status"] == "expired"
    assert (await officer.get(DEADLINES)).json()["items"] == []
