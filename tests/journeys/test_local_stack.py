"""`make run` as the person at the keyboard meets it: up, used, down, up again with the same data."""

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.testing.servers import NatsServer, PostgresServer, port_in_use
from tests.local_stack import Stack, free_ports, run, started

pytestmark = pytest.mark.timeout(300)
PROCESSES = ("gateway", "registry", "casefile", "screening", "licensing", "adoption")


def refusal(**environment: str) -> str:
    """What a start that cannot be says; it says one line, and ends with a code that is not 0."""
    process = run("deploy.local.run", environment=environment)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.count("\n") == 1, said
    return said


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(tmp_path_factory.mktemp("stack"), free_ports()) as stack:
        yield stack
        if stack.process.poll() is None:
            stack.stop()


def processes(stack: Stack) -> dict[str, int]:
    """The process ids of the services and the gateway by name."""
    found = {}
    for pid in stack.descendants():
        command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        if "serve" in command:
            found[command[command.index("-m") + 1].removesuffix(".main").removeprefix("svc_")] = pid
    return found


def test_the_last_line_says_where_everything_is(stack: Stack) -> None:
    last = stack.said.splitlines()[-1]
    ports = {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", last)}
    assert ports == {stack.port, stack.port + 6, stack.port + 7, stack.port + 8}
    assert all(port_in_use(port) for port in ports)


def test_every_process_is_ready(stack: Stack) -> None:
    assert {httpx.get(f"http://127.0.0.1:{stack.port + n}/readyz").status_code for n in range(6)} == {200}
    assert set(processes(stack)) == set(PROCESSES)


def test_the_reference_of_the_api_is_served(stack: Stack) -> None:
    assert httpx.get(f"{stack.url}/docs").status_code == 200
    assert {"/v1/centers", "/v1/me"} <= httpx.get(f"{stack.url}/openapi.json").json()["paths"].keys()


def test_a_token_comes_alone_and_is_worth_its_posting(stack: Stack) -> None:
    for _ in range(2):  # the second time the posting is there
        done = stack.token("county-officer", "2901")
        assert (done.returncode, done.stderr) == (0, "")
        token = done.stdout.removesuffix("\n")
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token)
    me = httpx.get(f"{stack.url}/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert [(each["role"], each["jurisdiction"]) for each in me["postings"]] == [("county-officer", "2901")]


@pytest.mark.parametrize(
    ("role", "scope", "sentence"),
    [
        ("", "", "ROLE is missing"),
        ("king", "IR", "ROLE=king is no role"),
        ("center-manager", "29", "SCOPE=29 is a province; a center-manager has a center"),
        ("center-manager", "", "SCOPE is missing"),
        ("auditor", "29x", "SCOPE=29x is no place"),
        ("county-officer", "2999", "cannot be posted to 2999"),
    ],
)
def test_a_wrong_wish_for_a_token_is_answered_with_a_sentence(
    stack: Stack, role: str, scope: str, sentence: str
) -> None:
    done = stack.token(role, scope)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_service_that_falls_is_started_again(stack: Stack) -> None:
    before = processes(stack)["registry"]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while processes(stack).get("registry") in {None, before} or not answers(stack.port + 1):
        assert time.monotonic() < deadline, stack.logs()
        time.sleep(0.2)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def test_a_second_stack_on_the_same_folder_is_refused(stack: Stack) -> None:
    said = refusal(POSITIVE_LIFE_HOME=str(stack.home), GATEWAY_PORT=str(free_ports()))
    assert f"is running already (process {stack.process.pid})" in said


def test_a_port_in_use_is_named(stack: Stack, tmp_path: Path) -> None:
    said = refusal(POSITIVE_LIFE_HOME=str(tmp_path), GATEWAY_PORT=str(stack.port - 5))
    assert f"{stack.port} (screening)" in said or f"{stack.port} " in said


def test_no_secret_can_be_read_by_others(stack: Stack) -> None:
    secrets = json.loads((stack.home / "secrets.json").read_text())
    for file in stack.home.rglob("*"):
        if file.is_file() and "postgres" not in file.parts and file.stat().st_mode & 0o077:
            text = file.read_text(errors="replace")
            assert not [name for name, value in secrets.items() if isinstance(value, str) and value in text], file


def test_it_uses_servers_that_are_there(tmp_path: Path) -> None:
    with PostgresServer(tmp_path / "pg", password="their own") as postgres, NatsServer(tmp_path / "nats") as nats:
        there = {"DATABASE_URL": postgres.url, "NATS_URL": nats.url}
        with started(tmp_path / "home", free_ports(), **there) as stack:
            assert stack.token("auditor", "IR").returncode == 0
            assert not port_in_use(stack.port + 7)
            assert not port_in_use(stack.port + 8)
            assert stack.stop() < 10
        assert postgres.pid
        assert nats.pid


def test_an_interrupt_while_it_is_loaded_says_nothing(tmp_path: Path) -> None:
    environment = {"POSITIVE_LIFE_HOME": str(tmp_path), "GATEWAY_PORT": str(free_ports())}
    process = run("deploy.local.run", environment=environment)
    while "cryptography" not in Path(f"/proc/{process.pid}/maps").read_text():  # one of the first that it imports
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == -signal.SIGINT


def test_a_broken_data_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    if os.geteuid() == 0:
        os.chown(tmp_path / "postgres", 65534, 65534)
    said = refusal(POSITIVE_LIFE_HOME=str(tmp_path), GATEWAY_PORT=str(free_ports()))
    assert "was made by PostgreSQL 17, this is 18" in said


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"GATEWAY_PORT": "http"}, "GATEWAY_PORT is 'http'"),
        ({"DATABASE_URL": "mysql://root@localhost/"}, "DATABASE_URL has to be a PostgreSQL administrator's address"),
        ({"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/"}, "does not let us in"),
        ({"NATS_URL": "http://127.0.0.1:1"}, "NATS_URL has to be an address"),
    ],
)
def test_wrong_wishes_are_one_sentence(tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    said = refusal(**{"POSITIVE_LIFE_HOME": str(tmp_path), "GATEWAY_PORT": str(free_ports()), **environment})
    assert sentence in said
    assert "secret" not in said


def test_stopping_leaves_nothing_and_starting_again_keeps_the_data(stack: Stack) -> None:
    """The last of the tests that use this stack."""
    home, port = stack.home, stack.port
    assert stack.token("province-officer", "29").returncode == 0
    assert stack.stop(signal.SIGTERM) < 10
    assert stack.process.returncode == 0
    assert stack.descendants() == set()
    assert not any(port_in_use(each) for each in range(port, port + 10))
    with started(home, port) as again:
        headers = {"Authorization": f"Bearer {again.token('administrator').stdout.strip()}", "X-Scope": "IR"}
        kept = httpx.get(f"{again.url}/v1/postings", params={"role": "province-officer"}, headers=headers).json()[
            "items"
        ]
        assert [each["jurisdiction"] for each in kept] == ["29"]
        again.process.kill()  # as when the terminal is lost
        again.process.communicate()
        deadline = time.monotonic() + 10
        while again.descendants():
            assert time.monotonic() < deadline, again.descendants()
            time.sleep(0.1)
    shutil.rmtree(home / "nats")
    with started(home, port) as without_events:
        headers = {"Authorization": f"Bearer {without_events.token('province-officer', '29').stdout.strip()}"}
        deadline = time.monotonic() + 20
        while not httpx.get(f"{without_events.url}/v1/me", headers=headers).json()["postings"]:
            assert time.monotonic() < deadline, "the gateway does not learn of the postings that registry has"
            time.sleep(0.2)
