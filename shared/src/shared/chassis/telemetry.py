"""Logs, metrics and traces of a process: JSON lines on standard output, `/metrics`, and OTLP when an address is set.

Nothing personal leaves this way: no bodies, no query strings, no exception text in spans.
"""

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from prometheus_client import Counter, Histogram
from pythonjsonlogger.json import JsonFormatter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("http_requests", "Requests answered", ["operation", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Time from request to the last byte of its answer",
    ["operation"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)

_FORBIDDEN_ATTRIBUTES = (
    "url.query",
    "url.full",
    "http.target",
    "http.url",
    "exception.message",
    "exception.stacktrace",
)


class _TraceFields(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            record.trace_id = f"{span.trace_id:032x}"
            record.span_id = f"{span.span_id:016x}"
        return True


def configure_logs(*, service: str, level: str, style: str) -> None:
    """Send every log record of the process to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_TraceFields())
    if style == "json":
        handler.setFormatter(
            JsonFormatter(
                "{asctime}{levelname}{name}{message}",
                style="{",
                rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
                static_fields={"service": service},
                json_ensure_ascii=False,
            )
        )
    else:
        handler.setFormatter(logging.Formatter(f"%(asctime)s %(levelname)-7s {service} %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("uvicorn.access", "httpx", "alembic.runtime.plugins"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Redact(SpanProcessor):
    """Drops what may name a person before a span is exported."""

    def on_end(self, span: ReadableSpan) -> None:
        attributes = span._attributes  # noqa: SLF001 (a span has no public way to lose an attribute)
        if isinstance(attributes, MutableMapping):
            span._attributes = {  # noqa: SLF001
                name: value for name, value in attributes.items() if name not in _FORBIDDEN_ATTRIBUTES
            }
        span._events = ()  # noqa: SLF001


def configure_traces(*, service: str, endpoint: str | None) -> None:
    """Export spans of requests that the gateway has sampled; without an address, none are made."""
    if endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    provider = TracerProvider(resource=Resource.create({"service.name": service}), sampler=ParentBased(root=ALWAYS_OFF))
    provider.add_span_processor(_Redact())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)


def unsampled(scope: MutableMapping[str, Any]) -> bool:
    """Whether FastAPI's telemetry can be spared: it costs more than the whole of some requests."""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return not value.endswith(b"-01")
    return True


class Measured:
    """ASGI middleware that counts and times requests by operation, never by address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counters: dict[tuple[str, int], Any] = {}
        self._timers: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            operation = getattr(scope.get("route"), "name", None) or "unknown"
            counter = self._counters.get((operation, status))
            if counter is None:
                counter = self._counters[operation, status] = REQUESTS.labels(operation, str(status))
                self._timers.setdefault(operation, SECONDS.labels(operation))
            counter.inc()
            self._timers[operation].observe(time.perf_counter() - began)
