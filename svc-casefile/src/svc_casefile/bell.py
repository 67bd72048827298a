"""How a request wakes the work beside the requests."""

import asyncio


class Bell:
    """Wakes this process's worker when there is something to do; other processes look for themselves."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        for woken in self._waiting:
            woken.set()

    async def wait(self, stop: asyncio.Event, *, seconds: float) -> None:
        """Until it rings, `stop` is set, or the seconds are over."""
        woken = asyncio.Event()
        self._waiting.add(woken)
        awaited = [asyncio.create_task(event.wait()) for event in (woken, stop)]
        try:
            await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.discard(woken)
            for each in awaited:
                each.cancel()
