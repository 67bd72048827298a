"""What the operators' command writes is what the server takes."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import nats.errors
import pytest
from nats.aio.client import Client as Connection

from deploy.nats.__main__ import main
from shared.chassis.streams import OWNERS, StreamSettings, declared
from shared.testing.servers import NatsServer

ROOT = Path(__file__).parents[2]
NAMES = (*OWNERS, "administrator", "welfare-database-29")
PASSWORDS = {f"NATS_PASSWORD_{name.upper().replace('-', '_')}": f"secret of {name}" for name in NAMES}


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.nats", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **PASSWORDS, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    path = tmp_path / "clients.json"
    path.write_text((ROOT / "deploy" / "nats" / "clients.json").read_text("utf-8"), "utf-8")
    return path


@pytest.fixture
def server(clients: Path, tmp_path: Path) -> Iterator[NatsServer]:
    with NatsServer(tmp_path / "nats", config=_accounts(clients)) as server:
        yield server


def _accounts(clients: Path) -> dict[str, Any]:
    done = command("accounts", str(clients))
    assert done.returncode == 0, done.stderr
    written: dict[str, Any] = json.loads(done.stdout)
    return written


def _move(clients: Path, place: str) -> None:
    clients.write_text(clients.read_text("utf-8").replace('"29"', f'"{place}"'), "utf-8")


def _forget_all(clients: Path) -> None:
    clients.write_text("[]", "utf-8")


async def _connect(server: NatsServer, name: str) -> Connection:
    return await nats.connect(server.url, user=name, password=f"secret of {name}", allow_reconnect=False)


async def test_a_system_is_connected_moved_to_another_place_and_disconnected(server: NatsServer, clients: Path) -> None:
    administrator = await _connect(server, "administrator")
    jetstream = administrator.jetstream()

    early = await asyncio.to_thread(command, "provision", str(clients), NATS_URL=server.url)
    assert (early.returncode, early.stderr) == (1, "a stream is not there yet: run the services' `migrate` first\n")

    for stream in declared(StreamSettings()).values():
        await jetstream.add_stream(stream)
    for place in ("29", "29", "2901"):
        _move(clients, place)
        done = await asyncio.to_thread(command, "provision", str(clients), NATS_URL=server.url)
        assert done.returncode == 0, done.stderr
    consumer = await jetstream.consumer_info("CASEFILE", "client-welfare-database-29")
    assert consumer.config.filter_subject == "pl.casefile.*.*.*.29.01.>"

    closed = asyncio.Event()

    async def on_close() -> None:
        closed.set()

    system = await nats.connect(
        server.url,
        user="welfare-database-29",
        password="secret of welfare-database-29",
        allow_reconnect=False,
        closed_cb=on_close,
    )
    _forget_all(clients)
    server.config = await asyncio.to_thread(_accounts, clients)
    server.reload()
    await asyncio.wait_for(closed.wait(), 5)
    with pytest.raises(nats.errors.Error):
        await _connect(server, "welfare-database-29")
    await administrator.flush(timeout=5)

    await system.close()
    await administrator.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[{}]", "name"),
        ('[{"name": "welfare-29", "jurisdiction": "290"}]', "7-digit of a center"),
        ('[{"name": "welfare-29", "jurisdiction": ""}]', "7-digit of a center"),
        ('[{"name": "welfare-29", "jurisdiction": "29", "owners": ["adoption"]}]', "registry"),
        ('[{"name": "unknown-29", "jurisdiction": "29"}]', "NATS_PASSWORD_UNKNOWN_29"),
        ("no JSON", "JSON"),
    ],
)
def test_a_wrong_list_is_refused_with_what_is_wrong(
    clients: Path, content: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, password in PASSWORDS.items():
        monkeypatch.setenv(name, password)
    clients.write_text(content, "utf-8")

    status = main(["accounts", str(clients)])

    written = capsys.readouterr()
    assert (status, written.out) == (1, "")
    assert said in written.err
