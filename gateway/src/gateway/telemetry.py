"""What the gateway says about requests: trace context, spans of the sampled ones, counters, and one log line each.

By operation and status, never by address; the log has the path and never the query.
"""

import asyncio
import random
import re
import sys
import time
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Final, Literal, TextIO

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer
from prometheus_client import Counter, Gauge, Histogram

from gateway.contract import Operation
from shared.chassis.telemetry import REQUESTS, SECONDS

REFUSED: Final = Counter("gateway_refused", "Requests refused at the gateway", ["code"])
UPSTREAM_ACTIVE: Final = Gauge("gateway_upstream_requests_active", "Requests in progress at a service", ["service"])
EVENT_STREAMS: Final = Gauge("gateway_event_streams", "Open event streams")
POSTINGS_LIVE: Final = Gauge("gateway_postings_live", "1 while changes of postings arrive, 0 while served from memory")
AUDIT_WAITING: Final = Gauge("gateway_audit_waiting_bytes", "Audit records in the journal that the broker has not got")
AUDIT_UNREADABLE: Final = Counter("gateway_audit_unreadable", "Lines of the audit journal that were cut short")

_TRACEPARENT: Final = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{8,128}")
_FLUSH_SECONDS: Final = 0.25


@dataclass(slots=True)
class Trace:
    """The trace of one request."""

    id: str
    request_id: str
    parent: str
    """The `traceparent` for what the gateway calls."""
    span: Span | None = None


class Traces:
    """Decides which requests leave a trace, by their trace id alone, so that every hop would decide the same.

    A caller's trace id is taken over, the sampled flag is not: what it costs us is not for callers to decide. Spans of
    the SDK are made for sampled requests only; they cost more than the rest of the gateway.
    """

    def __init__(self, *, ratio: float, provider: TracerProvider | None) -> None:
        self._bound = int(ratio * 2**64)
        self._tracer: Tracer | None = None if provider is None else provider.get_tracer("gateway")

    def start(self, traceparent: bytes | None, request_id: bytes | None) -> Trace:
        identity, span_id = (made := f"{random.getrandbits(192):048x}")[:32], made[32:]
        known = None if traceparent is None else _TRACEPARENT.fullmatch(traceparent)
        if known is not None:
            identity = known[1].decode()
        flags, span = "00", None
        if int(identity[16:], 16) < self._bound:
            flags = "01"
            if self._tracer is not None:
                span = _start(self._tracer, known)
                context = span.get_span_context()
                identity, span_id = f"{context.trace_id:032x}", f"{context.span_id:016x}"
        request = identity
        if request_id is not None and _REQUEST_ID.fullmatch(request_id):
            request = request_id.decode()
        return Trace(identity, request, f"00-{identity}-{span_id}-{flags}", span)

    @staticmethod
    def end(each: Trace, operation: Operation | None, *, status: int) -> None:
        if each.span is None:
            return
        if operation is not None:
            each.span.update_name(f"{operation.method} {operation.path}")
            each.span.set_attributes(
                {
                    "http.request.method": operation.method,
                    "http.route": operation.path,
                    "peer.service": operation.service,
                    "request.id": each.request_id,
                }
            )
        each.span.set_attribute("http.response.status_code", status)
        if status >= 500:
            each.span.set_status(Status(StatusCode.ERROR))
        each.span.end()


def _start(tracer: Tracer, above: re.Match[bytes] | None) -> Span:
    if above is None:
        return tracer.start_span("request", kind=SpanKind.SERVER)
    remote = SpanContext(int(above[1], 16), int(above[2], 16), is_remote=True, trace_flags=TraceFlags(1))
    return tracer.start_span(
        "request", context=trace.set_span_in_context(NonRecordingSpan(remote)), kind=SpanKind.SERVER
    )


def exporter(endpoint: str | None) -> TracerProvider | None:
    """Where spans go; without an address none are made. Every span that is started is wanted: that was decided."""
    if endpoint is None:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    provider = TracerProvider(resource=Resource.create({"service.name": "gateway"}), sampler=ALWAYS_ON)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    return provider


class Meters:
    """Counts and times requests by operation and status."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def observe(self, operation: str, status: int, seconds: float) -> None:
        counter = self._counters.get((operation, status))
        if counter is None:
            counter = self._counters[operation, status] = REQUESTS.labels(operation, str(status))
            self._timers.setdefault(operation, SECONDS.labels(operation))
        counter.inc()
        self._timers[operation].observe(seconds)


class AccessLog:
    """One line for each request on standard output, some at a time: the last quarter of a second may be lost with a
    killed process, as nothing else may."""

    def __init__(self, *, style: Literal["json", "text"] | None, output: TextIO | None = None) -> None:
        """Without a style nothing is written."""
        self._style = style
        self._output = output or sys.stdout
        self._lines: list[str] = []

    def write(
        self, *, method: str, path: str, status: int, seconds: float, each: Trace, operation: str, caller: str | None
    ) -> None:
        if self._style is None:
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        now = utc(time.time())
        if self._style == "json":
            # by hand: json.dumps takes longer than all else that the gateway does for a request
            self._lines.append(
                f'{{"time": "{now}", "level": "INFO", "logger": "access", "service": "gateway", "message": "request", '
                f'"method": "{method}", "path": {quoted(path)}, "operation": "{operation}", "status": {status}, '
                f'"milliseconds": {seconds * 1000:.2f}, "caller": {"null" if caller is None else quoted(caller)}, '
                f'"request_id": "{each.request_id}", "trace_id": "{each.id}"}}'
            )
        else:
            self._lines.append(f"{now} {method} {quoted(path)} {status} {seconds * 1000:.1f} ms {each.request_id}")

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._output.write("\n".join(lines) + "\n")
            self._output.flush()


quoted: Final = encode_basestring
"""A text as JSON has it."""


class _Second:
    number = 0
    text = ""


def utc(moment: float) -> str:
    """RFC 3339 with microseconds, of seconds since the epoch."""
    whole = int(moment)
    if whole != _Second.number:
        _Second.number, _Second.text = whole, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    return f"{_Second.text}.{int((moment - whole) * 1_000_000):06d}Z"
