"""The one NATS connection of a process. It comes back by itself for as long as the process lives."""

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

import shared.chassis.lean  # noqa: F401 - before nats

# isort: split
import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from pydantic import SecretStr

log = logging.getLogger(__name__)


class BrokerSettings(Protocol):
    """What the connection needs; ServiceSettings has it, and so may any other settings."""

    @property
    def nats_url(self) -> str: ...
    @property
    def nats_user(self) -> str | None: ...
    @property
    def nats_password(self) -> SecretStr | None: ...


class Broker:
    """Connects, stays connected, and says in the log when it is not.

    nats-py gives up for good on some errors (an expired login, a full server) even when told to reconnect for ever;
    then a new client takes the place of the old one. So never keep `client` or `jetstream`: ask each time.
    """

    FIRST_CONNECTION_SECONDS = 5.0
    REQUEST_SECONDS = 5.0

    def __init__(self, settings: BrokerSettings, *, name: str) -> None:
        self._settings = settings
        self._name = name
        self._client: Client | None = None
        self._jetstream: JetStreamContext | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._closing = False
        self._complaint = ""

    async def connect(self) -> None:
        """Returns when connected, or after five seconds with the attempts going on, so that a process starts without
        NATS."""
        self._closing = False
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._open())
        done, _ = await asyncio.wait({self._connecting}, timeout=self.FIRST_CONNECTION_SECONDS)
        for attempt in done:
            attempt.result()

    async def wait_connected(self, *, seconds: float) -> None:
        """Raises TimeoutError when there is still no connection after `seconds`."""
        async with asyncio.timeout(seconds):
            while not self.connected:  # noqa: ASYNC110 - nats-py has no event for it
                await asyncio.sleep(0.05)

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client:
        """Raises ConnectionClosedError (of nats.errors) while there never was a connection."""
        if self._client is None:
            raise nats.errors.ConnectionClosedError
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """Raises ConnectionClosedError (of nats.errors) while there never was a connection."""
        if self._jetstream is None:
            raise nats.errors.ConnectionClosedError
        return self._jetstream

    async def close(self) -> None:
        """Send what is buffered, then close; safe to call twice."""
        self._closing = True
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
            self._connecting = None
        client, self._client, self._jetstream = self._client, None, None
        if client is None:
            return
        if client.is_connected:
            with suppress(nats.errors.Error, OSError, TimeoutError):
                await client.flush(timeout=2)
        await client.close()

    async def _open(self) -> None:
        client = Client()
        password = self._settings.nats_password
        await client.connect(
            servers=[each.strip() for each in self._settings.nats_url.split(",")],
            name=self._name,
            user=self._settings.nats_user,
            password=None if password is None else password.get_secret_value(),
            connect_timeout=2,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.5,  # type: ignore[arg-type]  # seconds; the annotation is narrower than the code
            ping_interval=10,  # a server that vanished silently is noticed within half a minute
            max_outstanding_pings=2,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_connected,
            closed_cb=self._on_closed,
        )
        self._client = client
        self._jetstream = client.jetstream(timeout=self.REQUEST_SECONDS)
        await self._on_connected()

    async def _on_connected(self) -> None:
        self._complaint = ""
        log.info("connected to NATS")

    async def _on_disconnected(self) -> None:
        if not self._closing:
            log.warning("lost the connection to NATS")

    async def _on_error(self, error: Exception) -> None:
        # while a server is away the same error comes twice a second
        complaint = f"{type(error).__name__}: {error}"
        if complaint != self._complaint and not self._closing:
            self._complaint = complaint
            log.warning("NATS: %s", complaint)

    async def _on_closed(self) -> None:
        if not self._closing:
            log.error("the NATS client gave up, starting another")
            self._connecting = asyncio.create_task(self._open())
