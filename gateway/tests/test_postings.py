"""The live map of postings: what registry says takes effect at the next request, whatever happens to the broker."""

import asyncio
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from gateway.postings import Postings
from gateway.tail import Followed
from shared.chassis.streams import ensure_streams
from shared.contracts.events import Envelope
from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.servers import NatsServer

ADDRESS = "/v1/case-files"
SINCE = date(2020, 1, 1)


def fact(kind: type[Any], posting: UUID, version: int, *, person: str = "worker", **changed: Any) -> Any:
    return kind(
        posting_id=posting,
        version=version,
        person=person,
        role=Role.SOCIAL_WORKER,
        jurisdiction=Jurisdiction("2901003"),
        valid_from=SINCE,
        valid_to=None,
        granted_by="test",
    ).model_copy(update=changed)


async def until(client: httpx.AsyncClient, wanted: int, *, seconds: float = 10) -> float:
    """How long it took until the address answered so."""
    began = time.monotonic()
    while (answer := await client.get(ADDRESS)).status_code != wanted:
        assert time.monotonic() - began < seconds, answer.text
    return time.monotonic() - began


async def test_ending_a_posting_refuses_the_next_request(running: Any) -> None:
    client = await running.client(running.issuer.token("worker"))
    posting = await running.grant("worker", "social-worker", "2901003")
    assert (await client.get(ADDRESS)).status_code == 200
    await running.end("worker", "social-worker", "2901003", posting)
    assert await until(client, 403) < 1


async def test_a_new_posting_takes_effect_with_the_token_one_has(running: Any) -> None:
    client = await running.client(running.issuer.token("worker"))
    assert (await client.get(ADDRESS)).status_code == 403
    await running.grant("worker", "social-worker", "2901003", seen=False)
    assert await until(client, 200) < 1


async def test_an_older_fact_never_overwrites_a_newer(running: Any) -> None:
    client = await running.client(running.issuer.token("worker"))
    posting, witness = new_id(), new_id()
    await running.publish(
        fact(PostingEndedV1, posting, 3),
        fact(PostingGrantedV1, posting, 2),
        fact(PostingGrantedV1, witness, 1, person="witness"),
    )
    witnessing = await running.client(running.issuer.token("witness"))
    await until(witnessing, 200)
    assert (await client.get(ADDRESS)).status_code == 403


async def test_all_of_history_is_known_after_a_start(start: Any) -> None:
    before = await start()
    held = await before.grant("worker", "social-worker", "2901003")
    gone = await before.grant("former", "social-worker", "2901003")
    await before.end("former", "social-worker", "2901003", gone)
    for number in range(400):
        await before.publish(fact(PostingGrantedV1, new_id(), 1, person=f"another-{number}"))
    after = await start(audit_journal=before.gateway.settings.audit_journal + "-2")
    people = after.gateway.postings
    assert [each.id for each in people.person("worker").postings] == [held]
    assert people.person("former").postings == ()
    assert len(people.person("another-399").postings) == 1


async def test_nobody_is_served_before_the_map_is_there(start: Any, own_nats: NatsServer) -> None:
    await asyncio.to_thread(own_nats.stop)
    running = await start(ready=False)
    client = await running.client(running.issuer.token("worker"))
    for _ in range(20):
        if (await client.get(ADDRESS)).json()["code"] == "unavailable":
            break
        await asyncio.sleep(0.05)
    answer = await client.get(ADDRESS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    ready = await client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["postings"] == "postings are not loaded yet"
    assert (await client.get("/livez")).status_code == 200


async def test_the_map_goes_on_serving_while_the_broker_is_away_and_catches_up(
    running: Any, own_nats: NatsServer
) -> None:
    worker = await running.client_of("worker", ("social-worker", "2901003"))
    leaving = await running.client(running.issuer.token("leaving"))
    posting = await running.grant("leaving", "social-worker", "2901003")
    await asyncio.to_thread(own_nats.kill)
    ready: Callable[[], Any] = lambda: worker.get("/readyz")  # noqa: E731
    for _ in range(100):
        if (await ready()).json()["status"] == "degraded":
            break
        await asyncio.sleep(0.1)
    degraded = await ready()
    assert degraded.status_code == 200, "still ready"
    assert "changes of postings do not arrive" in degraded.json()["checks"]["postings"]
    assert (await worker.get(ADDRESS)).status_code == 200

    await asyncio.to_thread(own_nats.start)
    await running.broker.wait_connected(seconds=10)
    await running.end("leaving", "social-worker", "2901003", posting)
    await until(leaving, 403)
    assert (await worker.get(ADDRESS)).status_code == 200
    for _ in range(100):
        if (await ready()).json()["status"] == "ok":
            break
        await asyncio.sleep(0.1)
    assert (await ready()).json()["checks"]["postings"] == "ok"


async def test_another_stream_in_place_of_the_lost_one_draws_the_map_anew(running: Any) -> None:
    client = await running.client_of("worker", ("social-worker", "2901003"))
    await running.broker.jetstream.delete_stream("REGISTRY")
    await asyncio.sleep(0.3)
    assert (await client.get(ADDRESS)).status_code == 200, "serving from memory"
    await ensure_streams(running.broker, owner="registry")
    await running.publish(fact(PostingGrantedV1, new_id(), 1, person="after"))
    after = await running.client(running.issuer.token("after"))
    await until(after, 200)
    assert (await client.get(ADDRESS)).status_code == 403, "the new stream knows nothing of the worker"


async def test_an_event_that_cannot_be_read_keeps_nobody_out(running: Any) -> None:
    for data in (b"", b"{", b'{"specversion": "1.0"}', "زهرا".encode()):
        await running.broker.jetstream.publish(f"{PostingGrantedV1.type}.29.01.003", data)
    client = await running.client_of("worker", ("social-worker", "2901003"))
    assert (await client.get(ADDRESS)).status_code == 200


async def test_a_role_of_a_later_release_grants_nothing(running: Any) -> None:
    event = fact(PostingGrantedV1, new_id(), 1)
    envelope = Envelope.wrap(event, id=new_id(), time=datetime.now(ZoneInfo("UTC")), actor="test")
    later = envelope.model_copy(update={"data": envelope.data | {"role": "minister"}})
    await running.broker.jetstream.publish(event.subject, later.to_json())
    await running.grant("witness", "social-worker", "2901003")
    client = await running.client(running.issuer.token("worker"))
    assert (await client.get(ADDRESS)).json()["code"] == "no-posting"


async def test_a_posting_that_moves_leaves_nothing_behind() -> None:
    postings = Postings(None, clock=time.time)  # type: ignore[arg-type]
    await postings.begin(anew=True, pending=1)
    posting = new_id()
    for number, event in enumerate(
        [
            fact(PostingGrantedV1, posting, 1),
            fact(PostingGrantedV1, posting, 2, jurisdiction=Jurisdiction("2902")),
            fact(PostingGrantedV1, posting, 3, person="successor"),
        ]
    ):
        data = Envelope.wrap(event, id=new_id(), time=datetime.now(ZoneInfo("UTC")), actor="test").to_json()
        await postings.read(Followed(number + 1, event.subject, data, 2 - number))
    assert postings.loaded
    assert postings.person("worker").postings == ()
    assert [str(each.jurisdiction) for each in postings.person("successor").postings] == ["2901003"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-22T20:29:59+00:00", date(2026, 11, 22)),
        ("2026-11-22T20:30:00+00:00", date(2026, 11, 23)),
        ("2027-03-20T20:30:00+00:00", date(2027, 3, 21)),
    ],
)
def test_the_day_changes_at_midnight_in_tehran(moment: str, day: date) -> None:
    now = datetime.fromisoformat(moment).timestamp()
    postings = Postings(None, clock=lambda: now)  # type: ignore[arg-type]
    assert postings.today() == day
    assert postings.today() == day


def test_the_day_goes_on() -> None:
    now = datetime.fromisoformat("2026-11-22T12:00:00+00:00").timestamp()
    postings = Postings(None, clock=lambda: now)  # type: ignore[arg-type]
    days = []
    for _ in range(4):
        days.append(postings.today())
        now += 86_400
    assert days == [date(2026, 11, day) for day in (22, 23, 24, 25)]
