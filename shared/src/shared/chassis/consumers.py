"""Events of other services, each taking effect once.

A service has one durable consumer for each owner it listens to, and one process at a time works on it (`Leadership`),
in the order of the stream. A batch is one transaction: an inbox row for each event, the handlers of those that had
none, commit, acknowledge. What is delivered again after that finds its inbox row and is only acknowledged.

When a batch fails it is rolled back and its events are tried one by one. One that fails alone, while the database
answers, is tried again after 1 s, 5 s, 30 s, 2 min and 10 min, then laid into the dead letters. The others do not wait
for it: handlers compare versions, so that an event which comes late never overwrites what is newer. A database that
does not answer is nobody's fault: the batch waits, and no delivery is counted.
"""

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge

from shared.chassis import dead_letters
from shared.chassis.actor import Actor
from shared.chassis.broker import Broker
from shared.chassis.database import Command, Database
from shared.chassis.leadership import Leadership, pause_after, stopped
from shared.chassis.pull import Pull, PullLost
from shared.chassis.streams import stream_of
from shared.contracts.events import EVENTS, Envelope, Event, NationalEvent, UnknownEvent

log = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)

PENDING = Gauge("consumer_pending", "Events in the stream that were not delivered yet", ["consumer"])
LAG = Gauge("consumer_lag_seconds", "Time from the stream to the projection, of the last event", ["consumer"])
HANDLED = Counter("consumer_handled", "Events that took effect", ["consumer"])
FAILED = Counter("consumer_failed", "Deliveries that failed in a handler", ["consumer"])
BURIED = Counter("dead_letters", "Events that were given up on", ["consumer"])

RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Pauses between the deliveries of an event that fails."""

_REMEMBER = """
    INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[])
    ON CONFLICT DO NOTHING RETURNING event_id"""
_FORGET = """
    DELETE FROM inbox WHERE consumer = $1 AND event_id IN (
        SELECT event_id FROM inbox WHERE consumer = $1 AND event_id < $2 ORDER BY event_id LIMIT 1000)"""

H = TypeVar("H", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True, slots=True)
class Handler:
    """What takes an event in: one at a time, or as many as came one after the other."""

    function: Callable[[Command, Any], Awaitable[None]]
    together: bool


class Handlers:
    """The consumers of a feature: `on = Handlers()`, then `@on(CenterOpenedV1)` above a function (command, event)."""

    def __init__(self) -> None:
        self.by_event: dict[type[Event], list[Handler]] = {}

    def __call__(self, *events: type[Event]) -> Callable[[H], H]:
        return self._registering(events, together=False)

    def together(self, *events: type[Event]) -> Callable[[H], H]:
        """Above a function (command, events), for what comes in thousands: those of these types that follow each other
        in a batch, in the order of the stream. There may be several of one aggregate among them."""
        return self._registering(events, together=True)

    def _registering(self, events: Sequence[type[Event]], *, together: bool) -> Callable[[H], H]:
        def register(function: H) -> H:
            for event in events:
                self.by_event.setdefault(event, []).append(Handler(function, together))
            return function

        return register


class ConsumerRunner:
    """All consumers of one service."""

    STANDBY_SECONDS = 1.0
    WAIT_SECONDS = 0.5
    """How long an event is waited for, and so how long stopping may take."""

    def __init__(
        self,
        *,
        service: str,
        handlers: Sequence[Handlers],
        database: Database,
        database_dsn: str,
        broker: Broker,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        by_owner: dict[str, dict[str, list[Handler]]] = {}
        for feature in handlers:
            for event, functions in feature.by_event.items():
                by_owner.setdefault(event.owner, {}).setdefault(event.type, []).extend(functions)
        self._service = service
        self._leadership = Leadership(dsn=database_dsn, role="consumers", name=f"{service} consumers")
        self._consumers = [
            _Consumer(
                service=service,
                owner=owner,
                handlers=by_type,
                database=database,
                broker=broker,
                retry_seconds=retry_seconds,
            )
            for owner, by_type in sorted(by_owner.items())
        ]

    def stuck(self) -> list[str]:
        """The consumers that this process should be getting on with, and is not."""
        return [each.name for each in self._consumers if self._leadership.held and each.stuck]

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`; whatever fails is tried again, at most five seconds later."""
        failures = 0
        try:
            while self._consumers and not stop.is_set():
                try:
                    if await self._leadership.acquire():
                        failures = 0
                        await self._lead(stop)
                    else:
                        await stopped(stop, within=self.STANDBY_SECONDS)
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    failures += 1
                    level = logging.WARNING if failures == 1 else logging.DEBUG
                    log.log(level, "consumers wait for the database: %s", type(error).__name__)
                    await stopped(stop, within=pause_after(failures))
            await stop.wait()
        finally:
            await self._leadership.release()

    async def _lead(self, stop: asyncio.Event) -> None:
        log.info("consuming as %s", ", ".join(each.name for each in self._consumers))
        step_down = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for consumer in self._consumers:
                group.create_task(consumer.run(step_down), name=consumer.name)
            while self._leadership.held and not await stopped(stop, within=0.2):
                pass
            step_down.set()


@dataclass(frozen=True, slots=True)
class _Delivery:
    message: Msg
    envelope: Envelope


class _Consumer:
    BATCH = 256
    ACK_WAIT_SECONDS = 10.0
    """Time after which JetStream delivers again what a process that died had taken; a living one asks for more."""
    OBSERVE_SECONDS = 30.0
    TRIM_SECONDS = 3600.0
    STUCK_SECONDS = 60.0
    LATE_SECONDS = 10.0
    """At a first start an owner makes its stream a moment after others look for it; for so long nobody is warned."""

    def __init__(
        self,
        *,
        service: str,
        owner: str,
        handlers: dict[str, list[Handler]],
        database: Database,
        broker: Broker,
        retry_seconds: Sequence[float],
    ) -> None:
        self.name = f"{service}-{owner}"
        self._service = service
        self._stream = stream_of(owner)
        self._handlers = handlers
        self._subjects = sorted(EVENTS[each].everywhere for each in handlers)
        self._database = database
        self._broker = broker
        self._retry_seconds = retry_seconds
        self._actor = Actor.system(service)
        self._pending = 0
        self._alive_at = self._handled_at = time.monotonic()
        self._observe_at = self._trim_at = 0.0

    @property
    def stuck(self) -> bool:
        """For a minute nothing was fetched, or nothing was done although something waits."""
        long_ago = time.monotonic() - self.STUCK_SECONDS
        return self._alive_at < long_ago or (self._pending > 0 and self._handled_at < long_ago)

    async def run(self, stop: asyncio.Event) -> None:
        self._alive_at = self._handled_at = began = time.monotonic()
        failures, missed = 0, False
        while not stop.is_set():
            before = self._alive_at
            try:
                await self._consume(stop)
            except NotFoundError:
                late = self._alive_at == began and time.monotonic() - began < self.LATE_SECONDS
                known = missed and self._alive_at == before
                level = logging.DEBUG if known else logging.INFO if late else logging.WARNING
                log.log(level, "consumer %s waits for the stream %s, which is not there", self.name, self._stream)
                missed = not late
            except (nats.errors.Error, PullLost, OSError, TimeoutError) as error:
                level = logging.WARNING if failures == 0 or self._alive_at != before else logging.DEBUG
                log.log(level, "consumer %s starts again: %s: %s", self.name, type(error).__name__, error)
            except Exception:
                log.exception("consumer %s failed", self.name)
            failures = failures + 1 if self._alive_at == before else 1
            await stopped(stop, within=pause_after(failures))
        for gauge in (PENDING, LAG):  # from now on the next leader's to tell
            gauge.labels(self.name).set(0)

    async def _consume(self, stop: asyncio.Event) -> None:
        jetstream = self._broker.jetstream
        await self._ensure(jetstream)
        pull = await Pull.of(self._broker.client, stream=self._stream, consumer=self.name, batch=self.BATCH)
        messages: list[Msg] = []
        try:
            while not stop.is_set():
                await self._keep_house(jetstream)
                messages = await pull.messages(within=ConsumerRunner.WAIT_SECONDS)
                if messages:
                    async with _held(messages, pull):
                        await self._process(messages, stop)
                    self._handled_at = time.monotonic()
                else:
                    LAG.labels(self.name).set(0)
                self._alive_at = time.monotonic()
        finally:
            not_taken = await pull.close()  # first: what is given back must not come here again
            await _give_back([*messages, *not_taken])

    async def _ensure(self, jetstream: JetStreamContext) -> None:
        """Create or update the durable consumer.

        JetStream shows a consumer whose filter grew nothing of the past. So one that has learned a new type of event
        starts from the beginning of the stream, and the inbox passes over what it had.
        """
        try:
            known = (await jetstream.consumer_info(self._stream, self.name)).config
        except NotFoundError:
            known = None
        if known is not None and not {*self._subjects} <= {*(known.filter_subjects or []), known.filter_subject}:
            await jetstream.delete_consumer(self._stream, self.name)
        await jetstream.add_consumer(
            self._stream,
            ConsumerConfig(
                name=self.name,
                durable_name=self.name,
                filter_subjects=self._subjects,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self.ACK_WAIT_SECONDS,
                max_deliver=-1,  # the runner counts, so that nothing is dropped without a dead letter
                max_ack_pending=5000,  # failing events wait among these; more than that and all others wait too
            ),
        )

    async def _process(self, messages: list[Msg], stop: asyncio.Event) -> None:
        deliveries = [each for each in [await self._read(message) for message in messages] if each]
        again = [each for each in deliveries if each.message.metadata.num_delivered > 1]
        again.sort(key=lambda each: each.message.metadata.sequence.stream)  # what was given back comes in any order
        fresh = [each for each in deliveries if each.message.metadata.num_delivered == 1]
        # what failed before does not ride with the others: it would take them all through a second try
        for delivery in again:
            await self._one(delivery, stop)
        if fresh and not await self._all(fresh):
            for delivery in fresh:
                await self._one(delivery, stop)
        LAG.labels(self.name).set((datetime.now(UTC) - messages[-1].metadata.timestamp).total_seconds())

    async def _read(self, message: Msg) -> _Delivery | None:
        try:
            delivery = _Delivery(message, Envelope.parse(message.data))
            with suppress(UnknownEvent):  # met during an upgrade; it waits for the newer release like a failed one
                event = delivery.envelope.event  # parsed here, kept for the handlers
                # by its subject NATS knows who may send it: what it says of itself has to agree
                if isinstance(event, NationalEvent) and event.subject != message.subject:
                    await self._bury(message, reason="ForeignSubject")
                    return None
        except ValueError:
            await self._bury(message, reason="MalformedEvent")
            return None
        return delivery

    async def _all(self, deliveries: list[_Delivery]) -> bool:
        try:
            await self._apply(deliveries)
        except nats.errors.Error:
            raise
        except Exception as error:  # noqa: BLE001 - each event is tried alone next
            if len(deliveries) > 1:
                log.info("consumer %s tries %d events one by one: %s", self.name, len(deliveries), type(error).__name__)
            return False
        return True

    async def _one(self, delivery: _Delivery, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            try:
                await self._apply([delivery])
            except nats.errors.Error:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a handler raises; `_fail` logs it
                if await self._database_answers():
                    await self._fail(delivery, error)
                    return
                failures += 1
                if failures == 1:
                    log.warning("consumer %s waits for the database", self.name)
                await stopped(stop, within=pause_after(failures))
            else:
                return

    async def _apply(self, deliveries: list[_Delivery]) -> None:
        ids = [each.envelope.id for each in deliveries]
        async with self._database.command(self._actor) as command:
            new = {row["event_id"] for row in await command.connection.fetch(_REMEMBER, self.name, ids)}
            # by id: one event may be in the stream twice
            fresh = [*{each.envelope.id: each.envelope for each in deliveries if each.envelope.id in new}.values()]
            for handlers, run in groupby(fresh, key=lambda envelope: self._handlers[envelope.type]):
                envelopes = [*run]
                for handler in handlers:
                    if handler.together:
                        with _traced(envelopes):
                            await handler.function(command, [each.event for each in envelopes])
                            await command.flush()
                        continue
                    for envelope in envelopes:
                        with _traced([envelope]):
                            await handler.function(command, envelope.event)
                            await command.flush()
        HANDLED.labels(self.name).inc(len(new))
        for delivery in deliveries:
            await delivery.message.ack()

    async def _database_answers(self) -> bool:
        """Whether a command could have succeeded; a server that became a replica cannot."""
        try:
            async with asyncio.timeout(5), self._database.command(self._actor) as command:
                await command.connection.fetchval("SELECT pg_current_xact_id()::text")
        except Exception:
            log.debug("the database does not answer", exc_info=True)
            return False
        return True

    async def _fail(self, delivery: _Delivery, error: Exception) -> None:
        FAILED.labels(self.name).inc()
        message, envelope = delivery.message, delivery.envelope
        deliveries = message.metadata.num_delivered
        place = [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)[-4:]]
        log.warning(
            "an event could not be handled by %s: %s %s, delivery %d: %s at %s",
            self.name,
            envelope.type,
            envelope.id,
            deliveries,
            type(error).__name__,  # its text may name a person
            " > ".join(place),
            extra={"event_id": str(envelope.id)},
        )
        if deliveries > len(self._retry_seconds):
            await self._bury(message, reason=type(error).__name__)
        else:
            await message.nak(delay=self._retry_seconds[deliveries - 1])

    async def _bury(self, message: Msg, *, reason: str) -> None:
        await dead_letters.bury(self._broker, message, service=self._service, reason=reason)
        await message.term()
        BURIED.labels(self.name).inc()
        log.error(
            "consumer %s gave up on event %d of %s: %s",
            self.name,
            message.metadata.sequence.stream,
            self._stream,
            reason,
        )

    async def _keep_house(self, jetstream: JetStreamContext) -> None:
        """Look at the backlog, and forget the inbox rows of events that the stream no longer holds."""
        now = time.monotonic()
        if now >= self._observe_at:
            self._pending = (await jetstream.consumer_info(self._stream, self.name)).num_pending or 0
            PENDING.labels(self.name).set(self._pending)
            self._observe_at = now + self.OBSERVE_SECONDS
        if now >= self._trim_at:
            self._trim_at = now + self.TRIM_SECONDS
            age = (await jetstream.stream_info(self._stream)).config.max_age
            if age:
                # a week longer, because the outbox can fill a lost stream again
                before = _first_id(datetime.now(UTC) - timedelta(seconds=age) - timedelta(days=7))
                async with self._database.command(self._actor) as command:
                    if await command.connection.execute(_FORGET, self.name, before) == "DELETE 1000":
                        self._trim_at = now


@asynccontextmanager
async def _held(messages: list[Msg], pull: Pull) -> AsyncIterator[None]:
    """Tell JetStream that the messages, and what comes meanwhile, are being worked on, for as long as that takes."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(_Consumer.ACK_WAIT_SECONDS / 3)
            for message in (*messages, *pull.waiting):
                if not message.is_acked:
                    with suppress(nats.errors.Error):
                        await message.in_progress()

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


async def _give_back(messages: list[Msg]) -> None:
    """Have delivered again, at once, what was not dealt with."""
    for message in messages:
        if not message.is_acked:
            with suppress(nats.errors.Error):
                await message.nak()


def _first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: event ids sort by time."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


@contextmanager
def _traced(envelopes: Sequence[Envelope]) -> Iterator[None]:
    """Continue the trace of whoever caused the first event of which one is recorded, linked to those of the others."""
    recorded = [
        (each, TraceContextTextMapPropagator().extract({"traceparent": each.traceparent}))
        for each in envelopes
        if each.traceparent is not None and each.traceparent.endswith("-01")
    ]
    if not recorded:
        yield
        return
    envelope, context = recorded[0]
    with tracer.start_as_current_span(
        f"{envelope.type} process",
        context=context,
        links=[trace.Link(trace.get_current_span(other).get_span_context()) for _, other in recorded[1:]],
        kind=trace.SpanKind.CONSUMER,
        attributes={"messaging.system": "nats", "messaging.message.id": str(envelope.id)},
        record_exception=False,
        set_status_on_exception=False,
    ):
        yield
