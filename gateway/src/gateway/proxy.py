"""Handing a request on to the service that answers it, as plain ASGI over one shared aiohttp connector.

Every proxied request pays for each line here, so small bodies are passed on whole and only large or endless ones as
streams, and a vanished caller is watched for only once the answer takes longer than most.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import aiohttp
from starlette.types import Message, Receive, Send
from yarl import URL

from gateway.contract import Operation
from gateway.settings import GatewaySettings
from gateway.telemetry import UPSTREAM_ACTIVE
from shared.kit.problems import BadGateway, PayloadTooLarge, Problem, Unavailable, UpstreamTimeout

log = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]

PASSED_ON: Final = (
    "accept",
    "accept-encoding",
    "accept-language",
    "content-encoding",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "prefer",
    "range",
    "user-agent",
)
"""The request headers that services get, beside those that an operation declares. An allow-list, so nothing that
claims to say who is calling can slip through."""

NOT_PASSED_BACK: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"date",
        b"server",
        b"x-request-id",
        b"ratelimit",
        b"ratelimit-policy",
    }
)
"""Headers of one connection (RFC 9110, 7.6.1), and those that the gateway says itself."""

NOT_STORED: Final = (b"cache-control", b"no-store")
SAFE: Final = frozenset({"GET", "HEAD"})
WHOLE_BYTES: Final = 64 * 1024
ASSUMED: Final = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "unknown"}
"""What a caller that says nothing is taken to say; otherwise aiohttp would speak for itself."""
_WATCH_SECONDS: Final = 0.5
_KEEPALIVE_SECONDS: Final = 4
"""Shorter than the services' own (5 s), so that a request does not meet a connection that is just being closed."""


@dataclass(slots=True)
class Upstream:
    """One service: where it is, and how much it is asked to do at once."""

    name: str
    origin: URL
    limit: int
    active: int = 0

    def count(self) -> float:
        return self.active


class CallerGone(Exception):
    """The caller has hung up; there is nobody to answer."""


class Upstreams:
    """The services, one connector for all."""

    def __init__(self, settings: GatewaySettings, *, declared_headers: set[str]) -> None:
        self.session: aiohttp.ClientSession
        self._settings = settings
        self._upstreams = {
            name: Upstream(name, URL(origin), settings.upstream_concurrency)
            for name, origin in settings.upstreams.items()
        }
        for upstream in self._upstreams.values():
            UPSTREAM_ACTIVE.labels(upstream.name).set_function(upstream.count)
        declared = declared_headers - {
            "authorization",
            "x-scope",
            "content-length",
            "host",
            "last-event-id",
            "x-purpose",
        }
        self.passed_on: Mapping[bytes, str] = {
            name.encode(): "-".join(part.capitalize() for part in name.split("-")) for name in {*PASSED_ON, *declared}
        }
        # the time for a whole answer is kept by Watches: a timer for each request costs more than all other policy
        self._whole = aiohttp.ClientTimeout(total=None, sock_connect=settings.upstream_connect_seconds)
        self._stream = aiohttp.ClientTimeout(
            total=None, sock_connect=settings.upstream_connect_seconds, sock_read=settings.upstream_idle_seconds
        )

    async def open(self) -> None:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        # aiohttp would repeat PUT and DELETE as well, and would not say so
        self.session._retry_connection = False  # noqa: SLF001 - it has no other name

    async def close(self) -> None:
        await self.session.close()

    async def call(
        self,
        operation: Operation,
        *,
        path: str,
        query: str = "",
        headers: Mapping[str, str],
        body: "bytes | Upload | None" = None,
    ) -> "Answer":
        """Send a request; returns when the answer has begun. Leave the answer with `async with`.

        `path` and `query` are encoded. Raises Unavailable (nobody there, or too much asked of the service
        already), UpstreamTimeout, BadGateway.
        """
        upstream = self._upstreams.get(operation.service)
        if upstream is None or upstream.active >= upstream.limit:
            raise Unavailable(headers={"Retry-After": "1"})
        upstream.active += 1
        try:
            if operation.streams_down or operation.streams_up:
                patience = self._stream
            elif operation.timeout_seconds is not None:
                patience = aiohttp.ClientTimeout(
                    total=operation.timeout_seconds, sock_connect=self._settings.upstream_connect_seconds
                )
            else:
                patience = self._whole
            response = await self._send(
                operation.method,
                # a path alone is set four times as fast as a URL is parsed
                URL(f"{upstream.origin}{path}?{query}", encoded=True)
                if query
                else upstream.origin.with_path(path, encoded=True),
                headers=headers,
                body=body,
                patience=patience,
            )
        except BaseException:
            upstream.active -= 1
            raise
        return Answer(response, upstream)

    async def _send(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        body: "bytes | Upload | None",
        patience: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        data = body.chunks() if isinstance(body, Upload) else body
        again = method in SAFE
        while True:
            try:
                return await self.session.request(
                    method, url, headers=headers, data=data, timeout=patience, allow_redirects=False
                )
            except (aiohttp.ServerTimeoutError, TimeoutError) as error:
                _raise_if_refused(body)
                if isinstance(error, aiohttp.ConnectionTimeoutError):
                    raise Unavailable(headers={"Retry-After": "2"}) from error
                raise UpstreamTimeout from error
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                _raise_if_refused(body)
                if not again:
                    raise Unavailable(headers={"Retry-After": "2"}) from error
                again = False
            except aiohttp.ClientError as error:
                _raise_if_refused(body)
                raise BadGateway from error


def _raise_if_refused(body: "bytes | Upload | None") -> None:
    if isinstance(body, Upload) and body.refused is not None:
        raise body.refused


class Answer:
    """A service's answer that has begun."""

    def __init__(self, response: aiohttp.ClientResponse, upstream: Upstream) -> None:
        self.response = response
        self.status = response.status
        self._upstream = upstream

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._upstream.active -= 1
        self.response.release()

    async def json(self) -> Any:
        """Raises BadGateway, UpstreamTimeout or Unavailable."""
        try:
            return await self.response.json()
        except TimeoutError as error:
            raise UpstreamTimeout from error
        except ValueError as error:
            raise BadGateway from error
        except aiohttp.ClientError as error:
            raise Unavailable(headers={"Retry-After": "2"}) from error

    async def pass_back(self, send: Send, *, extra: Headers) -> None:
        """Send the answer on. When the service fails in the middle the caller's connection is closed before its end,
        so that half an answer does not look like a whole one."""
        headers, length, caching = list(extra), None, False
        for given, value in self.response.raw_headers:
            name = given.lower()
            if name not in NOT_PASSED_BACK:
                headers.append((name, value))
                if name == b"content-length":
                    length = int(value)
                elif name == b"cache-control":
                    caching = True
        if not caching:
            headers.append(NOT_STORED)
        start: Message = {"type": "http.response.start", "status": self.status, "headers": headers}
        if length == 0 or self.status in {204, 304}:
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        if length is not None and length <= WHOLE_BYTES:
            try:
                body = await self.response.read()
            except TimeoutError as error:
                raise UpstreamTimeout from error
            except aiohttp.ClientError as error:
                raise Unavailable(headers={"Retry-After": "2"}) from error
            await send(start)
            await send({"type": "http.response.body", "body": body})
            return
        await send(start)
        content = self.response.content
        try:
            while chunk := await content.readany():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning(
                "a service broke off its answer",
                extra={"upstream": self._upstream.name, "reason": type(error).__name__},
            )
            return
        await send({"type": "http.response.body", "body": b""})


class Upload:
    """A request body that is passed on while it arrives."""

    def __init__(self, receive: Receive, *, limit: int, idle: float) -> None:
        self.refused: Problem | CallerGone | None = None
        """Why the body was broken off, when it was: aiohttp tells only that it was."""
        self.on_complete: Callable[[], None] = lambda: None
        self._receive = receive
        self._limit = limit
        self._idle = idle

    async def chunks(self) -> AsyncIterator[bytes]:
        size = 0
        while True:
            try:
                async with asyncio.timeout(self._idle):
                    message = await self._receive()
            except TimeoutError:
                self.refused = CallerGone()
                raise self.refused from None
            if message["type"] == "http.disconnect":
                self.refused = CallerGone()
                raise self.refused
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > self._limit:
                self.refused = PayloadTooLarge(headers={"Connection": "close"})
                raise self.refused
            if chunk:
                yield chunk
            if not message.get("more_body"):
                self.on_complete()
                return


async def body_of(receive: Receive, *, length: int | None, limit: int, idle: float) -> bytes | Upload | None:
    """The body of a request, whole when it is small. `length` is None for a body in chunks.

    Raises PayloadTooLarge when its length says so, CallerGone when it does not come.
    """
    if length is not None and length > limit:
        raise PayloadTooLarge(headers={"Connection": "close"})
    upload = Upload(receive, limit=limit, idle=idle)
    if length is None or length > WHOLE_BYTES:
        return upload
    parts = [chunk async for chunk in upload.chunks()]
    return (parts[0] if len(parts) == 1 else b"".join(parts)) or None


class Watch:
    """A request in progress, whose caller may hang up or whose service may take too long."""

    __slots__ = ("_receive", "_task", "deadline", "gone", "late", "watcher")

    def __init__(self, receive: Receive, task: "asyncio.Task[object] | None", *, deadline: float | None) -> None:
        """`deadline`: by `time.perf_counter`; None where an answer may take as long as it likes."""
        self.gone = False
        self.late = False
        self.deadline = deadline
        self.watcher: asyncio.Task[None] | None = None
        self._receive = receive
        self._task = task

    async def wait(self) -> None:
        """Wait for the caller to hang up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self.cancel()

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


class Watches:
    """Cancels the work on requests whose callers hang up, or whose services take too long.

    Hanging up can be learned only by waiting for it, in a task for each request, and a timer for each is not cheap
    either. So every half second the requests in progress are looked through: those that are past their deadline are
    cancelled, and those that take longer than most get a task. A request may be watched once its body has arrived.
    """

    def __init__(self) -> None:
        self._watched: set[Watch] = set()

    def begin(self, watch: Watch) -> None:
        self._watched.add(watch)

    def end(self, watch: Watch) -> None:
        self._watched.discard(watch)
        if watch.watcher is not None:
            watch.watcher.cancel()

    async def run(self) -> None:
        """Look, until cancelled."""
        old: set[Watch] = set()
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            now = time.perf_counter()
            for watch in self._watched:
                if watch.deadline is not None and watch.deadline < now and not watch.late:
                    watch.late = True
                    watch.cancel()
                elif watch.watcher is None and watch in old:
                    watch.watcher = asyncio.create_task(watch.wait())
            old = self._watched.copy()
