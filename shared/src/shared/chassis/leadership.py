"""One process of a service does what must not be done by two at once."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import asyncpg

_PROMPTLY = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""A leader whose machine vanished loses the lock after 25 seconds."""


class Leadership:
    """A session's advisory lock on a connection of its own: whoever has the lock leads, until the connection ends.

    The connection sees the whole nation. It has to go to PostgreSQL itself, not through a pooler of transactions.
    """

    def __init__(self, *, dsn: str, role: str, name: str, settings: Mapping[str, str] | None = None) -> None:
        """`role` is what one at a time may be, within the database; `name` shows in pg_stat_activity; `settings` are
        PostgreSQL's, for the connection."""
        self._dsn = dsn
        self._role = role
        self._settings = {"application_name": name, **_PROMPTLY, **(settings or {})}
        self._connection: asyncpg.Connection | None = None
        self._leading = False

    @property
    def held(self) -> bool:
        return self._leading and self._connection is not None and not self._connection.is_closed()

    @property
    def connection(self) -> asyncpg.Connection:
        """The connection that carries the lock: what is written on it is written by the leader.

        Raises ConnectionError when there is none.
        """
        if self._connection is None or self._connection.is_closed():
            raise ConnectionError("the connection is gone, and the leadership with it")
        return self._connection

    async def acquire(self) -> bool:
        """Whether this process leads now; returns at once. Raises what asyncpg raises when PostgreSQL is away."""
        if self.held:
            return True
        if self._connection is None or self._connection.is_closed():
            self._leading = False
            self._connection = await asyncpg.connect(
                self._dsn,
                timeout=5,
                command_timeout=15,
                server_settings=self._settings,
            )
            await self._connection.execute(
                "SELECT set_config('app.scope_from', '', false), set_config('app.scope_to', ':', false)"
            )
        self._leading = await self._connection.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", self._role)
        return self._leading

    async def release(self) -> None:
        """Let another process lead."""
        connection, self._connection, self._leading = self._connection, None, False
        if connection is not None:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await connection.close(timeout=2)


async def stopped(stop: asyncio.Event, *, within: float) -> bool:
    """Wait for `stop`, at most `within` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await stop.wait()
    return stop.is_set()


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row: a tenth, doubling up to five."""
    return min(0.05 * (1 << min(failures, 10)), 5.0)
