"""What everything weighs while nobody asks for anything."""

import asyncio
from collections.abc import AsyncIterator

from tests.benchmarks.measure import Row
from tests.benchmarks.platform import Platform


async def idle(platform: Platform) -> AsyncIterator[Row]:
    await asyncio.sleep(5)
    megabytes = platform.proportional_set_bytes() / 1e6
    yield Row(
        what="idle memory of everything",
        baseline="-",
        ratio=megabytes,
        wanted="≤ 700 MB",
        ours=f"{megabytes:,.0f} MB (proportional set, all processes)",
    )
