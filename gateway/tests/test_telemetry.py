"""What is said about requests: ids, trace context, spans, counters, and one log line without anything personal."""

import io
import json
import re
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.telemetry import AccessLog, Traces, utc

MANAGER = ("center-manager", "2901003")
FILE = "/v1/case-files/0199d1f0-0000-7000-8000-000000000001"
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0([01])")


async def test_a_request_id_is_made_and_told_to_both_sides(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    answer = await client.get(FILE)
    made = answer.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert running.upstream.last.header("x-request-id") == made
    assert (await client.get(FILE)).headers["x-request-id"] != made


async def test_a_request_id_that_was_given_is_kept(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    assert (await client.get(FILE, headers={"X-Request-ID": "front-end:42"})).headers["x-request-id"] == "front-end:42"


@pytest.mark.parametrize("given", ["short", "x" * 200, "with space", "new\tline", 'quote"quote'])
async def test_a_request_id_that_could_do_harm_is_not(running: Any, given: str) -> None:
    client = await running.client_of("manager", MANAGER)
    assert (await client.get(FILE, headers={"X-Request-ID": given})).headers["x-request-id"] != given


async def test_the_trace_goes_on(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await client.get(FILE, headers={"traceparent": above})
    passed = TRACEPARENT.fullmatch(running.upstream.last.header("traceparent"))
    assert passed is not None
    assert passed[1] == "0af7651916cd43dd8448eb211c80319c"
    assert passed[2] != "b7ad6b7169203331"


@pytest.mark.parametrize(
    "given", ["", "00-0-0-01", f"00-{'0' * 32}-{'1' * 16}-01", f"00-{'1' * 32}-{'0' * 16}-01", "ff-" + "1" * 50]
)
async def test_what_is_no_trace_begins_another(running: Any, given: str) -> None:
    client = await running.client_of("manager", MANAGER)
    await client.get(FILE, headers={"traceparent": given})
    passed = TRACEPARENT.fullmatch(running.upstream.last.header("traceparent"))
    assert passed is not None
    assert passed[1] not in given


async def test_a_problem_carries_the_trace(running: Any) -> None:
    client = await running.client()
    above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    for path in ("/v1/me", "/v1/nothing"):
        answer = await client.get(path, headers={"traceparent": above})
        assert answer.json()["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


async def test_requests_are_counted_by_operation_and_status(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    for number in range(3):
        await client.get(f"/v1/case-files/{number}")
    await client.get("/v1/nothing/7")
    text = (await client.get("/metrics")).text
    assert 'http_requests_total{operation="read_case_file",status="200"}' in text
    assert 'http_request_seconds_count{operation="read_case_file"}' in text
    assert 'gateway_refused_total{code="not-found"}' in text
    assert "/v1/" not in text, "an address would be a label without bound"
    assert "gateway_postings_live 1.0" in text


def test_the_share_of_traces_is_what_was_asked_for() -> None:
    traces = Traces(ratio=0.05, provider=None)
    sampled = sum(traces.start(None, None).parent.endswith("-01") for _ in range(20_000))
    assert 800 < sampled < 1200


def test_a_caller_does_not_decide_what_is_traced() -> None:
    above = b"00-0af7651916cd43ddffffffffffffffff-b7ad6b7169203331-01"
    assert Traces(ratio=0.05, provider=None).start(above, None).parent.endswith("-00")


def test_the_choice_follows_the_trace() -> None:
    low, high = (f"00-0af7651916cd43dd{half}-b7ad6b7169203331-00".encode() for half in ("0" * 15 + "1", "f" * 16))
    for _ in range(3):
        assert Traces(ratio=0.5, provider=None).start(low, None).parent.endswith("-01")
        assert Traces(ratio=0.5, provider=None).start(high, None).parent.endswith("-00")


def test_only_sampled_requests_leave_spans() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    never, always = Traces(ratio=0, provider=provider), Traces(ratio=1, provider=provider)
    above = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    never.end(never.start(above, None), None, status=200)
    assert exporter.get_finished_spans() == ()
    each = always.start(above, b"request-1")
    always.end(each, None, status=503)
    (span,) = exporter.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == each.id == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert each.parent == f"00-{each.id}-{span.context.span_id:016x}-01"
    assert span.attributes == {"http.response.status_code": 503}
    assert not span.status.is_ok


@pytest.mark.parametrize("style", ["json", "text"])
async def test_a_line_for_each_request(style: Any) -> None:
    output = io.StringIO()
    log = AccessLog(style=style, output=output)
    each = Traces(ratio=0, provider=None).start(None, None)
    for caller in ("زهرا", None):
        log.write(
            method="GET", path='/v1/x"\n', status=200, seconds=0.0123, each=each, operation="read_x", caller=caller
        )
    assert output.getvalue() == "", "lines are written some at a time"
    log.flush()
    lines = output.getvalue().splitlines()
    assert len(lines) == 2
    if style == "json":
        fields = [json.loads(line) for line in lines]
        assert [each["caller"] for each in fields] == ["زهرا", None]
        assert fields[0]["path"] == '/v1/x"\n'
        assert fields[0]["milliseconds"] == 12.3
        assert fields[0]["trace_id"] == each.id


async def test_the_log_has_no_query(start: Any, capsys: pytest.CaptureFixture[str]) -> None:
    running = await start(access_log=True, log_format="json")
    client = await running.client_of("manager", MANAGER)
    await client.get(f"{FILE}?national_id=0067749828")
    running.stop()
    await running.process.shutdown()
    said = capsys.readouterr().out
    assert FILE in said
    assert "national_id" not in said
    assert "0067749828" not in said
    assert client.headers["authorization"] not in said


def test_times_are_utc() -> None:
    assert utc(1_795_305_600.25) == "2026-11-22T00:00:00.250000Z"
    assert utc(1_795_305_600) == "2026-11-22T00:00:00.000000Z"
