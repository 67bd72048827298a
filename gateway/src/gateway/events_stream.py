"""`GET /v1/events`: the events inside the caller's scope, as they happen, as server-sent events.

The scope is the end of an event's subject, so this is a subscription: the broker sends nothing else to the gateway in
the first place. The `id` of each event says how far every owner's stream has been read, so `Last-Event-ID` resumes
exactly after it. A stream ends when the posting it stands on ends, or the token expires.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import nats.js.errors
from fastapi.sse import ServerSentEvent

from gateway.errors import InvalidEventPosition, TooManyEventStreams
from gateway.postings import Postings
from gateway.scopes import resolve
from gateway.settings import GatewaySettings
from gateway.tail import LOST, Followed, Tail, cancelled
from gateway.telemetry import EVENT_STREAMS
from gateway.tokens import Caller
from shared.chassis.broker import Broker
from shared.chassis.streams import stream_of
from shared.contracts.permissions import Permission
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import Problem, Unavailable

OWNERS: Final = ("registry", "casefile", "screening", "licensing")
"""Whose events are passed on. Adoption's are confidential, the gateway's own are for the auditors."""
_POSITION: Final = re.compile(r"[a-z]+\.[0-9]{1,18}(?:-[a-z]+\.[0-9]{1,18})*")
_LOOK_SECONDS: Final = 1.0
_WAITING: Final = 64
_RECONNECT_MILLISECONDS: Final = 2000


class Position(dict[str, int]):
    """How far each owner's stream was read: `casefile.1205-registry.88`."""

    def __str__(self) -> str:
        return "-".join(f"{owner}.{sequence}" for owner, sequence in sorted(self.items()))

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Raises InvalidEventPosition for what no stream of ours gave out."""
        if not _POSITION.fullmatch(text):
            raise InvalidEventPosition
        pairs = [each.split(".") for each in text.split("-")]
        position = cls((owner, int(sequence)) for owner, sequence in pairs)
        if len(position) != len(pairs) or not position.keys() <= set(OWNERS):
            raise InvalidEventPosition
        return position


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens, and where."""

    caller: Caller
    header: bytes | None
    scope: Jurisdiction


class EventStreams:
    """All open streams of this process."""

    def __init__(
        self, settings: GatewaySettings, *, broker: Broker, postings: Postings, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._broker = broker
        self._postings = postings
        self._clock = clock
        self._open: Counter[str] = Counter()
        self.stopping = asyncio.Event()

    @asynccontextmanager
    async def open(self, listener: Listener, last: str | None) -> AsyncIterator["EventStream"]:
        """A stream for as long as the block lasts.

        Raises InvalidEventPosition, TooManyEventStreams, or Unavailable when there is no room or no broker.
        """
        given = None if last is None else Position.parse(last)
        subject = listener.caller.subject
        if self._open[subject] >= self._settings.events_per_caller:
            raise TooManyEventStreams(headers={"Retry-After": "30"})
        if self.stopping.is_set() or self._open.total() >= self._settings.events_in_total:
            raise Unavailable(headers={"Retry-After": "5"})
        self._open[subject] += 1
        EVENT_STREAMS.inc()
        try:
            stream = EventStream(
                self._broker,
                scope=listener.scope,
                position=await self._position(given or {}),
                ended=lambda: self._ended(listener),
                stopping=self.stopping,
            )
            try:
                yield stream
            finally:
                await stream.close()
        finally:
            EVENT_STREAMS.dec()
            self._open[subject] -= 1
            if not self._open[subject]:
                del self._open[subject]

    async def _position(self, given: Mapping[str, int]) -> Position:
        """Where to start: where the caller was, else now."""
        position = Position()
        try:
            for owner in OWNERS:
                if owner in given:
                    position[owner] = given[owner]
                else:
                    position[owner] = await self._end_of(owner)
        except LOST as error:
            raise Unavailable(headers={"Retry-After": "5"}) from error
        return position

    async def _end_of(self, owner: str) -> int:
        try:
            return (await self._broker.jetstream.stream_info(stream_of(owner))).state.last_seq
        except nats.js.errors.NotFoundError:
            return 0

    def _ended(self, listener: Listener) -> str | None:
        if listener.caller.expires <= self._clock():
            return "token-expired"
        person = self._postings.person(listener.caller.subject)
        try:
            grant = resolve(person, listener.header, scoped=True, day=self._postings.today())
        except Problem as problem:
            return problem.code
        if grant.scope != listener.scope or Permission.EVENT_READ not in grant.permissions:
            return "posting-changed"
        return None


class EventStream:
    """One caller's stream over the streams of all owners."""

    def __init__(
        self,
        broker: Broker,
        *,
        scope: Jurisdiction,
        position: Position,
        ended: Callable[[], str | None],
        stopping: asyncio.Event,
    ) -> None:
        self._position = position
        self._ended = ended
        self._stopping = stopping
        self._queue: asyncio.Queue[tuple[str, Followed]] = asyncio.Queue(maxsize=_WAITING)
        self._tails = [
            asyncio.create_task(
                Tail(
                    broker,
                    stream=stream_of(owner),
                    subjects=[f"pl.{owner}.*.*.*.{scope.subject_filter}"],
                    reader=_Source(owner, self._queue),
                    after=after,
                ).run()
            )
            for owner, after in position.items()
        ]

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """For ever, or until the caller may not listen any more; then the last event says why."""
        yield ServerSentEvent(id=str(self._position), retry=_RECONNECT_MILLISECONDS, comment="listening")
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    owner, message = await self._queue.get()
            except TimeoutError:
                owner, message = "", None
            if (reason := self._ended()) is not None:
                yield ServerSentEvent(event="end", data={"code": reason})
                return
            if message is not None:
                self._position[owner] = message.sequence
                yield ServerSentEvent(
                    id=str(self._position),
                    event=".".join(message.subject.split(".")[:-3]),
                    raw_data=message.data.decode(),
                )

    async def close(self) -> None:
        await cancelled(self._tails)


class _Source:
    """Puts one owner's messages into the queue of all (a `tail.Reader`); waits when the caller is slower."""

    def __init__(self, owner: str, queue: asyncio.Queue[tuple[str, Followed]]) -> None:
        self._owner = owner
        self._queue = queue

    async def begin(self, *, anew: bool, pending: int) -> None:
        """The position says all: nothing is to be prepared."""

    async def read(self, message: Followed) -> None:
        await self._queue.put((self._owner, message))
