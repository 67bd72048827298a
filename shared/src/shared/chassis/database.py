"""The two ways to a service's data, both inside a transaction that is bound to the caller's scope.

`Database.command` is for what changes something: SQLModel on an `AsyncSession`, with the transactional outbox.
`Database.query` is for reads: SQL on asyncpg. Row-level security is fed by two settings of the transaction, sent in
the same round trip as BEGIN; without them no row is visible.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import asyncpg
from asyncpg.cursor import CursorFactory
from opentelemetry import trace
from pydantic_core import from_json
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.chassis.actor import PUBLIC, Actor
from shared.chassis.pages import ListQuery, Page
from shared.chassis.settings import ServiceSettings
from shared.contracts.events import Envelope, Event
from shared.kit.cursors import CursorCodec
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import PayloadTooLarge, Unavailable

CONNECTION_ERRORS = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
)
"""What asyncpg raises when the server is gone, going or not there yet."""

MAX_EVENT_BYTES = 1_000_000
"""NATS carries 1 MiB, headers included."""

_INSERT_OUTBOX = (
    "INSERT INTO outbox (id, type, subject, jurisdiction, payload, traceparent) VALUES ($1, $2, $3, $4, $5, $6)"
)
# not COPY: PostgreSQL refuses it for a table with row-level security
_INSERT_MANY_OUTBOX = (
    "INSERT INTO outbox (id, type, subject, jurisdiction, payload, traceparent)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[])"
)

T = TypeVar("T")
R = TypeVar("R")


class _Scoped:
    def __init__(self, *, actor: Actor, connection: asyncpg.Connection) -> None:
        self.actor = actor
        self.connection = connection
        """The asyncpg connection of the transaction, for COPY, `unnest` and cursors."""

    @property
    def scope(self) -> Jurisdiction:
        """The caller's scope; only operations that need one may ask."""
        if self.actor.scope is None:
            raise LookupError("this operation was declared with scoped=False")
        return self.actor.scope

    @property
    def scope_range(self) -> tuple[str, str]:
        """The half-open range that the scope covers; pass it in WHERE too, so that indexes serve the policy."""
        return _range(self.actor)


class Query(_Scoped):
    """A read-only transaction inside the caller's scope."""

    def __init__(self, *, actor: Actor, connection: asyncpg.Connection, cursors: CursorCodec, address: str) -> None:
        super().__init__(actor=actor, connection=connection)
        self._cursors = cursors
        self._address = address
        self.following: str | None = None
        """The cursor of the next page, once a page was made."""

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.connection.fetch(sql, *args)
        return rows

    async def fetchrow(self, sql: str, *args: object) -> asyncpg.Record | None:
        return await self.connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object) -> Any:
        return await self.connection.fetchval(sql, *args)

    def cursor(self, sql: str, *args: object, prefetch: int = 500) -> CursorFactory:
        """Iterate over a result of any length in bounded memory."""
        return self.connection.cursor(sql, *args, prefetch=prefetch)

    def position(self, filters: ListQuery) -> list[Any] | None:
        """The sort key after which the asked page begins, or None for the first page.

        Raises InvalidCursor when the cursor was made for another list, other filters or another scope.
        """
        if filters.after is None:
            return None
        position: list[Any] = self._cursors.decode(filters.after, bound_to=self._bound_to(filters))
        return position

    def page(
        self,
        filters: ListQuery,
        rows: Sequence[R],
        *,
        make: Callable[[R], T],
        key: Callable[[R], list[Any]],
    ) -> Page[T]:
        """Turn rows that were fetched with `LIMIT filters.limit + 1` into a page."""
        shown = rows[: filters.limit]
        if len(rows) > filters.limit:
            self.following = self._cursors.encode(key(shown[-1]), bound_to=self._bound_to(filters))
        return Page(items=[make(row) for row in shown], next=self.following)

    def _bound_to(self, filters: ListQuery) -> str:
        return f"{self._address}?{filters.model_dump_json(exclude={'after', 'limit'})}@{self.actor.scope}"


class Command(_Scoped):
    """One transaction that changes something; the edge opens and commits it, never a feature."""

    def __init__(
        self, *, actor: Actor, connection: asyncpg.Connection, bind: AsyncConnection | None, owner: str
    ) -> None:
        super().__init__(actor=actor, connection=connection)
        self._bind = bind
        self.now = datetime.now(UTC)
        self._owner = owner
        self._outgoing: list[tuple[object, ...]] = []
        self.published = False
        """Whether the relay has something to do."""
        self.after_commit: list[Callable[[], None]] = []
        """Called once what this command did can be seen by others; not when it is rolled back."""

    @cached_property
    def session(self) -> AsyncSession:
        """SQLModel on the same transaction; made when first asked for, since a bulk command never does."""
        return AsyncSession(bind=self._bind, expire_on_commit=False, autoflush=False)

    @property
    def _used_session(self) -> AsyncSession | None:
        return self.session if "session" in self.__dict__ else None

    async def act_at(self, place: Jurisdiction) -> None:
        """Give one place to a command that has none, so that what somebody without an account leaves can be kept there.

        From here on the policies let the transaction see and write what is there: only write. Raises LookupError for a
        caller who has a scope of their own, which nothing widens.
        """
        if self.actor.scope is not None:
            raise LookupError("the caller acts at a place already")
        self.actor = replace(self.actor, scope=place)
        scope_from, scope_to = place.range
        await self.connection.execute(
            "SELECT set_config('app.scope_from', $1, true), set_config('app.scope_to', $2, true)", scope_from, scope_to
        )

    def publish(self, event: Event) -> None:
        """Announce a fact, in the same transaction as the fact.

        Raises ValueError when the event belongs to another service, PayloadTooLarge when no broker would carry it: in
        the outbox it would hold up all that come after it.
        """
        if event.owner != self._owner:
            raise ValueError(f"{event.type} belongs to {event.owner}, not to {self._owner}")
        identity, traceparent = new_id(), current_traceparent()
        document = Envelope.json_of(
            event, id=identity, time=self.now, actor=self.actor.subject, traceparent=traceparent
        )
        if len(document) > MAX_EVENT_BYTES:
            raise PayloadTooLarge()
        self._outgoing.append((identity, event.type, event.subject, event.jurisdiction.code, document, traceparent))

    def publish_many(self, events: Iterable[Event]) -> None:
        for event in events:
            self.publish(event)

    async def flush(self) -> None:
        """Send what the session holds and what was published; the transaction stays open."""
        if self._used_session is not None:
            await self._used_session.flush()
        outgoing, self._outgoing = self._outgoing, []
        self.published = self.published or bool(outgoing)
        if len(outgoing) > 1:
            await self.connection.execute(_INSERT_MANY_OUTBOX, *zip(*outgoing, strict=True))
        elif outgoing:
            await self.connection.execute(_INSERT_OUTBOX, *outgoing[0])

    async def close(self) -> None:
        """Let go of the session, if there is one."""
        if self._used_session is not None:
            await self._used_session.close()


class Database:
    """The pools of one process. Nothing connects before the first use, so a service starts without its database."""

    ACQUIRE_SECONDS = 5

    def __init__(self, settings: ServiceSettings, *, owner: str) -> None:
        self._owner = owner
        self._settings = settings
        self._cursors = CursorCodec(settings.cursor_key.get_secret_value().encode())
        self._readers: _Connections | None = None
        self._writers: _Connections | None = None
        self.on_commit: Callable[[], None] = lambda: None
        """Called after a command that published something; the relay listens here."""

    async def start(self) -> None:
        server = {
            "statement_timeout": str(self._settings.statement_timeout_seconds * 1000),
            "tcp_keepalives_idle": "60",  # a connection that waits here is not forgotten on its way
        }
        # AUTOCOMMIT: the transaction is ours (one round trip for BEGIN and scope), SQLAlchemy only speaks in it.
        engine = create_async_engine(
            str(self._settings.database_url).replace("postgresql://", "postgresql+asyncpg://", 1),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"server_settings": server, "timeout": self.ACQUIRE_SECONDS},
        )

        async def reader() -> _Connection:
            raw = await asyncpg.connect(
                str(self._settings.read_url), timeout=self.ACQUIRE_SECONDS, server_settings=server
            )
            for name in ("json", "jsonb"):  # as on SQLAlchemy's connections: written as text, read as Python values
                await raw.set_type_codec(name, schema="pg_catalog", encoder=str, decoder=from_json)
            return _Connection(raw)

        async def writer() -> _Connection:
            bind = await engine.connect()
            return _Connection((await bind.get_raw_connection()).driver_connection, bind)

        size, patience = self._settings.database_pool_size, self.ACQUIRE_SECONDS
        self._readers = _Connections(reader, size=size, patience=patience)
        self._writers = _Connections(writer, size=size, patience=patience)

    async def stop(self) -> None:
        for connections in (self._readers, self._writers):
            if connections is not None:
                await connections.close()

    @asynccontextmanager
    async def query(self, actor: Actor, *, address: str = "") -> AsyncIterator[Query]:
        """Read inside the actor's scope. `address` is what cursors are bound to.

        For nobody in particular there is nothing to bind: each statement is a transaction of its own, and without
        settings no policy shows it a row.

        Raises Unavailable when the database cannot be reached.
        """
        assert self._readers is not None, "Database.start was not called"
        reader = await self._readers.acquire()
        try:
            query = Query(actor=actor, connection=reader.raw, cursors=self._cursors, address=address)
            if actor is PUBLIC:
                yield query
                return
            await reader.raw.execute(_begin("BEGIN READ ONLY", actor))
            yield query
            await reader.raw.execute("COMMIT")
        except BaseException:
            if actor is not PUBLIC:
                await _roll_back(reader.raw)
            raise
        finally:
            await self._readers.release(reader)

    @asynccontextmanager
    async def command(self, actor: Actor, *, timeout_seconds: int | None = None) -> AsyncIterator[Command]:
        """Change something inside the actor's scope; commits at the end, rolls back on any error.

        `timeout_seconds`: for each statement, instead of the usual limit.

        Raises Unavailable when the database cannot be reached.
        """
        assert self._writers is not None, "Database.start was not called"
        writer = await self._writers.acquire()
        command = Command(actor=actor, connection=writer.raw, bind=writer.bind, owner=self._owner)
        try:
            patience = f"; SET LOCAL statement_timeout = '{timeout_seconds}s'" if timeout_seconds else ""
            await writer.raw.execute(_begin("BEGIN", actor) + patience)
            yield command
            await command.flush()
            await writer.raw.execute("COMMIT")
        except BaseException:
            await _roll_back(writer.raw)
            raise
        finally:
            try:
                await command.close()
            finally:
                await self._writers.release(writer)
        if command.published:
            self.on_commit()
        for call in command.after_commit:
            call()


class _Connection(NamedTuple):
    raw: asyncpg.Connection
    bind: AsyncConnection | None = None
    """How SQLAlchemy knows it, where sessions may speak on it."""

    @property
    def usable(self) -> bool:
        return not (self.raw.is_closed() or (self.bind is not None and self.bind.invalidated))

    async def close(self) -> None:
        with suppress(*CONNECTION_ERRORS, DBAPIError):
            await (self.raw.close(timeout=2) if self.bind is None else self.bind.close())


class _Connections:
    """Connections in as many slots, made when first needed. (The pools of asyncpg and SQLAlchemy wake tasks and
    greenlets at each acquiring and releasing, which is a tenth of what a request costs.)"""

    def __init__(self, connect: Callable[[], Awaitable[_Connection]], *, size: int, patience: float) -> None:
        self._connect = connect
        self._patience = patience
        self._slots: asyncio.LifoQueue[_Connection | None] = asyncio.LifoQueue()
        """The last to come is the first to go: what a few connections can do leaves the others unmade, or small."""
        for _ in range(size):
            self._slots.put_nowait(None)

    async def acquire(self) -> _Connection:
        """Raises Unavailable when no connection becomes free in time, or none can be made."""
        try:
            async with asyncio.timeout(self._patience):
                connection = await self._slots.get()
        except TimeoutError as error:
            raise Unavailable() from error
        if connection is not None and connection.usable:
            return connection
        try:
            if connection is not None:  # a restart of the server closes those that wait here
                await connection.close()
            return await self._connect()
        except BaseException as error:
            self._slots.put_nowait(None)
            if isinstance(error, (*CONNECTION_ERRORS, DBAPIError)):
                raise Unavailable() from error
            raise

    async def release(self, connection: _Connection) -> None:
        usable = connection.usable
        self._slots.put_nowait(connection if usable else None)
        if not usable:
            await connection.close()

    async def close(self) -> None:
        while not self._slots.empty():
            connection = self._slots.get_nowait()
            if connection is not None:
                await connection.close()


async def _roll_back(raw: asyncpg.Connection) -> None:
    try:
        async with asyncio.timeout(2):
            await raw.execute("ROLLBACK")
    except (Exception, asyncio.CancelledError):  # noqa: BLE001 (whatever it was, the connection is of no more use)
        raw.terminate()


def _range(actor: Actor) -> tuple[str, str]:
    return ("", "") if actor.scope is None else actor.scope.range


def _begin(begin: str, actor: Actor) -> str:
    scope_from, scope_to = _range(actor)  # digits and a colon: nothing to escape
    subject = actor.subject.replace("'", "''").replace("\0", "")
    return (
        f"{begin}; SELECT set_config('app.scope_from', '{scope_from}', true),"
        f" set_config('app.scope_to', '{scope_to}', true), set_config('app.actor', '{subject}', true)"
    )


def current_traceparent() -> str | None:
    """The W3C trace context of the running span, if it is sampled."""
    context = trace.get_current_span().get_span_context()
    if not (context.is_valid and context.trace_flags.sampled):
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"
