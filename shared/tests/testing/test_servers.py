"""The servers that tests and `make run` stand on: they keep what they acknowledged, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import nats
import pytest

from shared.testing.servers import NatsServer, PortInUse, PostgresServer, ServerError

STARTER = """
import sys, time
from pathlib import Path
from shared.testing.servers import NatsServer, PostgresServer
folder = Path(sys.argv[1])
print(PostgresServer(folder / "pg").start().pid, NatsServer(folder / "nats").start().pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool], *, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Below a folder that only its owner may enter, as a project in somebody's home is."""
    tmp_path.chmod(0o700)
    return tmp_path


async def test_a_killed_postgres_comes_back_with_every_acknowledged_row(folder: Path) -> None:
    with PostgresServer(folder / "pg") as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        server.kill()
        server.restart()
        connection.terminate()
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT number FROM kept") == 7
        await connection.close()


async def test_a_killed_nats_comes_back_with_every_acknowledged_message(folder: Path) -> None:
    with NatsServer(folder / "nats", durable=True) as server:
        client = await nats.connect(server.url)
        await client.jetstream().add_stream(name="KEPT", subjects=["kept.>"])
        await client.jetstream().publish("kept.one", b"1")
        await client.close()
        server.kill()
        server.restart()
        client = await nats.connect(server.url)
        assert (await client.jetstream().stream_info("KEPT")).state.messages == 1
        await client.close()


async def test_a_password_is_asked_for_when_there_is_one(folder: Path) -> None:
    with PostgresServer(folder / "pg", password="s3cret/@ %") as server:
        assert await asyncpg.connect(server.url)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.url_for("postgres", password="guessed"))


async def test_nats_users_can_be_changed_while_it_runs(folder: Path) -> None:
    users = [{"user": "first", "password": "1"}]
    with NatsServer(folder / "nats", config={"authorization": {"users": users}}) as server:
        server.config = {"authorization": {"users": [*users, {"user": "second", "password": "2"}]}}
        server.reload()
        client = await nats.connect(server.url, user="second", password="2", max_reconnect_attempts=20)
        assert client.is_connected
        await client.close()


def test_nothing_is_left_when_the_starter_is_killed(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER, str(folder)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        servers = [int(pid) for pid in starter.stdout.readline().split()]
        assert [alive(pid) for pid in servers] == [True, True]
        starter.send_signal(signal.SIGKILL)
    assert eventually(lambda: not any(alive(pid) for pid in servers))


def test_a_port_in_use_is_said_in_one_sentence(folder: Path) -> None:
    with NatsServer(folder / "nats") as first:
        for second in (PostgresServer(folder / "pg", port=first.port), NatsServer(folder / "other", port=first.port)):
            with pytest.raises(PortInUse, match=f"127.0.0.1:{first.port}: the port is in use.$"):
                second.start()
            assert second.pid is None


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "pg").mkdir()
    (folder / "pg" / "thesis.txt").write_text("mine")
    with pytest.raises(ServerError, match="not empty and holds no PostgreSQL data"):
        PostgresServer(folder / "pg").start()
    assert (folder / "pg" / "thesis.txt").read_text() == "mine"


def test_data_of_another_release_is_refused(folder: Path) -> None:
    PostgresServer(folder / "pg").prepare()
    (folder / "pg" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerError, match="was made by PostgreSQL 17, this is 18"):
        PostgresServer(folder / "pg").start()


def test_broken_data_is_said_with_the_servers_own_reason(folder: Path) -> None:
    PostgresServer(folder / "pg").prepare()
    control = folder / "pg" / "global" / "pg_control"
    os.truncate(control, 1)
    with pytest.raises(ServerError, match=r"PostgreSQL did not start: .*pg_control.* \(its log is "):
        PostgresServer(folder / "pg").start()


def test_an_interrupted_initialisation_is_not_taken_for_data(folder: Path) -> None:
    (folder / "pg.new-1a2b3c").mkdir()
    (folder / "pg.new-1a2b3c" / "PG_VERSION").write_text("18\n")
    with PostgresServer(folder / "pg") as server:
        assert server.pid
