"""A `make run` of its own, as a test can use it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from deploy.local.home import ROOT
from shared.testing.servers import free_port, port_in_use


def free_ports() -> int:
    """The first of ten free ports in a row."""
    while True:
        first = free_port()
        if not any(port_in_use(port) for port in range(first, first + 10)):
            return first


class Stack:
    """One `make run` and what it has said so far."""

    def __init__(self, home: Path, port: int, **environment: str) -> None:
        self.home = home
        self.port = port
        self.environment = {"POSITIVE_LIFE_HOME": str(home), "GATEWAY_PORT": str(port), **environment}
        self.said = ""
        self.process = run("deploy.local.run", environment=self.environment)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def until_ready(self) -> Self:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if line.startswith("ready"):
                return self
        assert self.process.stderr is not None
        raise AssertionError(f"never ready: {self.said}{self.process.stderr.read()}\n{self.logs()}")

    def logs(self) -> str:
        return "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in sorted((self.home / "logs").glob("*.log")))

    def stop(self, sig: signal.Signals = signal.SIGINT) -> float:
        """Seconds until everything was down."""
        begun = time.monotonic()
        self.process.send_signal(sig)
        self.process.communicate(timeout=60)
        return time.monotonic() - begun

    def token(self, role: str, scope: str = "") -> subprocess.CompletedProcess[str]:
        process = run("deploy.local.token", "--role", role, "--scope", scope, environment=self.environment)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def descendants(self) -> set[int]:
        """Every process whose environment or command line names the folder of this stack."""
        found = set()
        for folder in Path("/proc").iterdir():
            try:
                words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if folder.name.isdigit() and state != "Z" and str(self.home).encode() in words:
                found.add(int(folder.name))
        return found


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def started(home: Path, port: int, **environment: str) -> Iterator[Stack]:
    stack = Stack(home, port, **environment)
    try:
        yield stack.until_ready()
    finally:
        if stack.process.poll() is None:
            stack.process.kill()
            stack.process.communicate()
