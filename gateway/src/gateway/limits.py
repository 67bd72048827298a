"""How often one caller may ask: a meter that refills steadily (GCRA), one float per caller.

The in-memory storages of the `limits` package look through the keys of all callers at up to every hit, in a thread or
task of their own; with ten thousand callers that costs more than the request. So only its notation is used.
"""

import math
from typing import Final, NamedTuple

import limits

_SWEEP_SECONDS: Final = 60.0


class Verdict(NamedTuple):
    header: bytes
    """The `RateLimit` field (draft-ietf-httpapi-ratelimit-headers-10)."""
    retry_after: int
    """Whole seconds until one more request is allowed; 0 for a request that is."""


class Meter:
    """One limit for all callers, each counted alone."""

    def __init__(self, rate: str, *, name: str) -> None:
        parsed = limits.parse(rate)
        self._quota, self._window = parsed.amount, float(parsed.get_expiry())
        self._interval = self._window / self._quota
        self._prefix = f'"{name}";r='
        self._full: dict[str, float] = {}
        """When each caller's meter is empty again: the sum of the intervals used, from now on."""
        self._swept = 0.0
        self.policy = f'"{name}";q={self._quota};w={int(self._window)}'.encode()

    def hit(self, key: str, now: float) -> Verdict:
        """Count a request. `now`: any clock that only goes forward, in seconds."""
        used = self._full.get(key, now) - now
        used = (used if used > 0 else 0.0) + self._interval
        if now - self._swept > _SWEEP_SECONDS:
            self._swept = now
            self._full = {each: full for each, full in self._full.items() if full > now}
        if used > self._window + 1e-6:
            wait = math.ceil(used - self._window)
            return Verdict(f"{self._prefix}0;t={math.ceil(used - self._interval)}".encode(), wait)
        self._full[key] = now + used
        left = int((self._window - used) / self._interval + 1e-6)
        return Verdict(f"{self._prefix}{left};t={math.ceil(used)}".encode(), 0)
