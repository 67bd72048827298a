"""Following one event stream from a place on: in order, nothing left out, whatever happens to the connection.

A follower keeps no durable consumer at the broker. It pulls through a short-lived one, which also holds back a sender
that is faster than the reader, and after a gap, a lost connection or a lost consumer makes another that continues
after the last sequence it has seen.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.chassis.broker import Broker
from shared.chassis.pull import Pull, PullLost
from shared.kit.ids import new_id

log = logging.getLogger(__name__)

LOST: Final = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)
"""What using the broker raises while it is away, or has forgotten the stream."""
_LOOK_SECONDS: Final = 0.5
_RETRY_SECONDS: Final = 0.5
_CONNECT_SECONDS: Final = 5.0
_LEAVE_SECONDS: Final = 3.0

_leaving: Final[set[asyncio.Task[None]]] = set()
"""Followers that put away what they have at the broker; held here until they are done."""


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
            except (*LOST, PullLost) as error:
                reason = f"{type(error).__name__}: {error}"
                if reason != said:
                    log.warning("waiting to follow a stream again", extra={"stream": self.stream, "reason": reason})
                    said = reason
            finally:
                self.following = False
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        await self._broker.wait_connected(seconds=_CONNECT_SECONDS)
        jetstream = self._broker.jetstream
        stream = await jetstream.stream_info(self.stream)
        if self._created not in {None, stream.created} or stream.state.last_seq < self.position:
            self.position, self._begun = 0, False
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
            await self._receive(name)
        finally:
            # to its end, even when whoever listened is told twice to stop
            leaving = asyncio.create_task(self._leave(jetstream, name))
            _leaving.add(leaving)
            leaving.add_done_callback(_leaving.discard)
            await asyncio.shield(leaving)

    async def _leave(self, jetstream: JetStreamContext, name: str) -> None:
        with suppress(*LOST):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await jetstream.delete_consumer(self.stream, name)

    async def _receive(self, consumer: str) -> None:
        delivered = 0
        pull = await Pull.of(self._broker.client, stream=self.stream, consumer=consumer)
        try:
            while True:
                for message in await pull.messages(within=_LOOK_SECONDS):
                    place = message.metadata.sequence
                    delivered += 1
                    if place.consumer != delivered:
                        raise PullLost(f"message {place.consumer} came instead of {delivered}")
                    await self._reader.read(
                        Followed(place.stream, message.subject, message.data, message.metadata.num_pending)
                    )
                    self.position = place.stream
        finally:
            await pull.close()


async def cancelled(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks that use the broker, and wait for their end. Once may not be enough: nats-py swallows a
    cancellation that comes while it flushes; but the next one waits until a follower has had the time to put away
    what it has at the broker."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1.5 * _LEAVE_SECONDS)
