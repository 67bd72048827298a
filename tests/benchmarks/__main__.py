"""`make bench`: every measurement of the project, beside its baseline, in one run of some minutes.

Names as arguments choose among them: `python -m tests.benchmarks gateway memory`. The exit code says whether every
bound was met.
"""

import asyncio
import importlib.metadata
import platform as machine
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    adoption,
    adoption_queue,
    casefile,
    events,
    gateway,
    licensing,
    memory,
    opening_day,
    screening,
    settlement,
    timeline,
    verification,
    visits,
)
from tests.benchmarks.load import generator
from tests.benchmarks.measure import Row
from tests.benchmarks.platform import Platform, platform

SUBJECTS = (
    "memory",
    "gateway",
    "opening-day",
    "settlement",
    "reads",
    "writes",
    "visits",
    "screening",
    "adoption",
    "overdue",
    "timeline",
    "adoption-queue",
    "verification",
    "growth",
    "events",
)
"""In this order: later ones read what opening day has taken in."""
NEED_FILES = {"settlement", "reads", "writes", "visits", "timeline", "growth"}
VERSIONS = ("fastapi", "starlette", "uvicorn", "pydantic", "sqlalchemy", "asyncpg", "aiohttp", "nats-py", "ortools")


async def measured(running: Platform, chosen: set[str]) -> AsyncIterator[Row]:
    with generator() as pool:
        cases = {
            "gateway": lambda: gateway.proxied_get(running, pool),
            "opening-day": lambda: opening_day.take_in_and_distribute(running),
            "settlement": lambda: settlement.province(running),
            "reads": lambda: casefile.reads(running, pool),
            "writes": lambda: casefile.writes(running, pool),
            "visits": lambda: visits.visits(running, pool),
            "screening": lambda: screening.screening(running, pool),
            "adoption": lambda: adoption.adoption(running, pool),
            "overdue": lambda: licensing.overdue(running, pool),
            "timeline": lambda: timeline.timeline(running, pool),
            "adoption-queue": lambda: adoption_queue.position(running, pool),
            "verification": lambda: verification.verification(running, pool),
            "growth": lambda: casefile.growth(running, pool),
            "events": lambda: events.propagation(running),
        }
        for subject, case in cases.items():
            if subject in chosen:
                running.share_cores()  # the one before may have measured something alone,
                await running.quiet()  # and its events may still be on their way
                async for row in case():
                    yield row


async def everything(chosen: set[str]) -> AsyncIterator[Row]:
    if "memory" in chosen:
        async for row in memory.idle():
            yield row
    if chosen - {"memory"}:
        async with platform() as running:
            async for row in measured(running, chosen):
                yield row


async def main(arguments: list[str]) -> int:
    if unknown := set(arguments) - set(SUBJECTS):
        sys.stderr.write(f"No such benchmark: {', '.join(sorted(unknown))}. There are {', '.join(SUBJECTS)}.\n")
        return 2
    chosen = set(arguments or SUBJECTS)
    if chosen & NEED_FILES:
        chosen.add("opening-day")
    console = Console(width=200)
    rows: list[Row] = []
    async for row in everything(chosen):
        rows.append(row)
        said = f"{'met   ' if row.met else 'MISSED'} {row.what} ({row.baseline}): {_ratio(row)}, wanted {row.wanted}"
        console.print(said, markup=False)
    table = Table(title=f"{machine.python_implementation()} {machine.python_version()}, " + ", ".join(_versions()))
    for heading in ("what", "baseline in the same run", "ratio", "to reach", "ours", "baseline", ""):
        table.add_column(heading)
    for row in rows:
        table.add_row(
            row.what, row.baseline, _ratio(row), row.wanted, row.ours, row.theirs, "met" if row.met else "missed"
        )
    console.print(table)
    return 0 if all(row.met for row in rows) else 1


def _ratio(row: Row) -> str:
    return "-" if row.ratio is None else f"{row.ratio:,.2f}"


def _versions() -> list[str]:
    found = []
    for name in VERSIONS:
        with suppress(importlib.metadata.PackageNotFoundError):
            found.append(f"{name} {importlib.metadata.version(name)}")
    return found


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
