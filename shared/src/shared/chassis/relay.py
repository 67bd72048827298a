"""From the outbox to JetStream: every committed event, in commit order, however often something dies on the way.

One process of a service relays at a time (`Leadership`). Each event carries its id as `Nats-Msg-Id`, and the position
in the stream that it has to come to as `Nats-Expected-Last-Sequence`. So after a publication is lost, or refused, the
server refuses all that were sent behind it, and a former leader that wakes up cannot write between the rows of the
next one: the order of the stream is the order of the commits, whatever fails. (`Nats-Expected-Last-Msg-Id` would say
it more directly, but one mismatch stops a replicated stream for good: nats-server 2.15.1.) What is asked of national
systems goes to a stream that others write to as well, so nothing is expected of its position: there the id alone keeps
a repetition out.

Those that wait together go as one atomic batch (NATS 2.12 or newer): with `sync_interval: always` the server writes
each lone message through to the disk, and a batch once; consumers get it whole, in one transaction instead of several.

Rows stay for a week after their publication: from them a lost stream is made again (`republish_since`).
"""

import asyncio
import json
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from uuid import uuid4

import asyncpg
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import Header
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError
from prometheus_client import Counter, Gauge

from shared.chassis.broker import Broker
from shared.chassis.leadership import Leadership, pause_after, stopped
from shared.chassis.streams import NATIONAL, StreamSettings, declared, ensure_stream, is_national, stream_of
from shared.contracts.events import CONTENT_TYPE

log = logging.getLogger(__name__)

LEADER = Gauge("relay_leader", "1 in the process that relays", ["service"])
UNPUBLISHED = Gauge("outbox_unpublished", "Events that wait for publication", ["service"])
OLDEST = Gauge("outbox_oldest_seconds", "Age of the oldest event that waits for publication", ["service"])
PUBLISHED = Counter("relay_published", "Events that JetStream has acknowledged", ["service"])

_WAITING = """
    SELECT seq, id, subject, payload, traceparent FROM outbox
    WHERE published_at IS NULL ORDER BY seq LIMIT $1"""
_BACKLOG = """
    SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox
    WHERE published_at IS NULL"""
_MARK = "UPDATE outbox SET published_at = now() WHERE seq = ANY($1::bigint[])"
_TRIM = """
    DELETE FROM outbox WHERE seq = ANY(ARRAY(
        SELECT seq FROM outbox WHERE published_at < now() - interval '7 days' ORDER BY published_at LIMIT $1))"""

_SETTINGS = {"enable_bitmapscan": "off"}
"""A bitmap would be drawn of all events that ever waited and were not vacuumed yet, at each look; a scan of the index
in its order passes them over from the second look on."""

_EXPECTED = (OSError, TimeoutError, nats.errors.Error, asyncpg.PostgresError, asyncpg.InterfaceError)

Message = tuple[str, bytes, dict[str, str]]
"""Subject, payload and headers."""
Answer = bool | Exception
"""Whether the message had been in the stream before, or why it is not there."""


class Relay:
    """Publishes the outbox of one service for as long as it runs."""

    BATCH = 500
    ATOMIC_FROM = 8
    """From how many on the server writes less through to the disk for a batch, which it stages, than for each alone."""
    ROUND_SECONDS = 0.02
    """From one round to the next at least: commits that come close together share one, or rounds would take a core."""
    STANDBY_SECONDS = 1.0
    OBSERVE_SECONDS = 5.0
    TRIM_SECONDS = 60.0

    def __init__(self, *, database_dsn: str, owner: str, broker: Broker, poll: float = 0.2) -> None:
        """`poll`: seconds until the outbox is looked at without being woken."""
        self._owner = owner
        self._stream = stream_of(owner)
        self._broker = broker
        self._poll = poll
        self._leadership = Leadership(dsn=database_dsn, role="relay", name=f"{owner} relay", settings=_SETTINGS)
        self._woken = asyncio.Event()
        self._publisher: _Publisher | None = None
        self._position: int | None = None
        self._reached = 0
        self._observe_at = self._trim_at = 0.0
        self.healthy = True
        """False from a failure to the next round that succeeds."""
        self.lag_seconds = 0.0
        """Age of the oldest event that waits for publication, as last seen."""

    def wake(self) -> None:
        """Something was committed to the outbox. To be called in the event loop of `run`."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop`; whatever fails is tried again, at most five seconds later."""
        failures = 0
        try:
            while not stop.is_set():
                try:
                    leading = await self._leadership.acquire()
                    LEADER.labels(self._owner).set(leading)
                    if not leading:
                        self.healthy, self.lag_seconds = True, 0.0
                        await stopped(stop, within=self.STANDBY_SECONDS)
                        continue
                    began = time.monotonic()
                    published = await self._round()
                except _EXPECTED as error:
                    failures += 1
                    level = logging.WARNING if failures == 1 else logging.DEBUG
                    log.log(level, "relay has to try again: %s: %s", type(error).__name__, error)
                except Exception:
                    log.exception("relay failed")
                    failures += 1
                else:
                    if failures:
                        log.info("relay goes on")
                    failures = 0
                    if published < self.BATCH:
                        await self._rest(began)
                self.healthy = failures == 0
                if failures:
                    LEADER.labels(self._owner).set(self._leadership.held)
                    await stopped(stop, within=pause_after(failures))
        finally:
            LEADER.labels(self._owner).set(0)
            await self._leadership.release()

    async def _rest(self, began: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll):
                await self._woken.wait()
        await asyncio.sleep(max(0.0, began + self.ROUND_SECONDS - time.monotonic()))
        self._woken.clear()

    async def _round(self) -> int:
        """Publish what waits, and return how many; raises the first failure after marking what came before it."""
        connection = self._leadership.connection
        await self._keep_house(connection)
        rows: list[asyncpg.Record] = await connection.fetch(_WAITING, self.BATCH)
        if not rows:
            return 0
        stored, failure = await self._publish(rows)
        if stored:
            await connection.execute(_MARK, stored)
            PUBLISHED.labels(self._owner).inc(len(stored))
        if failure is not None:
            raise failure
        return len(rows)

    async def _publish(self, rows: list[asyncpg.Record]) -> tuple[list[int], Exception | None]:
        """The rows that are in the stream now, and what stopped the others."""
        if not self._broker.connected:
            return [], nats.errors.ConnectionReconnectingError()
        if self._publisher is None or self._publisher.client is not self._broker.client:
            self._publisher = _Publisher(self._broker.client)
        position, self._position = self._position, None
        if position is None:
            position = await self._end_of_stream()
        stored: list[int] = []
        for shared, run in groupby(rows, key=lambda row: is_national(row["subject"])):
            for batch in self._batches([*run], shared=shared):
                messages = self._messages(batch, after=None if shared else position)
                for row, answer in zip(batch, await self._publisher.publish(messages), strict=True):
                    if isinstance(answer, Exception):
                        return stored, answer
                    stored.append(row["seq"])
                    there_already = answer
                    position += not (there_already or shared)
        self._position = self._reached = position
        return stored, None

    def _batches(self, rows: list[asyncpg.Record], *, shared: bool) -> Iterable[Sequence[asyncpg.Record]]:
        """What may be sent before the answers to it are known."""
        if not self.healthy:
            # After a failure some rows may be in the stream already: one at a time finds that out. After a crash too,
            # but then the server refuses what is sent together, which is a failure.
            return ([row] for row in rows)
        if shared or len(rows) >= self.ATOMIC_FROM:
            return (rows,)
        # The first alone, because somebody else may have written (a returned dead letter): the server would refuse as
        # many rows as that moved the end, and take the others.
        return filter(None, (rows[:1], rows[1:]))

    def _messages(self, rows: Sequence[asyncpg.Record], *, after: int | None) -> list[Message]:
        """As they come to the stream behind position `after`, or anywhere in it for None."""
        atomic = {"Nats-Batch-Id": uuid4().hex} if after is not None and len(rows) >= self.ATOMIC_FROM else None
        messages: list[Message] = []
        for place, row in enumerate(rows):
            headers = {Header.MSG_ID.value: str(row["id"]), "Content-Type": CONTENT_TYPE}
            if row["traceparent"]:
                headers["traceparent"] = row["traceparent"]
            if atomic:
                headers |= atomic | {"Nats-Batch-Sequence": str(place + 1)}
            if after is not None and (place == 0 or not atomic):  # the server checks a batch by its first
                headers[Header.EXPECTED_LAST_SEQUENCE.value] = str(after + place)
            messages.append((row["subject"], row["payload"], headers))
        if atomic:
            messages[-1][2]["Nats-Batch-Commit"] = "1"
        return messages

    async def _end_of_stream(self) -> int:
        end = await self._end_of(self._stream)
        await self._end_of(NATIONAL)
        if end < self._reached:
            log.critical(
                "the stream has lost events: %s ended at %d, now at %d; `republish --since` publishes them again",
                self._stream,
                self._reached,
                end,
            )
            self._reached = end
        return end

    async def _end_of(self, stream: str) -> int:
        jetstream = self._broker.jetstream
        try:
            return (await jetstream.stream_info(stream)).state.last_seq
        except NotFoundError:
            log.warning("the stream %s is missing, making it", stream)
            await ensure_stream(jetstream, declared(StreamSettings())[stream])
            return 0

    async def _keep_house(self, connection: asyncpg.Connection) -> None:
        now = time.monotonic()
        if now >= self._observe_at:
            self._observe_at = now + self.OBSERVE_SECONDS
            waiting, self.lag_seconds = await connection.fetchrow(_BACKLOG)
            UNPUBLISHED.labels(self._owner).set(waiting)
            OLDEST.labels(self._owner).set(self.lag_seconds)
        if now >= self._trim_at:
            removed = await connection.execute(_TRIM, self.BATCH)
            if removed != f"DELETE {self.BATCH}":
                self._trim_at = now + self.TRIM_SECONDS


class _Publisher:
    """Publishes many messages, then waits for their acknowledgements.

    nats-py's own `publish_async` (2.16) never tells of a refusal, and its `publish` costs more than twice the CPU.
    """

    ANSWER_SECONDS = 5.0
    LOOK_SECONDS = 0.2

    def __init__(self, client: Client) -> None:
        self.client = client
        self._inbox = client.new_inbox()
        self._subscribed = False
        self._sent = 0
        self._expected: dict[str, int] = {}
        """Places in the batch, by where the answer comes."""
        self._answers: list[Answer] = []
        self._answered = asyncio.Event()

    async def publish(self, messages: Sequence[Message]) -> list[Answer]:
        """One answer for each message, in their order. Raises nothing but what sending raises."""
        if not self._subscribed:
            await self.client.subscribe(f"{self._inbox}.*", cb=self._on_answer)
            self._subscribed = True
        self._answers = [nats.errors.TimeoutError()] * len(messages)
        atomic = "Nats-Batch-Commit" in messages[-1][2]
        try:
            for place, (subject, payload, headers) in enumerate(messages):
                reply = ""
                if not atomic or place == len(messages) - 1:
                    self._sent += 1
                    reply = f"{self._inbox}.{self._sent}"
                    self._expected[reply] = place
                await self.client.publish(subject, payload, reply=reply, headers=headers)
            await self._wait()
        finally:
            self._expected.clear()
        return self._answers[-1:] * len(messages) if atomic else self._answers

    async def _wait(self) -> None:
        """Until all are there, too late, or lost with the connection."""
        deadline = time.monotonic() + self.ANSWER_SECONDS
        connection = self.client.stats["reconnects"]
        while self._expected and time.monotonic() < deadline:
            self._answered.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self.LOOK_SECONDS):
                    await self._answered.wait()
            if not self.client.is_connected or self.client.stats["reconnects"] != connection:
                return

    async def _on_answer(self, message: Msg) -> None:
        place = self._expected.pop(message.subject, None)
        if place is not None:
            self._answers[place] = _parse(message)
            if not self._expected:
                self._answered.set()


def _parse(message: Msg) -> Answer:
    if message.headers and message.headers.get(Header.STATUS):
        return NoStreamResponseError()
    body = json.loads(message.data)
    if "error" in body:
        return APIError(**body["error"])
    return bool(body.get("duplicate"))


async def republish_since(connection: asyncpg.Connection, since: datetime) -> int:
    """Have all events published again that were published at `since` or later; returns how many.

    The connection must see the whole nation. Consumers that had an event pass over it (inbox), and JetStream drops what
    it already received within the last ten minutes. Events are kept for a week, so `since` reaches back no further.
    """
    result: str = await connection.execute("UPDATE outbox SET published_at = NULL WHERE published_at >= $1", since)
    return int(result.removeprefix("UPDATE "))
