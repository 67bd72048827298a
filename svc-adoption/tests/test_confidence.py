"""What is told in confidence is readable nowhere but where it is asked for: planted, and looked for everywhere."""

import base64
import json
import logging
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import httpx
import pytest
from adoption_samples import (
    DOSSIERS,
    EXPORTS,
    REQUESTS,
    Json,
    before_the_committee,
    code_of,
    couple,
    decided,
    registered,
    version_of,
)
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pythonjsonlogger.json import JsonFormatter

from shared.chassis import telemetry
from shared.chassis.actor import Actor
from shared.chassis.sealing import SealBroken, Seals
from shared.testing.plugin import Running
from shared.testing.servers import PostgresServer
from svc_adoption import reseal, sealed
from svc_adoption.requests.schemas import IDENTITY, Kept

SAMPLED = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """What a collector would get, of requests that the gateway has sampled."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    exporter = InMemorySpanExporter()
    provider.add_span_processor(telemetry._Redact())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Every line that the process would write, as it would write it."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Kept()
    handler.setFormatter(JsonFormatter(json_ensure_ascii=False))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(level)
    root.removeHandler(handler)


def planted(family: Json) -> list[str]:
    """All that names the family, or was told of it in words."""
    secrets = [family["household"]["address"], "آرام و مهربان", "اتاق کودک", "سالم است", "پ/۱۲۳", "همهٔ شرط‌ها"]
    for each in family["applicants"]:
        secrets += [each[name] for name in ("given_name", "family_name", "father_name", "birth_date", "occupation")]
        secrets += [each["identity"]["value"], each["mobile"][1:]]
    return secrets


async def everything_in(running: Running, postgres: PostgresServer) -> str:
    """Every row of every table as text, the bytes of byte columns included."""
    connection = await asyncpg.connect(
        postgres.url_for(str(running.settings.database_url.path).strip("/"), user="postgres")
    )
    try:
        rows = [
            f"{table}: {row['whole']}"
            for (table,) in await connection.fetch(TABLES)
            for row in await connection.fetch(f"SELECT t::text AS whole FROM {table} AS t")
        ]
        # what is kept as bytes is shown in hexadecimal
        answers = await connection.fetch("SELECT encode(body, 'escape') FROM idempotency_key")
        payloads = await connection.fetch("SELECT convert_from(payload, 'UTF8') FROM outbox")
    finally:
        await connection.close()
    return "\n".join([*rows, *(each[0] or "" for each in (*answers, *payloads))])


async def everything_announced(running: Running) -> str:
    """Every message of every stream, the dead letters included."""
    jetstream = running.service.broker.jetstream
    said = []
    for stream in await jetstream.streams_info():
        for sequence in range(max(1, stream.state.first_seq), stream.state.last_seq + 1):
            message = await jetstream.get_msg(str(stream.config.name), sequence)
            said.append(f"{message.subject} {message.headers} {(message.data or b'').decode()}")
    return "\n".join(said)


async def test_planted_names_and_numbers_are_found_nowhere(
    running: Running,
    postgres: PostgresServer,
    spans: InMemorySpanExporter,
    logged: list[str],
    worker: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    member: httpx.AsyncClient,
    other_member: httpx.AsyncClient,
) -> None:
    for client in (worker, officer, member, other_member):
        client.headers.update(SAMPLED)
        client.event_hooks["request"] = [_with_a_key]
    family = couple()
    secrets = planted(family)
    request = await before_the_committee(worker, officer, **family)
    request = await decided(member, other_member, request)
    path = f"{REQUESTS}/{request['id']}"
    read = await officer.get(path)
    assert all(each["identity"]["value"] in read.text for each in family["applicants"]), "it can be read at all"
    await officer.post(f"{REQUESTS}:search", json={"identity": family["applicants"][0]["identity"]})
    export = (await officer.post(EXPORTS, json={"purpose": "court", "letter": "1"})).json()
    # what is refused, and what breaks, says nothing either
    wrong = family | {"applicants": [family["applicants"][0] | {"sex": "x", "birth_date": "1988-13-01"}]}
    refused = await worker.post(REQUESTS, json=wrong)
    assert code_of(refused) == (422, "invalid-input")
    other = await registered(worker)
    async with running.database.command(Actor.system("adoption")) as command:
        await command.connection.execute(
            "UPDATE request SET sealed = (SELECT sealed FROM request WHERE id = $1) WHERE id = $2",
            request["id"],
            other["id"],
        )
    assert code_of(await officer.get(f"{REQUESTS}/{other['id']}")) == (500, "internal"), "it opens in its own row alone"
    await running.events(count=9)
    places = {
        "answers to steps": json.dumps([request, export, other, refused.json()], ensure_ascii=False),
        "lists": (await officer.get(REQUESTS)).text + (await officer.get(f"{path}/history")).text,
        "database": await everything_in(running, postgres),
        "streams": await everything_announced(running),
        "logs": "\n".join(logged),
        "traces": "\n".join(span.to_json() for span in spans.get_finished_spans()),
    }
    assert "unexpected error" in places["logs"]
    assert "adoption-requests" in places["traces"]
    assert request["id"] in places["streams"]
    assert "idempotency_key: " in places["database"]
    assert "childless-couple" in places["database"], "what is not sealed is seen by this test"
    for place, text in places.items():
        for secret in secrets:
            raw = secret.encode()
            for form in (secret, json.dumps(secret).strip('"'), raw.hex(), base64.b64encode(raw).decode().strip("=")):
                assert form not in text, f"{secret} is readable in: {place}"


async def _with_a_key(request: httpx.Request) -> None:
    if request.method == "POST":
        request.headers["Idempotency-Key"] = str(uuid4())


async def test_a_new_key_reaches_everything_and_the_old_one_can_go(
    running: Running,
    worker: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    member: httpx.AsyncClient,
    other_member: httpx.AsyncClient,
) -> None:
    family = couple()
    request = await before_the_committee(worker, officer, **family)
    await member.post(
        f"{DOSSIERS}/{request['id']}/decisions",
        json={"outcome": "defer", "session_on": "2026-02-10", "minutes": "1", "reason": "x"},
        headers=version_of(request),
    )
    held = running.settings.sealing_keys.get_secret_value()  # type: ignore[attr-defined]
    newer = {"newer": base64.b64encode(b"n" * 32).decode()}
    both = running.settings.model_copy(update={"sealing_keys": _secret(json.loads(held) | newer)})
    both.__dict__.pop("seals", None)
    alone = Seals.parse(json.dumps(newer))
    done = await reseal.reseal(running.database, both)  # type: ignore[arg-type]
    assert done == 1 + 8 + 4 + 2 + 1, "request, papers, checks, reports, decision"
    assert await reseal.reseal(running.database, both) == 0  # type: ignore[arg-type]
    async with running.database.query(Actor.system("adoption")) as query:
        columns = "SELECT table_name FROM information_schema.columns WHERE column_name = 'sealed' ORDER BY 1"
        tables = [row[0] for row in await query.fetch(columns)]
        keys = {table: await query.fetch(f"SELECT DISTINCT key_id FROM {table}") for table in tables}
        row = await query.fetchrow("SELECT id, key_id, sealed, identities FROM request")
    assert tables == sorted(sealed.TABLES), "a table that keeps something sealed is reached by a new key"
    assert {key["key_id"] for found in keys.values() for key in found} == {"newer"}
    assert row is not None
    kept = sealed.opened("request", row, Kept, seals=alone)
    assert kept.applicants[0].given_name == family["applicants"][0]["given_name"]
    numbers = [f"national:{each['identity']['value']}" for each in family["applicants"]]
    assert row["identities"] == [alone.index(number, place=IDENTITY) for number in numbers]
    with pytest.raises(SealBroken):
        sealed.opened("request", row, Kept, seals=Seals.parse(held))


def _secret(keys: dict[str, str]) -> object:
    from pydantic import SecretStr

    return SecretStr(json.dumps(keys))
