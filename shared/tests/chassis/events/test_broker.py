"""The connection to NATS, and the streams behind it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nats.errors import ConnectionClosedError, Error

from shared.chassis.broker import Broker
from shared.chassis.dead_letters import (
    CONSUMER,
    DELIVERIES,
    REASON,
    SEQUENCE,
    SUBJECT,
    find,
    return_dead_letters,
)
from shared.chassis.settings import ServiceSettings
from shared.chassis.streams import DEAD_LETTERS, NATIONAL, ensure_streams
from shared.testing.servers import NatsServer, free_port

from .conftest import World, fact, until


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path / "nats", port=free_port())
    server.prepare()
    yield server
    server.stop()


def settings_for(server: NatsServer, **others: str) -> ServiceSettings:
    return ServiceSettings.model_validate(
        {
            "database_url": "postgresql://nobody@127.0.0.1/none",
            "actor_keys": "{}",
            "cursor_key": "x" * 32,
            "nats_url": server.url,
            **others,
        }
    )


async def test_a_process_starts_before_its_broker(server: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broker, "FIRST_CONNECTION_SECONDS", 0.2)
    broker = Broker(settings_for(server), name="early")
    await broker.connect()
    assert not broker.connected
    with pytest.raises(ConnectionClosedError):
        _ = broker.jetstream
    server.start()
    await broker.wait_connected(seconds=5)
    await ensure_streams(broker, owner="casefile")
    await broker.close()
    await broker.close()


async def test_waiting_for_a_broker_that_does_not_come_ends(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Broker, "FIRST_CONNECTION_SECONDS", 0.1)
    broker = Broker(settings_for(server), name="early")
    await broker.connect()
    with pytest.raises(TimeoutError):
        await broker.wait_connected(seconds=0.1)
    await broker.close()


async def test_an_address_that_is_none_is_refused(server: NatsServer) -> None:
    broker = Broker(settings_for(server, nats_url="nats://host:port"), name="wrong")
    with pytest.raises(Error, match="invalid connect url"):
        await broker.connect()
    await broker.close()


@pytest.mark.parametrize("gently", [True, False], ids=["stopped", "killed"])
async def test_the_connection_comes_back(server: NatsServer, *, gently: bool) -> None:
    server.start()
    broker = Broker(settings_for(server), name="patient")
    await broker.connect()
    await ensure_streams(broker, owner="casefile")
    if gently:
        server.stop()
    else:
        server.kill()

    async def gone() -> bool:
        return not broker.connected

    await until(gone)
    server.start()
    await broker.wait_connected(seconds=5)
    assert (await broker.jetstream.stream_info("CASEFILE")).config.name == "CASEFILE"
    await broker.close()


async def test_a_login_that_is_wrong_for_a_while_does_no_lasting_harm(server: NatsServer) -> None:
    server.config = {"authorization": {"user": "casefile", "password": "first"}}
    server.start()
    broker = Broker(settings_for(server, nats_user="casefile", nats_password="first"), name="patient")
    await broker.connect()
    assert broker.connected
    server.config = {"authorization": {"user": "casefile", "password": "second"}}
    server.reload()

    async def gone() -> bool:
        return not broker.connected

    await until(gone)
    await asyncio.sleep(1)
    server.config = {"authorization": {"user": "casefile", "password": "first"}}
    server.reload()
    await broker.wait_connected(seconds=10)
    await ensure_streams(broker, owner="casefile")
    await broker.close()


async def test_streams_are_declared_once_and_brought_up_to_date(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    jetstream = world.broker.jetstream
    await ensure_streams(world.broker, owner="casefile")
    casefile, registry, letters, national = [
        (await jetstream.stream_info(name)).config for name in ("CASEFILE", "REGISTRY", DEAD_LETTERS, NATIONAL)
    ]
    assert (casefile.subjects, registry.subjects) == (["pl.casefile.>"], ["pl.registry.>"])
    assert (letters.subjects, national.subjects) == (["dlq.>"], ["national.>"])
    assert (casefile.max_age, registry.max_age, letters.max_age) == (90 * 86400, 0, 0)
    assert casefile.duplicate_window == 600

    await world.send(fact(1))
    monkeypatch.setenv("STREAM_MAX_AGE_DAYS", "30")
    await ensure_streams(world.broker, owner="casefile")
    await ensure_streams(world.broker, owner="registry")
    assert (await jetstream.stream_info("CASEFILE")).config.max_age == 30 * 86400
    assert await world.values() == [1]
    monkeypatch.delenv("STREAM_MAX_AGE_DAYS")
    await ensure_streams(world.broker, owner="casefile")


async def test_a_setting_that_is_wrong_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAM_REPLICAS", "none")
    with pytest.raises(SystemExit):
        await ensure_streams(world.broker, owner="registry")
    assert "STREAM_REPLICAS" in capsys.readouterr().err


async def test_only_the_account_of_the_owner_returns_an_event(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Broker, "REQUEST_SECONDS", 0.5)
    user = {"user": "casefile", "password": "secret", "permissions": {"publish": {"deny": ["pl.registry.>"]}}}
    server.config = {"authorization": {"users": [user]}}
    server.start()
    broker = Broker(settings_for(server, nats_user="casefile", nats_password="secret"), name="casefile")
    await broker.connect()
    await ensure_streams(broker, owner="registry")
    subject = fact(1).subject
    headers = {SUBJECT: subject, SEQUENCE: "1", CONSUMER: "casefile-registry", REASON: "LookupError", DELIVERIES: "6"}
    await broker.jetstream.publish(f"dlq.casefile.{subject}", b"{}", headers=headers)
    with pytest.raises(PermissionError, match=subject):
        await return_dead_letters(broker, service="casefile", limit=10)
    assert [letter.subject async for letter, _ in find(broker, service="casefile", limit=10)] == [subject]
    await broker.close()
