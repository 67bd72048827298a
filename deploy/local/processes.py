"""Child processes: started in order, watched, started again when they fall, and stopped together."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any

from deploy.local.home import ROOT, Refusal
from shared.testing.servers import LOOPBACK, Server, ServerError, die_with_parent


class Program(Server):
    """`python -m module serve`, ready when its `/readyz` says so."""

    def __init__(self, name: str, *, module: str, port: int, environment: Mapping[str, str], log: Path) -> None:
        super().__init__(port=port, log=log)
        self.name = name
        self.module = module
        self.environment = {**environment, "HOST": LOOPBACK, "PORT": str(port)}

    def prepare(self) -> None:
        """Nothing: its tables are migrated before it is started."""

    def _command(self) -> tuple[list[str], dict[str, Any]]:
        return [sys.executable, "-m", self.module, "serve"], {"env": self.environment}

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK and self.pid is not None
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)  # a starting interpreter needs the processor more than we do
            return False
        finally:
            connection.close()

    def _reason(self, said: str) -> ServerError:
        lines = [line for line in said.splitlines() if line.strip()]
        refusal = next(
            (line.removeprefix("cannot start: ") for line in lines if line.startswith("cannot start: ")), None
        )
        last = refusal or (lines or ["it said nothing"])[-1]
        return ServerError(f"{self.name} did not start: {last.strip().rstrip('.')} (its log is {self.log}).")


class Task:
    """A module that runs to its end: started early, told what it needs when that is known."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, *, log: Path, begin: int) -> None:
        self._name = name
        self._process = process
        self._log = log
        self._begin = begin

    @classmethod
    async def start(cls, name: str, *, module: str, environment: Mapping[str, str], log: Path) -> Task:
        with log.open("ab") as output:
            begin = output.tell()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=dict(environment),
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        return cls(name, process, log=log, begin=begin)

    async def finish(self, line: str) -> None:
        """Tell it, and wait for its end. Raises Refusal with its last words when that is not a good one."""
        await self._process.communicate(f"{line}\n".encode())
        if self._process.returncode:
            said = await asyncio.to_thread(lambda: self._log.read_bytes()[self._begin :].decode(errors="replace"))
            lines = [line for line in said.splitlines() if line.strip()] or ["it said nothing"]
            last = lines[-1].removeprefix("cannot start: ").strip().rstrip(".")
            raise Refusal(f"{self._name} failed: {last} (its log is {self._log}).")

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


class Processes:
    """What has been started, in three waves: servers of data, services, gateway."""

    RESTARTS = 5
    PERIOD_SECONDS = 60.0
    LOOK_SECONDS = 0.2

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._waves: dict[int, list[Server]] = {}
        self._falls: dict[Server, deque[float]] = {}

    @property
    def servers(self) -> list[Server]:
        """All of them, in the order in which they were started."""
        return [each for wave in self._waves.values() for each in wave]

    async def start(self, *servers: Server, wave: int) -> None:
        """Returns when all of them are ready. Raises ServerError for the first that cannot."""
        self._waves.setdefault(wave, []).extend(servers)
        for server in servers:
            await asyncio.to_thread(server.prepare)
            server.spawn()
        await _all(asyncio.to_thread(server.wait_ready) for server in servers)

    async def watch(self) -> None:
        """Runs for ever. Raises ServerError when a process falls again and again."""
        restarting: dict[Server, asyncio.Task[None]] = {}
        while True:
            for server in self.servers:
                task = restarting.get(server)
                if task is not None and task.done():
                    task.result()
                    del restarting[server]
                elif task is None and server.pid is None:
                    restarting[server] = asyncio.create_task(self._restart(server))
            await asyncio.sleep(self.LOOK_SECONDS)

    async def _restart(self, server: Server) -> None:
        falls = self._falls.setdefault(server, deque(maxlen=self.RESTARTS))
        now = time.monotonic()
        if len(falls) == self.RESTARTS and now - falls[0] < self.PERIOD_SECONDS:
            raise ServerError(f"{server.name} fell {self.RESTARTS + 1} times within a minute; its log is {server.log}.")
        recent = sum(now - fall < self.PERIOD_SECONDS for fall in falls)
        falls.append(now)
        self._say(f"{server.name} has ended; starting it again")
        await asyncio.sleep(0 if recent == 0 else 0.5 * 2 ** (recent - 1))
        server.spawn()
        try:
            await asyncio.to_thread(server.wait_ready)
        except ServerError as error:
            self._say(str(error))  # the next look finds it ended, and counts
        else:
            self._say(f"{server.name} is back")

    async def stop(self) -> None:
        """The last wave first; less than ten seconds for all, of which the servers of data may take most."""
        for wave, seconds in ((2, 2.0), (1, 3.0), (0, 4.0)):
            servers = self._waves.pop(wave, [])
            await asyncio.gather(*(asyncio.to_thread(server.stop, seconds=seconds) for server in servers))

    def kill(self) -> None:
        for server in self.servers:
            server.kill()


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All at once; the first failure is raised while the others are left to end."""
    tasks = [asyncio.create_task(each) for each in work]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
    for task in done:
        task.result()


def interpreter_environment() -> dict[str, str]:
    """What a process of ours inherits: the terminal's variables without those that configure another process."""
    ours = {
        "HOST",
        "PORT",
        "OIDC_ISSUER",
        "OIDC_AUDIENCE",
        "UPSTREAMS",
        "ACTOR_KEYS",
        "ACTOR_SIGNING_KEY",
        "CURSOR_KEY",
    }
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith(("DATABASE_", "NATS_", "MAKE", "MFLAGS"))
    }
    return {"LOG_FORMAT": "text", "MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"} | inherited
