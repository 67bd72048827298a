"""A subscriber for province A gets province A (`a subscriber for province A got province B` happened to a peer)."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import nats
import nats.errors
import pytest
from nats.aio.client import Client as Connection
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy, StreamConfig, StreamSource
from pydantic import ValidationError

from deploy.nats.accounts import API_DOMAIN, Client, accounts, provision
from shared.chassis.streams import OWNERS, StreamSettings, declared, stream_of
from shared.contracts.casefile import CaseFileClosedV1
from shared.contracts.events import Envelope
from shared.contracts.registry import CatalogueServiceChangedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.servers import NatsServer

PROGRAM = Path(__file__).parents[2] / "docs" / "integrating" / "receive_events.py"
PASSWORD = "s3cret"  # the same for all: it is not what is tested

SOUTH_KHORASAN = Client(name="welfare-29", jurisdiction=Jurisdiction("29"))
NEIGHBOUR = Client(name="welfare-09", jurisdiction=Jurisdiction("09"))
NATION = Client(name="civil-registry", jurisdiction=Jurisdiction("IR"))
COUNTY = Client(name="hospital-2901", jurisdiction=Jurisdiction("2901"), owners=("casefile",))
POLICE = Client(name="police-29", jurisdiction=Jurisdiction("29"), owners=(), answers="criminal-record")
CLIENTS = (SOUTH_KHORASAN, NEIGHBOUR, NATION, COUNTY, POLICE)

Connect = Callable[[str], Awaitable[Connection]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    configuration = {
        "accounts": accounts(dict.fromkeys((*OWNERS, "administrator"), PASSWORD), dict.fromkeys(CLIENTS, PASSWORD))
    }
    with NatsServer(tmp_path_factory.mktemp("nats") / "store", config=configuration) as server:
        yield server


@pytest.fixture
async def connect(server: NatsServer) -> AsyncIterator[Connect]:
    connections: list[Connection] = []

    async def open_connection(user: str) -> Connection:
        async def swallow(_: Exception) -> None:
            """A denied publication is told here and nowhere else; the tests look at what came of it."""

        connection = await nats.connect(
            server.url, user=user, password=PASSWORD, error_cb=swallow, allow_reconnect=False, connect_timeout=5
        )
        connections.append(connection)
        return connection

    yield open_connection
    for connection in connections:
        await connection.close()


@pytest.fixture
async def platform(connect: Connect) -> Connection:
    """The administrator, before whom there are fresh streams and the consumers of the clients."""
    administrator = await connect("administrator")
    jetstream = administrator.jetstream()
    for name, stream in declared(StreamSettings()).items():
        with suppress(nats.js.errors.NotFoundError):
            await jetstream.delete_stream(name)
        await jetstream.add_stream(stream)
    await provision(jetstream, CLIENTS)
    return administrator


async def close(connect: Connect, place: str) -> str:
    """Publish as casefile that a file of `place` was closed; returns the id of the file."""
    event = CaseFileClosedV1(
        case_file_id=new_id(), version=2, closed_on=date(2021, 3, 8), reason="moved", jurisdiction=Jurisdiction(place)
    )
    envelope = Envelope.wrap(event, id=new_id(), time=datetime.now(UTC), actor="worker-7")
    connection = await connect("casefile")
    await connection.jetstream().publish(event.subject, envelope.to_json())
    return event.aggregate_id


def files(messages: list[Msg]) -> list[str]:
    return [str(Envelope.parse(message.data).event.aggregate_id) for message in messages]


async def _hear(connection: Connection, *subjects: str) -> asyncio.Queue[str]:
    """Subscribe; the subjects of what comes land in the queue."""
    heard = asyncio.Queue[str]()

    async def hear(message: Msg) -> None:
        heard.put_nowait(message.subject)

    for subject in subjects:
        await connection.subscribe(subject, cb=hear)
    await connection.flush()
    return heard


async def _heard(queue: asyncio.Queue[str]) -> list[str]:
    """What came: waits for the first, and then long enough for what should not come."""
    subjects = [await asyncio.wait_for(queue.get(), 5)]
    await asyncio.sleep(0.3)
    while not queue.empty():
        subjects.append(queue.get_nowait())
    return subjects


async def fetched(connection: Connection, client: Client, *, stream: str = "CASEFILE") -> list[Msg]:
    subscription = await connection.jetstream(domain=API_DOMAIN).pull_subscribe_bind(client.consumer, stream=stream)
    messages: list[Msg] = []
    with suppress(TimeoutError):
        while True:
            messages += await subscription.fetch(10, timeout=0.5)
    for message in messages:
        await message.ack_sync(timeout=2)
    return messages


async def test_a_province_receives_its_own_from_the_stream_and_nothing_twice(
    connect: Connect, platform: Connection
) -> None:
    ours = [await close(connect, place) for place in ("29", "2901", "2901003")]
    for place in ("09", "0901", "0901003", "IR"):
        await close(connect, place)
    client = await connect(SOUTH_KHORASAN.name)

    assert files(await fetched(client, SOUTH_KHORASAN)) == ours
    assert await fetched(client, SOUTH_KHORASAN) == []
    later = await close(connect, "2911001")
    assert files(await fetched(client, SOUTH_KHORASAN)) == [later]


async def test_a_county_receives_its_county_and_the_nation_all(connect: Connect, platform: Connection) -> None:
    placed = {place: await close(connect, place) for place in ("29", "2901", "2901003", "2902001", "0901003")}

    county = await fetched(await connect(COUNTY.name), COUNTY)
    nation = await fetched(await connect(NATION.name), NATION)

    assert files(county) == [placed["2901"], placed["2901003"]]
    assert files(nation) == list(placed.values())


async def test_it_hears_its_own_live_whatever_it_subscribes_to(connect: Connect, platform: Connection) -> None:
    client = await connect(SOUTH_KHORASAN.name)
    heard = await _hear(
        client, "pl.>", "pl.*.*.*.*.09.>", "pl.casefile.>", "$JS.>", "_INBOX.>", "dlq.>", "national.>", ">"
    )
    await close(connect, "0901003")
    await close(connect, "2901003")

    assert set(await _heard(heard)) == {"pl.casefile.case-file.closed.v1.29.01.003"}


async def test_what_belongs_to_the_nation_alone_is_not_a_provinces(connect: Connect, platform: Connection) -> None:
    event = CatalogueServiceChangedV1(
        code="S01", version=1, name_fa="ثبت", name_en="Register", domain="social", active_from=date(2021, 3, 8)
    )
    envelope = Envelope.wrap(event, id=new_id(), time=datetime.now(UTC), actor="system:registry")
    await (await connect("registry")).jetstream().publish(event.subject, envelope.to_json())

    assert await fetched(await connect(SOUTH_KHORASAN.name), SOUTH_KHORASAN, stream="REGISTRY") == []
    assert len(await fetched(await connect(NATION.name), NATION, stream="REGISTRY")) == 1


async def test_it_can_start_over_and_still_receives_its_own_alone(connect: Connect, platform: Connection) -> None:
    ours = await close(connect, "2901003")
    await close(connect, "0901003")
    client = await connect(SOUTH_KHORASAN.name)
    await fetched(client, SOUTH_KHORASAN)

    reset = f"$JS.{API_DOMAIN}.API.CONSUMER.RESET.CASEFILE.{SOUTH_KHORASAN.consumer}"
    await client.request(reset, b'{"seq": 1}', timeout=2)

    assert files(await fetched(client, SOUTH_KHORASAN)) == [ours]


WIDER = ("pl.casefile.>", "pl.casefile.*.*.*.09.>", "pl.casefile.*.*.*.*.>", ">", "")
OWN = SOUTH_KHORASAN.streams["CASEFILE"]


def _requests() -> Iterator[tuple[str, dict[str, Any]]]:
    stream, consumer = "CASEFILE", SOUTH_KHORASAN.consumer
    for name in (consumer, "mine", NEIGHBOUR.consumer):
        for wanted in WIDER:
            config = {"name": name, "filter_subject": wanted, "ack_policy": "explicit"}
            body = {"stream_name": stream, "config": config}
            tail = f".{wanted}" if wanted else ""
            yield f"CONSUMER.CREATE.{stream}.{name}{tail}", body
            yield f"CONSUMER.CREATE.{stream}.{name}.{OWN}", body
            yield f"CONSUMER.CREATE.{stream}", body
            durable = {"stream_name": stream, "config": {**config, "durable_name": name}}
            yield f"CONSUMER.DURABLE.CREATE.{stream}.{name}", durable
        several = {"name": name, "filter_subjects": [OWN, "pl.casefile.*.*.*.09.>"], "ack_policy": "explicit"}
        yield f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": several}
        yield f"CONSUMER.CREATE.{stream}.{name}.{OWN}", {"stream_name": stream, "config": several}
        pushed = {
            "name": name,
            "filter_subject": "pl.casefile.>",
            "deliver_subject": "_INBOX.mine",
            "ack_policy": "none",
        }
        yield f"CONSUMER.CREATE.{stream}.{name}.pl.casefile.>", {"stream_name": stream, "config": pushed}
    yield f"STREAM.MSG.GET.{stream}", {"seq": 1}
    yield f"STREAM.MSG.GET.{stream}", {"last_by_subj": "pl.casefile.case-file.closed.v1.09.01.003"}
    yield f"DIRECT.GET.{stream}", {"seq": 1}
    yield f"DIRECT.GET.{stream}.pl.casefile.case-file.closed.v1.09.01.003", {}
    yield f"CONSUMER.MSG.NEXT.{stream}.{NEIGHBOUR.consumer}", {"batch": 1, "no_wait": True}
    yield f"CONSUMER.MSG.NEXT.{stream}.casefile", {"batch": 1, "no_wait": True}
    yield f"CONSUMER.RESET.{stream}.{NEIGHBOUR.consumer}", {"seq": 1}
    yield f"CONSUMER.DELETE.{stream}.{NEIGHBOUR.consumer}", {}
    yield f"CONSUMER.INFO.{stream}.{NEIGHBOUR.consumer}", {}
    yield f"CONSUMER.NAMES.{stream}", {}
    yield f"STREAM.INFO.{stream}", {"subjects_filter": ">"}
    yield f"STREAM.PURGE.{stream}", {}
    yield f"STREAM.DELETE.{stream}", {}
    yield (
        f"STREAM.UPDATE.{stream}",
        {"name": stream, "subjects": ["pl.casefile.>"], "republish": {"src": ">", "dest": "x.>"}},
    )
    yield "STREAM.CREATE.MINE", {"name": "MINE", "sources": [{"name": stream}]}
    yield "STREAM.CREATE.MINE", {"name": "MINE", "subjects": ["pl.>"]}


async def test_nothing_else_of_jetstream_exists_for_it(connect: Connect, platform: Connection) -> None:
    """Wider consumers, durables, single messages, other people's consumers: refused, and nothing happened."""
    theirs = await close(connect, "0901003")
    before = await _state(platform)
    client, answers = await connect(SOUTH_KHORASAN.name), list[bytes]()

    async def hear(message: Msg) -> None:
        answers.append(message.data)

    inbox = await client.subscribe("_INBOX.mine", cb=hear)
    for subject, body in _requests():
        for api in ("$JS.API", f"$JS.{API_DOMAIN}.API"):
            with suppress(nats.errors.NoRespondersError, nats.errors.TimeoutError, nats.errors.BadSubjectError):
                answer = await client.request(f"{api}.{subject}", json.dumps(body).encode(), timeout=0.3)
                answers.append(answer.data)
    await asyncio.sleep(0.2)
    await inbox.unsubscribe()

    assert answers, "the server answers at least that there is no JetStream in the account"
    assert {json.loads(answer)["error"]["description"] for answer in answers} == {"JetStream not enabled for account"}
    assert await _state(platform) == before
    assert files(await fetched(await connect(NEIGHBOUR.name), NEIGHBOUR)) == [theirs]


async def test_the_ways_of_the_client_library_lead_nowhere_either(connect: Connect, platform: Connection) -> None:
    await close(connect, "0901003")
    client, heard = await connect(SOUTH_KHORASAN.name), list[Msg]()

    async def hear(message: Msg) -> None:
        heard.append(message)

    everything = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
    for domain in (None, API_DOMAIN):
        jetstream = client.jetstream(domain=domain, timeout=0.3)
        attempts: list[Awaitable[object]] = [
            jetstream.subscribe("pl.casefile.>", stream="CASEFILE", ordered_consumer=True, cb=hear),
            jetstream.subscribe("pl.casefile.>", stream="CASEFILE", config=everything, cb=hear),
            jetstream.subscribe(">", durable=NEIGHBOUR.consumer, stream="CASEFILE", cb=hear),
            jetstream.pull_subscribe("pl.casefile.>", durable="mine", stream="CASEFILE"),
            jetstream.get_msg("CASEFILE", seq=1),
            jetstream.get_msg("CASEFILE", seq=1, direct=True),
            jetstream.get_last_msg("CASEFILE", "pl.casefile.case-file.closed.v1.09.01.003"),
            jetstream.add_stream(StreamConfig(name="MINE", mirror=StreamSource(name="CASEFILE"))),
        ]
        for attempt in attempts:
            with pytest.raises((nats.errors.Error, TimeoutError)):
                await attempt
    await close(connect, "0901003")
    await asyncio.sleep(0.3)

    assert heard == []


async def test_it_cannot_write_into_a_stream_not_even_by_the_reply_of_a_request(
    connect: Connect, platform: Connection
) -> None:
    await close(connect, "2901003")
    before = await _state(platform)
    client = await connect(SOUTH_KHORASAN.name)
    forged = "pl.casefile.case-file.closed.v1.29.01.003"

    await client.publish(forged, b"forged")
    await client.publish("dlq.casefile", b"forged")
    for request in ("CONSUMER.INFO", "CONSUMER.MSG.NEXT"):
        subject = f"$JS.{API_DOMAIN}.API.{request}.CASEFILE.{SOUTH_KHORASAN.consumer}"
        await client.publish(subject, b'{"batch": 5, "expires": 200000000}', reply=forged)
    await client.flush()
    await asyncio.sleep(0.5)

    assert (await _state(platform))["messages"] == before["messages"]


@pytest.mark.parametrize("owner", ["adoption", "gateway"])
def test_adoption_and_the_audit_trail_are_given_to_no_client(owner: str) -> None:
    with pytest.raises(ValidationError):
        Client.model_validate({"name": "welfare-29", "jurisdiction": "29", "owners": [owner]})


async def test_even_a_client_of_the_nation_hears_no_adoption(connect: Connect, platform: Connection) -> None:
    client = await connect(NATION.name)
    heard = await _hear(client, ">")
    for owner in ("adoption", "gateway"):
        jetstream = (await connect(owner)).jetstream()
        await jetstream.publish(f"pl.{owner}.adoption-request.changed.v1.29.01.003", b"{}")
    last = await close(connect, "2901003")

    assert await _heard(heard) == ["pl.casefile.case-file.closed.v1.29.01.003"]
    assert files(await fetched(client, NATION)) == [last]
    for owner in ("adoption", "gateway"):
        own = await platform.jetstream().stream_info(stream_of(owner))
        assert own.state.messages == 1, "it is there, for the platform itself"
        theirs = client.jetstream(domain=API_DOMAIN, timeout=0.3)
        attempts: list[Awaitable[object]] = [
            theirs.get_msg(stream_of(owner), seq=1),
            theirs.pull_subscribe(f"pl.{owner}.>", durable="mine", stream=stream_of(owner)),
            theirs.consumer_info(stream_of(owner), NATION.consumer),
        ]
        for attempt in attempts:
            with pytest.raises((nats.errors.Error, TimeoutError)):
                await attempt


async def test_a_service_publishes_its_own_events_and_no_others(connect: Connect, platform: Connection) -> None:
    before = await _state(platform)
    registry = (await connect("registry")).jetstream(timeout=0.5)

    for subject in ("pl.casefile.case-file.closed.v1.29.01.003", "pl.gateway.audit.personal-file-read.v1.29.-.-"):
        with pytest.raises(TimeoutError):
            await registry.publish(subject, b"{}")
    await registry.publish("pl.registry.center.changed.v1.29.01.003", b"{}")

    after = await _state(platform)
    assert {name: after["messages"][name] - before["messages"][name] for name in after["messages"]} == {
        **dict.fromkeys(after["messages"], 0),
        "REGISTRY": 1,
    }


async def test_a_national_body_gets_its_own_questions_and_answers_as_nobody_else(
    connect: Connect, platform: Connection
) -> None:
    licensing, police = await connect("licensing"), await connect(POLICE.name)
    asked = "national.criminal-record.inquiry.asked.v1.29.01.003"
    for subject in (asked, asked.replace(".29.", ".09."), asked.replace("criminal-record", "degree")):
        await licensing.jetstream().publish(subject, b"{}")
    assert [each.subject for each in await fetched(police, POLICE, stream="NATIONAL")] == [asked]
    for stranger in (SOUTH_KHORASAN, NATION):
        with pytest.raises((nats.errors.Error, TimeoutError)):
            await fetched(await connect(stranger.name), stranger, stream="NATIONAL")

    replied = asked.replace("asked", "replied")
    stored = await police.jetstream(domain=API_DOMAIN).publish(replied, b"{}", timeout=5)
    assert stored.stream == "NATIONAL", "the stream says that it has the answer"
    before = await _state(platform)
    heard = await _hear(platform, "national.>")
    for subject in (
        asked,
        replied.replace("criminal-record", "security"),
        replied.replace(".29.", ".09."),
        "national.criminal-record.inquiry.forgotten.v1.29.01.003",
        "pl.licensing.licence.issued.v1.29.01.003",
    ):
        with pytest.raises((nats.errors.Error, TimeoutError)):
            await police.jetstream(domain=API_DOMAIN).publish(subject, b"{}", timeout=0.3)
    # no other service speaks with national bodies, and the one that does never answers for them
    for service, subject in (("casefile", asked), ("licensing", replied)):
        with pytest.raises((nats.errors.Error, TimeoutError)):
            await (await connect(service)).jetstream().publish(subject, b"{}", timeout=0.3)
    assert heard.empty()
    assert await _state(platform) == before


@pytest.mark.parametrize("name", ["casefile", "PLATFORM", "administrator", "a.b", "*", ""])
def test_a_client_cannot_take_the_name_of_a_service_or_of_a_pattern(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's for the pattern, ours for the name
        accounts({"casefile": "x", "administrator": "x"}, {Client(name=name, jurisdiction=Jurisdiction("29")): "x"})


async def test_the_published_example_receives_one_province_and_goes_on_where_it_stopped(
    connect: Connect, platform: Connection, server: NatsServer
) -> None:
    ours = await close(connect, "2901003")
    await close(connect, "0901003")

    assert await _program(server, "CASEFILE", "REGISTRY", lines=1) == [ours]
    later = await close(connect, "2911001")
    assert await _program(server, "CASEFILE", lines=1) == [later]
    assert await _program(server, "CASEFILE", "--from-the-beginning", lines=2) == [ours, later]


async def _program(server: NatsServer, *arguments: str, lines: int) -> list[str]:
    """Run the example until it has printed that many lines, and a moment longer; the ids of the files it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(PROGRAM),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "NATS_URL": server.url,
            "NATS_USER": SOUTH_KHORASAN.name,
            "NATS_PASSWORD": PASSWORD,
        },
    )
    assert process.stdout is not None
    printed = [await asyncio.wait_for(process.stdout.readline(), 10) for _ in range(lines)]
    await asyncio.sleep(0.3)
    process.terminate()
    rest, _ = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    return [str(json.loads(line)["data"]["case_file_id"]) for line in [*printed, *rest.splitlines()]]


def test_the_published_example_needs_nothing_of_ours() -> None:
    assert "shared" not in PROGRAM.read_text("utf-8")


async def _state(platform: Connection) -> dict[str, dict[str, Any]]:
    """Messages and consumers of every stream."""
    infos = [await platform.jetstream().stream_info(stream_of(owner)) for owner in OWNERS]
    consumers = {
        stream_of(owner): [
            (each.name, each.config.filter_subject)
            for each in await platform.jetstream().consumers_info(stream_of(owner))
        ]
        for owner in OWNERS
    }
    return {"messages": {info.config.name or "": info.state.messages for info in infos}, "consumers": consumers}
