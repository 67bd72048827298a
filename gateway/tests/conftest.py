"""A gateway over real HTTP between a real issuer, a real broker and services that do as the test says."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.contract import Contract
from gateway.main import Gateway, server
from gateway.merge import merge
from gateway.pages import own_contract
from gateway.settings import GatewaySettings
from shared.chassis.actor import Actor, ActorVerifier
from shared.chassis.broker import Broker
from shared.chassis.streams import OWNERS, ensure_streams, stream_of
from shared.contracts.events import Envelope, Event
from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import stop
from shared.testing.servers import NatsServer, free_port

AUDIENCE = "positive-life"
WITHOUT_TLS = False  # everything is on this machine; to read the certificates of the world takes longer than most tests
SINCE = date(2020, 1, 1)
FILE = "/v1/case-files/0199d1f0-0000-7000-8000-000000000001"


@asynccontextmanager
async def served(app: Any, *, port: int | None = None, running: uvicorn.Server | None = None) -> AsyncIterator[str]:
    """The address of an application that is served in this event loop."""
    if running is None:
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port or free_port(),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        running = uvicorn.Server(config)
    task = asyncio.create_task(running._serve())
    while not running.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{running.config.port}"
    finally:
        if not running.should_exit:
            task.cancel()  # all it does is to look ten times a second whether it should go on
            await asyncio.wait({task})
            await stop(running)
        else:
            await task


class Issuer:
    """An OpenID Connect issuer that counts how often it is asked, and can be taken away."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = ECKey.generate_key("P-256", {"kid": "first", "use": "sig", "alg": "ES256"})
        self.published: list[dict[str, Any]] = [dict(self.key.as_dict(private=False))]
        self.asked = 0
        self.down = False
        self.about = self.address

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        if self.down:
            answer: Response = Response(status_code=503)
        elif request.url.path == "/.well-known/openid-configuration":
            answer = JSONResponse({"issuer": self.about, "jwks_uri": f"{self.address}/jwks"})
        else:
            self.asked += 1
            answer = JSONResponse({"keys": self.published})
        await answer(scope, receive, send)

    def rotate(self, kid: str, *, keep: bool) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})
        self.published = [*(self.published if keep else []), dict(self.key.as_dict(private=False))]

    def token(
        self,
        subject: str | None = "worker",
        *,
        key: Any = None,
        header: dict[str, Any] | None = None,
        life: float = 300,
        **claims: Any,
    ) -> str:
        now = time.time()
        content = {
            "iss": self.address,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": int(now),
            "exp": int(now + life),
        } | claims
        key = key or self.key
        head = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid} | (header or {})
        return jwt.encode(
            {name: value for name, value in head.items() if value is not None},
            {name: value for name, value in content.items() if value is not None},
            key,
            algorithms=[head["alg"]],
            default_type=None,
        )


@dataclass
class Received:
    """A request as it came to a service."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for each, value in self.headers if each == name]
        assert len(found) < 2, f"{name} came {len(found)} times"
        return found[0] if found else None


Behaviour = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass
class Upstream:
    """All services at once: it remembers what came, and answers as the test says."""

    received: list[Received] = field(default_factory=list)
    behaviour: Behaviour | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if self.behaviour is not None:
            await self.behaviour(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        self.received.append(
            Received(
                scope["method"],
                scope["raw_path"].decode(),
                scope["query_string"].decode(),
                [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]],
                body,
            )
        )
        await JSONResponse({"path": scope["path"]}, headers={"ETag": '"1"'})(scope, receive, send)

    def answer(self, response: Response | None) -> None:
        """Answer everything with one response from now on."""
        self.behaviour = None if response is None else response.__call__

    @property
    def last(self) -> Received:
        return self.received[-1]


class Clock:
    """The gateway's wall clock, which a test can move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def operation(
    identity: str,
    permission: str,
    *,
    scope: str = "required",
    up: str | None = None,
    down: str | None = None,
    **extra: Any,
) -> dict[str, Any]:
    declared: dict[str, Any] = {
        "operationId": identity,
        "x-permission": permission,
        "x-scope": scope,
        "responses": {"200": {"description": "", "content": {down or "application/json": {}}}},
        **{f"x-{name.replace('_', '-')}": value for name, value in extra.items()},
    }
    if up is not None:
        declared["requestBody"] = {"content": {up: {}}}
    return declared


CONTRACTS: dict[str, dict[str, Any]] = {
    "registry": {
        "paths": {
            "/v1/services": {"get": operation("list_services", "catalogue:read", scope="none")},
            "/v1/centers/{code}": {
                "get": operation("read_center", "center:read", scope="none"),
                "patch": operation("change_center", "center:write"),
            },
            "/v1/centers/{code}:close": {"post": operation("close_center", "center:open")},
            "/v1/centers/{code}/transitions": {"get": operation("list_transitions", "center:read")},
        }
    },
    "casefile": {
        "paths": {
            "/v1/case-files": {
                "get": operation("list_case_files", "case-file:read"),
                "post": operation("open_case_file", "case-file:write", up="application/json"),
            },
            "/v1/case-files:summary": {"get": operation("count_case_files", "case-file:read")},
            "/v1/distributions": {"post": operation("plan_distribution", "distribution:plan", timeout_seconds=20)},
            "/v1/case-files:export": {
                "get": operation("export_case_files", "case-file:export", down="application/x-ndjson")
            },
            "/v1/case-files:import": {
                "post": operation("import_case_files", "case-file:import", up="application/x-ndjson")
            },
            "/v1/case-files/{case_file_id}": {
                "get": operation("read_case_file", "case-file:read", personal=True),
                "patch": operation("change_case_file", "case-file:write"),
            },
            "/v1/case-files/{case_file_id}/secrets": {
                "get": operation("read_secrets", "case-file:read", personal=True, purpose="required")
            },
            "/v1/case-files/{case_file_id}/members": {"get": operation("list_members", "case-file:read")},
            "/v1/complaints": {
                "post": operation("file_complaint", "none", scope="none", up="application/json", public=True)
            },
        }
    },
}


class Running:
    """A gateway under test and everything around it."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        process: uvicorn.Server,
        url: str,
        issuer: Issuer,
        upstream: Upstream,
        broker: Broker,
        clock: Clock,
    ) -> None:
        self.gateway = gateway
        self.process = process
        self.url = url
        self.issuer = issuer
        self.upstream = upstream
        self.broker = broker
        self.clock = clock
        self._verifiers = {
            name: ActorVerifier(
                audience=name, keys=json.dumps({"keys": [gateway.settings.actor_key().as_dict(private=False)]})
            )
            for name in CONTRACTS
        }
        self._clients = AsyncExitStack()
        self._versions: dict[UUID, int] = {}

    async def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self._clients.enter_async_context(
            httpx.AsyncClient(
                verify=WITHOUT_TLS,
                base_url=self.url,
                headers={"Accept-Language": "en"} | authorization | headers,
                timeout=20,
            )
        )

    async def client_of(self, subject: str, *postings: tuple[str, str], **headers: str) -> httpx.AsyncClient:
        """A client of somebody who holds these postings (role, place)."""
        for role, place in postings:
            await self.grant(subject, role, place)
        return await self.client(self.issuer.token(subject), **headers)

    async def publish(self, *events: Event) -> None:
        for event in events:
            envelope = Envelope.wrap(event, id=new_id(), time=datetime.now(UTC), actor="test")
            await self.broker.jetstream.publish(event.subject, envelope.to_json())

    async def grant(
        self,
        subject: str,
        role: str,
        place: str,
        *,
        since: date = SINCE,
        until: date | None = None,
        posting: UUID | None = None,
        seen: bool = True,
    ) -> UUID:
        posting = posting or new_id()
        version = self._versions[posting] = self._versions.get(posting, 0) + 1
        await self.publish(
            PostingGrantedV1(
                posting_id=posting,
                version=version,
                person=subject,
                role=Role(role),
                jurisdiction=Jurisdiction(place),
                valid_from=since,
                valid_to=until,
                granted_by="test",
            )
        )
        if seen:
            await eventually(lambda: any(each.id == posting for each in self.gateway.postings.person(subject).postings))
        return posting

    async def end(self, subject: str, role: str, place: str, posting: UUID, *, version: int | None = None) -> None:
        await self.publish(
            PostingEndedV1(
                posting_id=posting,
                version=version or self._versions[posting] + 1,
                person=subject,
                role=Role(role),
                jurisdiction=Jurisdiction(place),
                valid_from=SINCE,
                valid_to=None,
                granted_by="test",
            )
        )

    def actor(self, received: Received, service: str) -> Actor:
        """Who the service was told is calling."""
        return self._verifiers[service].verify(received.header("authorization"))

    def stop(self) -> None:
        """As SIGTERM would."""
        self.process.should_exit = True

    async def aclose(self) -> None:
        await self._clients.aclose()


async def eventually(holds: Callable[[], Any], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        await asyncio.sleep(0.005)


class Host:
    """A server that outlives tests; each test puts its own application there."""

    def __init__(self) -> None:
        self.app: Any = None
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@asynccontextmanager
async def _hosting() -> AsyncIterator[Host]:
    host = Host()
    async with served(host) as url:
        host.url = url
        yield host


@pytest.fixture(scope="session")
async def issuer_host() -> AsyncIterator[Host]:
    async with _hosting() as host:
        yield host


@pytest.fixture(scope="session")
async def upstream_host() -> AsyncIterator[Host]:
    async with _hosting() as host:
        yield host


@pytest.fixture
def issuer(issuer_host: Host) -> Issuer:
    issuer_host.app = Issuer(issuer_host.url)
    return issuer_host.app


@pytest.fixture
def upstream(upstream_host: Host) -> Upstream:
    upstream_host.app = Upstream()
    return upstream_host.app


@pytest.fixture
def upstream_url(upstream_host: Host) -> str:
    return upstream_host.url


@pytest.fixture
async def own_nats(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A broker of one test's own, that it may kill. A test that asks for it has its gateway there."""
    tmp_path.chmod(0o755)
    server = NatsServer(tmp_path / "nats")
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.fixture
def at_nats(request: pytest.FixtureRequest) -> str:
    """The address of the broker for this test: all share one, unless the test has its own."""
    asked = "own_nats" if "own_nats" in request.fixturenames else "nats"
    server: NatsServer = request.getfixturevalue(asked)
    return server.url


@dataclass(frozen=True)
class _At:
    nats_url: str
    nats_user: None = None
    nats_password: SecretStr | None = None


@pytest.fixture
async def broker(at_nats: str) -> AsyncIterator[Broker]:
    """A connection to the broker, whose streams are empty."""
    broker = Broker(_At(at_nats), name="tests")
    await broker.connect()
    for owner in OWNERS:
        await ensure_streams(broker, owner=owner)
        await broker.jetstream.purge_stream(stream_of(owner))
    yield broker
    await broker.close()


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(merge({"gateway": own_contract(), **CONTRACTS}))


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(
    contract: Contract,
    issuer: Issuer,
    upstream: Upstream,
    upstream_url: str,
    broker: Broker,
    at_nats: str,
    tmp_path: Path,
) -> AsyncIterator[Start]:
    """Starts a gateway, with settings of the test's choosing."""
    stack = AsyncExitStack()
    key = OKPKey.generate_key("Ed25519", {"kid": "gateway"})

    async def go(*, ready: bool = True, **settings: Any) -> Running:
        given = {
            "port": free_port(),
            "nats_url": at_nats,
            "oidc_issuer": issuer.address,
            "oidc_audience": AUDIENCE,
            "actor_signing_key": json.dumps(key.as_dict(private=True)),
            "upstreams": dict.fromkeys(CONTRACTS, upstream_url),
            "audit_journal": str(tmp_path / "audit"),
            "access_log": False,
            "rate_limit": "100000/minute",
        } | settings
        clock = Clock()
        gateway = Gateway(
            GatewaySettings(**given),
            contract=contract,
            clock=clock,
        )
        process = server(gateway)
        url = await stack.enter_async_context(served(gateway, running=process))
        running = Running(
            gateway=gateway,
            process=process,
            url=url,
            issuer=issuer,
            upstream=upstream,
            broker=broker,
            clock=clock,
        )
        stack.push_async_callback(running.aclose)
        if ready:
            async with httpx.AsyncClient(base_url=url, verify=WITHOUT_TLS) as client:
                deadline = time.monotonic() + 10
                while (answer := await client.get("/readyz")).status_code != 200:
                    assert time.monotonic() < deadline, answer.text
                    await asyncio.sleep(0.01)
        return running

    yield go
    with suppress(asyncio.CancelledError):
        await stack.aclose()


@pytest.fixture
async def running(start: Start) -> Running:
    return await start()
