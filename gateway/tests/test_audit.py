"""Who read which personal file: never lost, never in the way."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gateway import audit
from shared.chassis.streams import ensure_streams
from shared.contracts.events import Envelope
from shared.contracts.gateway import PersonalFileReadV1
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.servers import NatsServer

MANAGER = ("center-manager", "2901003")
FILE = "/v1/case-files/0199d1f0-0000-7000-8000-000000000001"


async def recorded(running: Any, count: int, *, seconds: float = 15) -> list[Envelope]:
    """All records that the broker has, once there are so many."""
    async with asyncio.timeout(seconds):
        while (state := (await running.broker.jetstream.stream_info("GATEWAY")).state).messages < count:
            await asyncio.sleep(0.05)
    return [
        Envelope.parse((await running.broker.jetstream.get_msg("GATEWAY", sequence)).data or b"")
        for sequence in range(state.first_seq, state.last_seq + 1)
    ]


async def test_a_read_is_an_event(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    answer = await client.get(f"{FILE}?q=secret", headers={"X-Request-ID": "request-1"})
    (envelope,) = await recorded(running, 1)
    event = envelope.event
    assert isinstance(event, PersonalFileReadV1)
    assert (event.actor, event.roles, event.scope) == ("manager", (Role.CENTER_MANAGER,), Jurisdiction("2901003"))
    assert (event.operation, event.resource, event.status) == ("read_case_file", FILE, answer.status_code)
    assert event.request_id == "request-1"
    assert envelope.id == event.audit_id
    assert envelope.actor == "manager"
    message = await running.broker.jetstream.get_last_msg("GATEWAY", f"{PersonalFileReadV1.type}.29.01.003")
    assert b"secret" not in (message.data or b"")


async def test_the_record_is_what_the_contract_would_make(running: Any) -> None:
    """It is put together by hand, for speed."""
    subject = 'o"dd\\name زهرا\u2028'
    await running.grant(subject, "province-officer", "29")
    await running.grant(subject, "auditor", "29")
    client = await running.client(running.issuer.token(subject))
    await client.get('/v1/case-files/a"b', headers={"X-Purpose": quote('a "dying" father, پدر بیمار')})
    await recorded(running, 1)
    message = await running.broker.jetstream.get_last_msg("GATEWAY", f"{PersonalFileReadV1.type}.29.-.-")
    envelope = Envelope.parse(message.data)
    assert envelope.to_json() == message.data
    event = envelope.event
    assert event.model_dump(mode="json") == envelope.data
    assert envelope.address == message.subject
    assert (envelope.actor, event.resource) == (subject, '/v1/case-files/a"b')
    assert event.purpose == 'a "dying" father, پدر بیمار'


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (None, None),
        (b"call back about the wheelchair", "call back about the wheelchair"),
        ("پیگیری وام".encode(), "پیگیری وام"),
        (quote("پيگيري 12 ماهه").encode(), "پیگیری 12 ماهه"),
    ],
)
async def test_why_somebody_reads_is_their_own_words(running: Any, sent: bytes | None, kept: str | None) -> None:
    client = await running.client_of("manager", MANAGER)
    answer = await client.get(FILE, headers=[] if sent is None else [(b"X-Purpose", sent)])
    assert answer.status_code == 200
    (envelope,) = await recorded(running, 1)
    assert envelope.event.purpose == kept
    assert running.upstream.last.header("x-purpose") is None, "it is for the record alone"


@pytest.mark.parametrize(
    "sent",
    [b"", b"%20", b"%FF", b"x" * 201, b"about 0499370899", quote("۰۹۱۵ ۱۲۳ ۴۵۶۷").encode()],
)
async def test_what_cannot_be_kept_as_a_purpose_is_refused(running: Any, sent: bytes) -> None:
    client = await running.client_of("manager", MANAGER)
    answer = await client.get(FILE, headers=[(b"X-Purpose", sent)])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-purpose")
    assert running.upstream.received == []
    # where nothing is recorded it is nobody's business
    assert (await client.get("/v1/services", headers=[(b"X-Purpose", sent)])).status_code == 200


async def test_what_may_be_read_for_a_reason_alone_is_not_read_without_one(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    answer = await client.get(f"{FILE}/secrets")
    assert (answer.status_code, answer.json()["code"]) == (400, "purpose-required")
    assert running.upstream.received == []
    assert (await client.get(f"{FILE}/secrets", headers={"X-Purpose": "the court asks"})).status_code == 200
    (event,) = [each.event for each in await recorded(running, 1)]
    assert (event.operation, event.purpose) == ("read_secrets", "the court asks")


async def test_refused_attempts_are_recorded_with_their_status(running: Any) -> None:
    from starlette.responses import JSONResponse

    running.upstream.answer(JSONResponse({}, status_code=404))
    client = await running.client_of("manager", MANAGER)
    await client.get(FILE)
    (envelope,) = await recorded(running, 1)
    assert envelope.data["status"] == 404


async def test_what_is_not_personal_is_not_recorded(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    await client.get("/v1/case-files:summary")
    await client.get("/v1/services")
    await client.get(FILE)
    assert [each.data["operation"] for each in await recorded(running, 1)] == ["read_case_file"]


async def test_reads_go_on_while_the_broker_is_away_and_nothing_is_lost(running: Any, own_nats: NatsServer) -> None:
    client = await running.client_of("manager", MANAGER)
    await asyncio.to_thread(own_nats.kill)
    for number in range(30):
        answer = await client.get(FILE, headers={"X-Request-ID": f"request-{number}"})
        assert answer.status_code == 200
    await asyncio.sleep(0.5)
    await asyncio.to_thread(own_nats.start)
    records = await recorded(running, 30)
    assert [each.data["request_id"] for each in records] == [f"request-{number}" for number in range(30)]


async def test_what_a_killed_gateway_left_is_shipped_at_the_next_start(start: Any, tmp_path: Path) -> None:
    first = await start()
    client = await first.client_of("manager", MANAGER)
    await client.get(FILE)
    await recorded(first, 1)
    line = (await first.broker.jetstream.get_last_msg("GATEWAY", f"{PersonalFileReadV1.type}.29.01.003")).data
    journal = tmp_path / "left"
    journal.mkdir()
    document = json.loads(line)
    lines = []
    for number in range(1200):
        identity = f"0199d1f0-0000-7000-8000-{number:012}"
        left = json.dumps(document | {"id": identity}).encode()
        lines.append(f"{identity} {PersonalFileReadV1.type}.29.01.003 ".encode() + left + b"\n")
    (journal / "0.records").write_bytes(b"".join(lines) + lines[0][:100])
    again = await start(audit_journal=str(journal))
    records = await recorded(again, 1201)
    assert len({each.id for each in records}) == 1201
    async with asyncio.timeout(5):
        while not (journal / "0.rejected").exists():
            await asyncio.sleep(0.05)
    assert list(journal.glob("*.records")) == []


async def test_a_shipment_that_is_repeated_is_stored_once(start: Any, tmp_path: Path) -> None:
    running = await start()
    client = await running.client_of("manager", MANAGER)
    await client.get(FILE)
    (envelope,) = await recorded(running, 1)
    journal = tmp_path / "again"
    journal.mkdir()
    (journal / "0.records").write_bytes(f"{envelope.id} {envelope.address} ".encode() + envelope.to_json() + b"\n")
    again = await start(audit_journal=str(journal))
    async with asyncio.timeout(10):
        while list(journal.glob("*.records")):
            await asyncio.sleep(0.05)
    assert len(await recorded(again, 1)) == 1


async def test_when_the_journal_is_full_files_cannot_be_read_and_all_else_can(start: Any, own_nats: NatsServer) -> None:
    running = await start(audit_journal_max_bytes=2000)
    client = await running.client_of("manager", MANAGER)
    await asyncio.to_thread(own_nats.kill)
    codes = [(await client.get(FILE)).status_code for _ in range(8)]
    assert codes[0] == 200
    assert codes[-1] == 503
    passed = len(running.upstream.received)
    assert passed == codes.count(200), "a refused read is not even asked for"
    assert (await client.get("/v1/case-files:summary")).status_code == 200
    assert "journal is full" in (await client.get("/readyz")).json()["checks"]["audit"]
    await asyncio.to_thread(own_nats.start)
    async with asyncio.timeout(15):
        while (await client.get(FILE)).status_code != 200:
            await asyncio.sleep(0.1)
    assert len(await recorded(running, passed + 1)) == passed + 1


async def test_an_answer_whose_record_cannot_be_kept_is_not_sent(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await running.client_of("manager", MANAGER)

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(audit.os, "write", full)
        answer = await client.get(FILE)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "etag" not in answer.headers
    assert (await client.get(FILE)).status_code == 200


async def test_a_lost_stream_is_declared_again(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    await running.broker.jetstream.delete_stream("GATEWAY")
    await client.get(FILE)
    async with asyncio.timeout(15):
        while True:
            streams = {each.config.name for each in await running.broker.jetstream.streams_info()}
            if "GATEWAY" in streams:
                break
            await asyncio.sleep(0.1)
    assert len(await recorded(running, 1)) == 1
    await ensure_streams(running.broker, owner="gateway")


async def test_two_gateways_do_not_share_a_journal(start: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await start()
    with pytest.raises(SystemExit):
        await start()
    assert "in use by another gateway" in capsys.readouterr().err


def test_records_are_for_the_process_alone(tmp_path: Path) -> None:
    trail = audit.AuditTrail(None, folder=tmp_path / "a", max_bytes=1000)  # type: ignore[arg-type]
    trail.open()
    from gateway.contract import Operation
    from gateway.scopes import Grant
    from gateway.tokens import Caller

    operation = Operation(
        id="read", method="GET", path="/", service="casefile", permission=None, public=False, scoped=True,
        personal=True, purposeful=False, streams_up=False, streams_down=False,
        max_body_bytes=None, timeout_seconds=None, place=None,
    )  # fmt: skip
    grant = Grant(Jurisdiction("29"), frozenset(), frozenset())
    trail.record(
        Caller("a", None, 0),
        grant,
        operation,
        path="/",
        purpose=None,
        request_id="r",
        status=200,
        parent="00-0-0-00",
    )
    (segment,) = (tmp_path / "a").glob("*.records")
    assert segment.stat().st_mode & 0o077 == 0
