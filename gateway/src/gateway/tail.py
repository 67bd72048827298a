"""Following one event stream from a place on: in order, nothing left out, whatever happens to the connection.

A follower keeps no durable consumer at the broker. It pulls through a short-lived one, which also holds back a sender
that is faster than the reader, and after a gap, a lost connection or a lost consumer makes another that continues
after the last sequence it has seen. (nats-py's own `fetch(n)` keeps a lone message until its time is up, and its
ordered push consumer notices a reconnection only by missing heartbeats.)
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.chassis.broker import Broker
from shared.kit.ids import new_id

log = logging.getLogger(__name__)

LOST: Final = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)
"""What using the broker raises while it is away, or has forgotten the stream."""
_BATCH: Final = 256
_PULL_SECONDS: Final = 30
_HEARTBEAT_SECONDS: Final = 5
_SILENCE_SECONDS: Final = 2.5 * _HEARTBEAT_SECONDS
_LOOK_SECONDS: Final = 0.5
_RETRY_SECONDS: Final = 0.5
_CONNECT_SECONDS: Final = 5.0
_LEAVE_SECONDS: Final = 3.0

_leaving: Final[set[asyncio.Task[None]]] = set()
"""Followers that put away what they have at the broker; held here until they are done."""


class _GapError(Exception):
    """Something between the broker and us was lost; the follower has to start again from its position."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One message of a stream."""

    sequence: int
    subject: str
    data: bytes
    pending: int
    """How many more the stream has at the moment."""


class Reader(Protocol):
    async def begin(self, *, anew: bool, pending: int) -> None:
        """Messages follow. `anew`: from the stream's beginning, because this is the first time or the stream that was
        followed is gone and this is another; otherwise from where the last ones ended."""

    async def read(self, message: Followed) -> None: ...


class Tail:
    """Feeds a reader with the messages of one stream."""

    def __init__(
        self, broker: Broker, *, stream: str, subjects: Sequence[str], reader: Reader, after: int | None = None
    ) -> None:
        """`after`: the sequence of the last message not wanted; from the beginning without it."""
        self.stream = stream
        self.position = after or 0
        self.following = False
        """Whether what the stream has is being received at the moment."""
        self._broker = broker
        self._subjects = list(subjects)
        self._reader = reader
        self._begun = after is not None
        self._created: datetime | None = None

    async def run(self) -> None:
        """Follow until cancelled; the broker being away is not an error. What the reader raises, is raised."""
        said = ""
        while True:
            try:
                await self._follow()
            except (*LOST, _GapError) as error:
                reason = f"{type(error).__name__}: {error}"
                if reason != said:
                    log.warning("waiting to follow a stream again", extra={"stream": self.stream, "reason": reason})
                    said = reason
            finally:
                self.following = False
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        await self._broker.wait_connected(seconds=_CONNECT_SECONDS)
        client, jetstream = self._broker.client, self._broker.jetstream
        reconnects = client.stats["reconnects"]
        stream = await jetstream.stream_info(self.stream)
        if self._created not in {None, stream.created} or stream.state.last_seq < self.position:
            self.position, self._begun = 0, False
        queue: asyncio.Queue[Msg] = asyncio.Queue()
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox, cb=queue.put)
        name = new_id().hex  # ours, so that it can be put away even if its making was not answered
        try:
            consumer = await jetstream.add_consumer(
                self.stream,
                ConsumerConfig(
                    name=name,
                    deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                    opt_start_seq=self.position + 1,
                    filter_subjects=self._subjects,
                    ack_policy=AckPolicy.NONE,
                    inactive_threshold=60,
                    mem_storage=True,
                    num_replicas=1,
                ),
            )
            self._created = stream.created
            await self._reader.begin(anew=not self._begun, pending=consumer.num_pending or 0)
            self._begun = True
            self.following = True
            request = json.dumps(
                {
                    "batch": _BATCH,
                    "expires": _PULL_SECONDS * 1_000_000_000,
                    "idle_heartbeat": _HEARTBEAT_SECONDS * 1_000_000_000,
                }
            ).encode()

            async def pull() -> None:
                await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{name}", request, reply=inbox)

            def whole() -> bool:
                return client.is_connected and client.stats["reconnects"] == reconnects

            await self._receive(queue, pull=pull, whole=whole)
        finally:
            # to its end, even when whoever listened is told twice to stop
            leaving = asyncio.create_task(self._leave(subscription, jetstream, name))
            _leaving.add(leaving)
            leaving.add_done_callback(_leaving.discard)
            await asyncio.shield(leaving)

    async def _leave(self, subscription: Subscription, jetstream: JetStreamContext, name: str) -> None:
        with suppress(*LOST):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await jetstream.delete_consumer(self.stream, name)
                await subscription.unsubscribe()

    async def _receive(
        self, queue: asyncio.Queue[Msg], *, pull: Callable[[], Awaitable[None]], whole: Callable[[], bool]
    ) -> None:
        delivered = 0
        await pull()
        left, heard = _BATCH, time.monotonic()
        while True:
            try:
                message = queue.get_nowait()
            except asyncio.QueueEmpty:
                try:
                    async with asyncio.timeout(_LOOK_SECONDS):
                        message = await queue.get()
                except TimeoutError:
                    if not whole():
                        raise _GapError("the connection was lost") from None
                    if time.monotonic() - heard > _SILENCE_SECONDS:
                        raise _GapError("no heartbeat") from None
                    continue
            heard = time.monotonic()
            if message.headers and "Status" in message.headers:
                match message.headers["Status"]:
                    case "100":
                        continue
                    case "404" | "408":
                        left = 0
                    case status:
                        raise _GapError(f"{status} {message.headers.get('Description', '')}")
            else:
                place = message.metadata.sequence
                delivered += 1
                if place.consumer != delivered:
                    raise _GapError(f"message {place.consumer} came instead of {delivered}")
                left -= 1
                followed = Followed(place.stream, message.subject, message.data, message.metadata.num_pending)
                await self._reader.read(followed)
                self.position = place.stream
            if left == 0:
                await pull()
                left = _BATCH


async def cancelled(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks that use the broker, and wait for their end. Once may not be enough: nats-py swallows a
    cancellation that comes while it flushes; but the next one waits until a follower has had the time to put away
    what it has at the broker."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1.5 * _LEAVE_SECONDS)
