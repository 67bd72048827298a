"""Messages of a JetStream consumer, on their way before they are asked for.

A request for some hundreds stays open at the server, and what comes for it waits here. (nats-py's own `fetch` makes a
task for each message, which costs more than reading what is in it, and keeps a lone one until its time is up; its push
consumer notices a reconnection only by missing heartbeats.)
"""

import asyncio
import json
import time
from collections import deque
from contextlib import suppress
from typing import Final, Self

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

_EXPIRES_SECONDS: Final = 30
_HEARTBEAT_SECONDS: Final = 5
_SILENCE_SECONDS: Final = 2.5 * _HEARTBEAT_SECONDS
_CLOSE_SECONDS: Final = 2.0
_NANOSECONDS: Final = 1_000_000_000


class PullLost(Exception):
    """The connection, the consumer or the server's heartbeat is gone: start again with another."""


class Pull:
    """At most `batch` messages are on their way or waiting here, whatever the consumer still has."""

    def __init__(self, client: Client, *, stream: str, consumer: str, batch: int) -> None:
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._request = json.dumps(
            {
                "batch": batch,
                "expires": _EXPIRES_SECONDS * _NANOSECONDS,
                "idle_heartbeat": _HEARTBEAT_SECONDS * _NANOSECONDS,
            }
        ).encode()
        self._batch = batch
        self._inbox = client.new_inbox()
        self._reconnects = client.stats["reconnects"]
        self._subscription: Subscription
        self._came: deque[Msg] = deque()
        self._arrival = asyncio.Event()
        self._left = 0
        self._heard = time.monotonic()
        self._lost: str | None = None

    @classmethod
    async def of(cls, client: Client, *, stream: str, consumer: str, batch: int = 256) -> Self:
        pull = cls(client, stream=stream, consumer=consumer, batch=batch)
        pull._subscription = await client.subscribe(pull._inbox, cb=pull._receive)
        return pull

    async def _receive(self, message: Msg) -> None:
        self._heard = time.monotonic()
        if not (message.headers and "Status" in message.headers):
            self._came.append(message)
            self._left -= 1
        else:
            match message.headers["Status"]:
                case "100":
                    return
                case "404" | "408":  # its time is up
                    self._left = 0
                case status:
                    self._lost = f"{status} {message.headers.get('Description', '')}"
        self._arrival.set()

    @property
    def waiting(self) -> list[Msg]:
        """What has come and was not taken yet."""
        return [*self._came]

    async def messages(self, *, within: float) -> list[Msg]:
        """All that have come; when there are none, waits so many seconds for the first. May be empty.

        Raises PullLost when no more will come, after what had come was taken.
        """
        if self._left <= 0 and self._whole:
            # while nothing was asked for, nothing could be heard
            self._left, self._heard = self._batch, time.monotonic()
            await self._client.publish(self._subject, self._request, reply=self._inbox)
        self._arrival.clear()
        if not self._came and self._lost is None:
            try:
                async with asyncio.timeout(within):
                    await self._arrival.wait()
            except TimeoutError:
                if not self._whole:
                    self._lost = "the connection was lost"
                elif time.monotonic() - self._heard > _SILENCE_SECONDS:
                    self._lost = "no heartbeat"
        if not self._came and self._lost is not None:
            raise PullLost(self._lost)
        messages = [*self._came]
        self._came.clear()
        return messages

    @property
    def _whole(self) -> bool:
        return bool(self._client.is_connected) and self._client.stats["reconnects"] == self._reconnects

    async def close(self) -> list[Msg]:
        """Ask for no more. Returns what nobody took, to be given back."""
        with suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._client.is_connected:
                    await self._subscription.drain()  # type: ignore[no-untyped-call]  # with what was on its way
                else:
                    await self._subscription.unsubscribe()
        left, self._came = [*self._came], deque()
        return left
