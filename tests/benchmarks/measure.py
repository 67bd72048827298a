"""Side by side: baseline and ours take turns on the same core, and the middle of the ratios counts."""

import asyncio
import os
import statistics
import sys
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.testing.servers import free_port
from tests.benchmarks.load import LOOPBACK, Load, drive

CORES = sorted(os.sched_getaffinity(0))
MEASURED, OTHERS = CORES[0], CORES[-1]
"""What is measured has a core of its own; load, upstream and servers share the other."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is ours to the baseline's, the larger the better, unless `wanted` says `≤`."""

    what: str
    baseline: str
    ratio: float | None
    wanted: str
    ours: str
    theirs: str = ""

    @property
    def met(self) -> bool:
        """Whether every bound in `wanted` holds; a figure that could not be taken meets nothing."""
        return self.ratio is not None and all(self._holds(bound.strip()) for bound in self.wanted.split(","))

    def _holds(self, bound: str) -> bool:
        value = self.ratio or 0.0
        sign, limit = bound[0], float(bound[1:].strip().split()[0].rstrip("×"))
        return value >= limit if sign == "≥" else value <= limit


@dataclass(frozen=True)
class Contender:
    """A process that answers requests."""

    name: str
    process: int
    port: int
    requests: Sequence[bytes]
    once: bool = False


@dataclass(frozen=True)
class Turn:
    load: Load
    cpu_microseconds: float
    """Of the process, user and system, for each request."""


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def take_turn(
    pool: ProcessPoolExecutor, contender: Contender, *, seconds: float, connections: int, requests: Sequence[bytes]
) -> Turn:
    before = cpu_seconds(contender.process)
    load = await asyncio.get_running_loop().run_in_executor(
        pool, _drive, contender.port, requests, connections, seconds, contender.once
    )
    if load.refused or not load.answered:
        raise AssertionError(f"{contender.name}: {load.refused} of {load.answered} answers were refusals")
    return Turn(load, (cpu_seconds(contender.process) - before) / load.answered * 1e6)


def _drive(port: int, requests: Sequence[bytes], connections: int, seconds: float, once: bool) -> Load:
    return drive(port, requests, connections=connections, seconds=seconds, once=once, core=OTHERS)


async def compare(
    pool: ProcessPoolExecutor,
    ours: Contender,
    theirs: Contender,
    *,
    what: str,
    wanted: str,
    rounds: int = 5,
    seconds: float = 2.0,
    connections: int = 16,
) -> Row:
    """Throughput of ours over theirs; both warmed, each round in the other order."""
    turns: dict[str, list[Turn]] = {ours.name: [], theirs.name: []}
    for contender in (theirs, ours):
        await take_turn(pool, contender, seconds=1, connections=connections, requests=_part(contender, 0, rounds))
    for number in range(rounds):
        pair = (theirs, ours) if number % 2 else (ours, theirs)
        for contender in pair:
            turn = await take_turn(
                pool,
                contender,
                seconds=seconds,
                connections=connections,
                requests=_part(contender, number + 1, rounds),
            )
            turns[contender.name].append(turn)
    ratios = [
        mine.load.per_second / other.load.per_second
        for mine, other in zip(turns[ours.name], turns[theirs.name], strict=True)
    ]
    return Row(
        what=what,
        baseline=theirs.name,
        ratio=statistics.median(ratios),
        wanted=wanted,
        ours=describe(turns[ours.name]),
        theirs=describe(turns[theirs.name]),
    )


def _part(contender: Contender, number: int, rounds: int) -> Sequence[bytes]:
    if not contender.once:
        return contender.requests
    size = len(contender.requests) // (rounds + 1)
    return contender.requests[number * size : (number + 1) * size]


def describe(turns: Sequence[Turn]) -> str:
    rate = statistics.median(turn.load.per_second for turn in turns)
    cpu = statistics.median(turn.cpu_microseconds for turn in turns)
    return f"{rate:,.0f}/s · {cpu:,.0f} µs CPU"


@asynccontextmanager
async def python(
    arguments: Sequence[str], *, environment: Mapping[str, str], ready: str, port: int, core: int | None
) -> AsyncIterator[int]:
    """A Python process on a core, until the block is left; gives its process id once `ready` answers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        await until_answers(f"http://{LOOPBACK}:{port}{ready}")
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def baseline(
    application: str, *, environment: Mapping[str, str], core: int | None = MEASURED
) -> AsyncIterator[tuple[int, int]]:
    """An application of `baselines`, served as ours are; gives process id and port."""
    port = free_port()
    arguments = ["-m", "uvicorn", f"tests.benchmarks.baselines:{application}", "--port", str(port)]
    arguments += ["--no-access-log", "--no-proxy-headers", "--no-server-header", "--no-date-header"]
    arguments += ["--log-level", "warning"]
    async with python(arguments, environment=environment, ready="/", port=port, core=core) as process:
        yield process, port


async def until_answers(url: str, *, seconds: float = 30) -> None:
    """Wait until a server says anything at all on HTTP."""

    def ask() -> bool:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False
        return True

    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(ask):
            await asyncio.sleep(0.05)
