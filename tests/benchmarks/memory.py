"""What everything weighs while nobody asks for anything."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from signal import SIGINT

from tests.benchmarks.measure import Row
from tests.benchmarks.platform import descendants, proportional_set_bytes, ten_free_ports


async def idle() -> AsyncIterator[Row]:
    """`make run` as it is, before this process has started anything that would share its pages."""
    with tempfile.TemporaryDirectory(prefix="positive-life-bench-") as folder:
        Path(folder).chmod(0o755)
        environment = {**os.environ, "POSITIVE_LIFE_HOME": folder, "GATEWAY_PORT": str(ten_free_ports())}
        stack = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deploy.local.run", env=environment, stdout=PIPE, stderr=DEVNULL
        )
        assert stack.stdout is not None
        try:
            async with asyncio.timeout(120):
                while not (await stack.stdout.readline()).startswith(b"ready"):
                    assert not stack.stdout.at_eof(), "the platform did not start"
            await asyncio.sleep(5)
            megabytes = sum(proportional_set_bytes(each) for each in (stack.pid, *descendants(stack.pid))) / 1e6
        finally:
            stack.send_signal(SIGINT)
            await stack.communicate()
    yield Row(
        what="idle memory of everything",
        baseline="-",
        ratio=megabytes,
        wanted="≤ 700 MB",
        ours=f"{megabytes:,.0f} MB (proportional set, all processes)",
    )
