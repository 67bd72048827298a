"""The front door, as plain ASGI: every request is recognised, its caller authenticated and placed, its limits and
permissions checked, and then it is handed to the service that answers it or to the gateway's own pages.

In this order: the path must be in a contract (404) and have the method (405); the token must be good (401); the caller
must not ask too often (429); a scope must follow from the postings (400, 403); the permission must be among the roles
there (403); a place named in the path must be inside the scope (403).

For what needs no account nobody is asked who they are: a token that comes all the same is neither checked nor handed
on, so that one that has expired is in nobody's way and who complains without a name stays without one. What is left
is the limit, by the client's address (429).
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.actors import ActorSigner
from gateway.audit import AuditTrail, purpose_in
from gateway.contract import OWN, Contract, Operation, named_place
from gateway.errors import InvalidScope, PurposeRequired
from gateway.limits import Meter
from gateway.postings import Postings
from gateway.proxy import ASSUMED, NOT_STORED, CallerGone, Headers, Upload, Upstreams, Watch, Watches, body_of
from gateway.scopes import Grant, resolve
from gateway.settings import GatewaySettings
from gateway.telemetry import REFUSED, AccessLog, Meters, Trace, Traces
from gateway.tokens import Caller, TokenVerifier
from shared.chassis.actor import PUBLIC
from shared.kit.problems import (
    Forbidden,
    Internal,
    Language,
    MethodNotAllowed,
    NotFound,
    Problem,
    ScopeForbidden,
    TooManyRequests,
    Unauthorised,
    Unavailable,
    UpstreamTimeout,
)

log = logging.getLogger(__name__)

SECURITY: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000"),
]
EXPOSED: Final = (
    "Content-Language",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)
_ONCE: Final = frozenset({b"authorization", b"x-scope"})
_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ANYBODY: Final = Caller(subject=PUBLIC.subject, name=None, expires=float("inf"))
NOWHERE: Final = Grant(None, frozenset(), frozenset())
"""Who calls an operation that needs no account, and where they act."""
_CALLER_GONE: Final = 499
"""In log and metrics alone: nobody received it."""


@dataclass(slots=True)
class Passage:
    """A request that was let in: who it is from, where they act, what they want. The pages find it in the scope."""

    operation: Operation
    caller: Caller
    grant: Grant
    trace: Trace
    header: bytes | None
    """The `X-Scope` that was sent."""

    @classmethod
    def of(cls, scope: Scope) -> "Passage":
        passage: Passage = scope["state"]["passage"]
        return passage


class Front:
    def __init__(
        self,
        settings: GatewaySettings,
        *,
        contract: Contract,
        tokens: TokenVerifier,
        postings: Postings,
        signer: ActorSigner,
        upstreams: Upstreams,
        audit: AuditTrail,
        traces: Traces,
        watches: Watches,
        pages: ASGIApp,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._contract = contract
        self._tokens = tokens
        self._postings = postings
        self._signer = signer
        self._upstreams = upstreams
        self._passed_on = upstreams.passed_on
        self._audit = audit
        self._traces = traces
        self._pages = pages
        self._clock = clock
        self._reads = Meter(settings.rate_limit, name="default")
        self._writes = (
            self._reads if settings.rate_limit_writes is None else Meter(settings.rate_limit_writes, name="writes")
        )
        self._loop = asyncio.get_running_loop()
        self._watches = watches
        self._strangers = Meter(settings.rate_limit, name="anonymous")
        self._public = Meter(settings.rate_limit_public, name="public")
        self._meters = Meters()
        self._log = AccessLog(style=settings.log_format if settings.access_log else None)

    def asgi(self) -> ASGIApp:
        """The application, with CORS in front when origins are allowed."""
        if not self._settings.cors_origins:
            return self
        return CORSMiddleware(
            self,
            allow_origins=self._settings.cors_origins,
            allow_methods=["GET", *sorted(_WRITES)],
            allow_headers=[
                "Authorization",
                "X-Scope",
                "X-Purpose",
                "X-Request-ID",
                "Last-Event-ID",
                *self._passed_on.values(),
            ],
            expose_headers=EXPOSED,
            max_age=600,
        )

    def close(self) -> None:
        self._log.flush()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        special: dict[bytes, bytes] = {}
        headers = ASSUMED.copy()
        repeated: bytes | None = None
        passed_on = self._passed_on
        for name, value in scope["headers"]:
            known = passed_on.get(name)
            if known is not None:
                headers[known] = value.decode("latin-1")
            else:
                if name in special and name in _ONCE:
                    repeated = name
                special[name] = value
        traced = self._traces.start(special.get(b"traceparent"), special.get(b"x-request-id"))
        request = _Request(scope, receive, send, began=began, special=special, headers=headers, trace=traced)
        try:
            if repeated is not None:
                raise InvalidScope if repeated == b"x-scope" else Unauthorised
            await self._admit(request)
        except Problem as problem:
            await self._refuse(request, problem)
        except CallerGone:
            request.status = _CALLER_GONE
        except asyncio.CancelledError:
            if request.watch is None or not (request.watch.gone or request.watch.late):
                raise
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
            if request.watch.gone:
                request.status = _CALLER_GONE
            else:
                await self._refuse(request, UpstreamTimeout())
        except Exception as error:
            log.exception("unexpected error", exc_info=error, extra={"path": scope["path"], "trace_id": traced.id})
            await self._refuse(request, Internal())
        finally:
            if request.watch is not None:
                self._watches.end(request.watch)
            seconds = time.perf_counter() - began
            operation = request.operation
            named = "unknown" if operation is None else operation.id
            self._meters.observe(named, request.status, seconds)
            self._traces.end(traced, operation, status=request.status)
            self._log.write(
                method=scope["method"],
                path=scope["path"],
                status=request.status,
                seconds=seconds,
                each=traced,
                operation=named,
                caller=None if request.caller is None else request.caller.subject,
            )

    async def _admit(self, request: "_Request") -> None:
        scope, special = request.scope, request.special
        path = scope["path"]
        address = self._contract.find(path)
        if address is None:
            if path == "/v1" or path.startswith("/v1/"):
                raise NotFound
            await self._pages(scope, request.receive, request.send_page)
            return
        operation = address.operations.get(scope["method"])
        if operation is None:
            raise MethodNotAllowed(headers={"Allow": address.allow})
        request.operation = operation
        now = self._clock()
        if operation.public:
            _count(request, self._public, _network(scope), now)
            await self._forward(request, Passage(operation, ANYBODY, NOWHERE, request.trace, None), now=now)
            return
        authorization = special.get(b"authorization")
        caller = self._tokens.known(authorization, now)
        if caller is None:
            caller = await self._verify(request, authorization, now=now)
        request.caller = caller
        meter = self._writes if operation.method in _WRITES else self._reads
        _count(request, meter, caller.subject, now)
        if not self._postings.loaded:
            raise Unavailable(headers={"Retry-After": "2"})
        wanted = special.get(b"x-scope")
        person = self._postings.person(caller.subject)
        grant = resolve(person, wanted, scoped=operation.scoped, day=self._postings.today())
        permission = operation.permission
        if permission is not None and permission not in grant.permissions:
            raise Forbidden
        if operation.place is not None and operation.scoped:
            place = named_place(path.split("/")[operation.place])
            if place is not None and grant.scope is not None and not grant.scope.covers(place):
                raise ScopeForbidden
        passage = Passage(operation, caller, grant, request.trace, wanted)
        if operation.service == OWN:
            scope.setdefault("state", {})["passage"] = passage
            await self._pages(scope, request.receive, request.send_page)
        else:
            await self._forward(request, passage, now=now)

    async def _verify(self, request: "_Request", authorization: bytes | None, *, now: float) -> Caller:
        try:
            return await self._tokens.verify(authorization)
        except Unauthorised:
            verdict = self._strangers.hit(_network(request.scope), now)
            if verdict.retry_after:
                raise TooManyRequests(headers={"Retry-After": str(verdict.retry_after)}) from None
            raise

    async def _forward(self, request: "_Request", passage: Passage, *, now: float) -> None:
        scope, special, operation = request.scope, request.special, passage.operation
        purpose = None
        if operation.personal:
            purpose = purpose_in(special.get(b"x-purpose"))
            if purpose is None and operation.purposeful:
                raise PurposeRequired
            self._audit.require_room()
        headers = request.headers
        headers["Authorization"] = self._signer.authorization(
            passage.caller, passage.grant, audience=operation.service, now=now
        )
        headers["traceparent"] = passage.trace.parent
        headers["X-Request-ID"] = passage.trace.request_id
        endless = operation.streams_up or operation.streams_down
        patience = operation.timeout_seconds or self._settings.upstream_timeout_seconds
        watch = request.watch = Watch(
            request.receive,
            asyncio.current_task(self._loop),
            deadline=None if endless else request.began + patience,
        )
        length, body = special.get(b"content-length"), None
        if length is not None or b"transfer-encoding" in special:
            settings = self._settings
            usual = settings.max_upload_bytes if operation.streams_up else settings.max_body_bytes
            body = await body_of(
                request.receive,
                length=None if length is None else int(length),
                limit=operation.max_body_bytes or usual,
                idle=settings.upstream_idle_seconds,
            )
        if isinstance(body, Upload):
            body.on_complete = lambda: self._watches.begin(watch)
            if length is not None:
                headers["Content-Length"] = length.decode()
        else:
            self._watches.begin(watch)
        answer = await self._upstreams.call(
            operation,
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
        )
        async with answer:
            if operation.personal:
                self._audit.record(
                    passage.caller,
                    passage.grant,
                    operation,
                    path=scope["path"],
                    purpose=purpose,
                    request_id=passage.trace.request_id,
                    status=answer.status,
                    parent=passage.trace.parent,
                )
            request.status = answer.status
            await answer.pass_back(request.send_answer, extra=request.extra)

    async def _refuse(self, request: "_Request", problem: Problem) -> None:
        if request.started:
            return  # the connection is closed before the answer's end, which says enough
        REFUSED.labels(problem.code).inc()
        request.status = problem.status
        language = request.language()
        body = json.dumps(
            problem.body(language, instance=request.scope["path"], trace_id=request.trace.id), ensure_ascii=False
        ).encode()
        headers: Headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"content-language", language.encode()),
            (b"vary", b"Accept-Language"),
            NOT_STORED,
            *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
            *request.extra,
        ]
        await request.send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await request.send({"type": "http.response.body", "body": body})


class _Request:
    """One request on its way through the gateway."""

    __slots__ = (
        "began",
        "caller",
        "extra",
        "headers",
        "operation",
        "receive",
        "scope",
        "send",
        "special",
        "started",
        "status",
        "trace",
        "watch",
    )

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        began: float,
        special: dict[bytes, bytes],
        headers: dict[str, str],
        trace: Trace,
    ) -> None:
        self.began = began
        """By `time.perf_counter`."""
        self.scope = scope
        self.receive = receive
        self.send = send
        self.special = special
        """Request headers that are for the gateway, or for nobody."""
        self.headers = headers
        """Request headers that are for the service."""
        self.trace = trace
        self.operation: Operation | None = None
        self.caller: Caller | None = None
        self.watch: Watch | None = None
        self.started = False
        self.status = 500
        self.extra: Headers = [*SECURITY, (b"x-request-id", trace.request_id.encode())]

    async def send_answer(self, message: Message) -> None:
        """Send what a service says, which is complete."""
        self.started = True
        await self.send(message)

    async def send_page(self, message: Message) -> None:
        """Send what a page of the gateway's own says; a page may have its own idea of a header."""
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            said = {name for name, _ in message["headers"]}
            own = self.extra if self.operation is None else [*self.extra, NOT_STORED]
            message["headers"] = [*message["headers"], *(each for each in own if each[0] not in said)]
        await self.send(message)

    def language(self) -> Language:
        """Persian or English, whichever `Accept-Language` names first; English without it."""
        for name, value in self.scope["headers"]:
            if name == b"accept-language":
                return preferred_language(value.decode("latin-1"))
        return "en"


def _count(request: _Request, meter: Meter, key: str, now: float) -> None:
    """Raises TooManyRequests."""
    verdict = meter.hit(key, now)
    request.extra += ((b"ratelimit", verdict.header), (b"ratelimit-policy", meter.policy))
    if verdict.retry_after:
        raise TooManyRequests(headers={"Retry-After": str(verdict.retry_after)})


def _network(scope: Scope) -> str:
    client = scope.get("client")
    return _network_of(str(client[0]) if client else "")


@lru_cache(maxsize=10_000)
def _network_of(host: str) -> str:
    """Who shares a meter for strangers: an IPv4 address, or the /64 that one IPv6 customer has all to themselves."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return host
    return str(address.ipv4_mapped or IPv6Network((int(address) >> 64 << 64, 64)))


def preferred_language(accepted: str) -> Language:
    """Of an `Accept-Language` field, Persian or English, whichever it names first; English if neither."""
    for part in accepted.lower().split(","):
        match part.strip()[:2]:
            case "fa":
                return "fa"
            case "en":
                return "en"
    return "en"
