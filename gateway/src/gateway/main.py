"""`python -m gateway.main serve`: the gateway as a process. Everything that it is made of is put together here."""

import asyncio
import gc
import logging
import sys
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from gateway import pages
from gateway.actors import ActorSigner
from gateway.audit import AuditTrail
from gateway.contract import Contract
from gateway.events_stream import EventStreams
from gateway.front import Front
from gateway.overview import Overviews
from gateway.postings import Postings
from gateway.proxy import Upstreams, Watches
from gateway.settings import GatewaySettings
from gateway.tail import cancelled
from gateway.telemetry import POSTINGS_LIVE, Traces, exporter
from gateway.tokens import Keyring, TokenVerifier
from shared.chassis.broker import Broker
from shared.chassis.health import Check
from shared.chassis.settings import load, refuse
from shared.chassis.telemetry import configure_logs

log = logging.getLogger(__name__)


class Gateway:
    """The gateway as an ASGI application. What it needs is opened by the server's lifespan."""

    RESTART_SECONDS = 1.0

    def __init__(
        self, settings: GatewaySettings, *, contract: Contract | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings = settings
        self._contract = contract or Contract.load()
        missing = self._contract.services - settings.upstreams.keys()
        if missing:
            refuse(f"UPSTREAMS: no address for {', '.join(sorted(missing))}")
        self._clock = clock
        self._provider = exporter(settings.otel_exporter_otlp_endpoint)
        self._broker = Broker(settings, name="gateway")
        self._audit = AuditTrail(
            self._broker, folder=Path(settings.audit_journal), max_bytes=settings.audit_journal_max_bytes
        )
        self._audit.open()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._front(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})

    def stop_streams(self) -> None:
        """Let go of callers who would stay for ever, so that the others can be waited for."""
        self.events.stopping.set()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._open():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        settings = self.settings
        self.postings = Postings(self._broker, clock=self._clock)
        upstreams = Upstreams(settings, declared_headers=self._contract.headers)
        await upstreams.open()
        self._keyring = Keyring(settings, session=upstreams.session)
        signer = ActorSigner(settings.actor_key())
        self.events = EventStreams(settings, broker=self._broker, postings=self.postings, clock=self._clock)
        watches = Watches()
        POSTINGS_LIVE.set_function(lambda: self.postings.live)
        front = Front(
            settings,
            contract=self._contract,
            tokens=TokenVerifier(settings, keyring=self._keyring, clock=self._clock),
            postings=self.postings,
            signer=signer,
            upstreams=upstreams,
            audit=self._audit,
            traces=Traces(ratio=settings.trace_ratio, provider=self._provider),
            watches=watches,
            pages=pages.application(
                {"issuer": self._check_issuer, "postings": self._check_postings, "audit": self._check_audit},
                pages.Rooms(
                    postings=self.postings,
                    events=self.events,
                    overviews=Overviews(
                        contract=self._contract, upstreams=upstreams, signer=signer, postings=self.postings
                    ),
                    clock=self._clock,
                ),
            ),
            clock=self._clock,
        )
        self._front = front.asgi()
        tasks = [
            asyncio.create_task(self._keep(name, work), name=name)
            for name, work in {
                "broker": self._broker.connect,
                "postings": self.postings.run,
                "issuer": self._keyring.keep,
                "audit": self._audit.run,
                "watches": watches.run,
            }.items()
        ]
        try:
            yield
        finally:
            await cancelled(tasks)
            await self._audit.close()
            await upstreams.close()
            await self._broker.close()
            front.close()
            if self._provider is not None:
                await asyncio.to_thread(self._provider.shutdown)

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("background work failed, starting it again", extra={"work": name})
            else:
                return
            await asyncio.sleep(self.RESTART_SECONDS)

    async def _check_issuer(self) -> Check:
        if not self._keyring:
            return Check(ok=False, detail="the issuer's keys could not be read yet")
        return Check(ok=True)

    async def _check_postings(self) -> Check:
        if not self.postings.loaded:
            return Check(ok=False, detail="postings are not loaded yet")
        if not self.postings.live:
            return Check(ok=False, vital=False, detail="serving from memory: changes of postings do not arrive")
        return Check(ok=True)

    async def _check_audit(self) -> Check:
        if self._audit.full:
            return Check(ok=False, vital=False, detail="the journal is full: personal files cannot be read")
        return Check(ok=True)


class _Server(uvicorn.Server):
    """Ends event streams before it waits for requests to finish: they would not."""

    def __init__(self, config: uvicorn.Config, *, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    async def shutdown(self, sockets: list[asyncio.AbstractServer] | None = None) -> None:  # type: ignore[override]
        self._gateway.stop_streams()
        await super().shutdown(sockets)  # type: ignore[arg-type]


def server(gateway: Gateway) -> uvicorn.Server:
    """The server for a gateway, configured by its settings."""
    settings = gateway.settings
    return _Server(
        uvicorn.Config(
            gateway,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            proxy_headers=bool(settings.forwarded_allow_ips),
            forwarded_allow_ips=list(settings.forwarded_allow_ips),
            timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        ),
        gateway=gateway,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(prog="gateway")
    parser.add_argument("command", choices=["serve"], help="answer requests")
    parser.parse_args(arguments)
    settings = load(GatewaySettings)
    configure_logs(service="gateway", level=settings.log_level, style=settings.log_format)
    running = server(Gateway(settings))
    gc.collect()
    gc.freeze()  # contract, pages and libraries stay; to look through them again and again shows in every latency
    running.run()
    sys.exit(0 if running.started else 3)


if __name__ == "__main__":
    main()
