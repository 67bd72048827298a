"""What we are compared with: the least code that does the same work, without policy.

Each application is configured by the environment and served by uvicorn as ours are.
"""

import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import aiohttp
import asyncpg
import httpx
from fastapi import Depends, FastAPI, Header, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.kit.calendar import jalali_year, today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction

UPSTREAM = os.environ.get("BASELINE_UPSTREAM", "")
DATABASE = os.environ.get("BASELINE_DATABASE", "")
OPEN_FILES = os.environ.get("BASELINE_POOL", "8")


# a gateway without policy, as most write it


@asynccontextmanager
async def _with_httpx(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=UPSTREAM, limits=httpx.Limits(max_connections=64)) as client:
        app.state.client = client
        yield


pass_through_httpx = FastAPI(lifespan=_with_httpx, telemetry={"tracing": False, "metrics": False, "logs": False})


@pass_through_httpx.api_route("/{path:path}", methods=["GET", "POST"])
async def pass_through(path: str, request: Request) -> Response:
    answer = await request.app.state.client.request(
        request.method,
        f"/{path}",
        params=request.query_params,
        headers=[(name, value) for name, value in request.headers.items() if name != "host"],
        content=await request.body(),
    )
    return Response(answer.content, status_code=answer.status_code, headers=dict(answer.headers))


# the same as plain ASGI on aiohttp: what a proxy in Python can reach


class PassThrough:
    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                if message["type"] == "lifespan.startup":
                    self._session = aiohttp.ClientSession(
                        connector=aiohttp.TCPConnector(limit=64), auto_decompress=False
                    )
                    await send({"type": "lifespan.startup.complete"})
                else:
                    assert self._session is not None
                    await self._session.close()
                    await send({"type": "lifespan.shutdown.complete"})
                    return
        assert self._session is not None
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        headers = {name.decode(): value.decode() for name, value in scope["headers"] if name != b"host"}
        async with self._session.request(
            scope["method"], UPSTREAM + path, headers=headers, data=body or None, allow_redirects=False
        ) as answer:
            content = await answer.read()
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": [(name.lower(), value) for name, value in answer.raw_headers],
                }
            )
            await send({"type": "http.response.body", "body": content})


pass_through_aiohttp = PassThrough()


# a service without scope


@asynccontextmanager
async def _with_pool(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(DATABASE, min_size=1, max_size=int(OPEN_FILES)) as pool:
        app.state.pool = pool
        app.state.statements = Statements()
        yield


bare = FastAPI(lifespan=_with_pool, telemetry={"tracing": False, "metrics": False, "logs": False})


class Row(BaseModel):
    """The row of a case file, as it is."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    number: str
    version: int
    status: str
    status_reason: str | None
    jurisdiction: str
    member_count: int
    address: str | None
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    area_class: str | None
    tenure: str | None
    residence_since: date | None
    mobile: str | None
    landline: str | None
    income_sources: list[str]
    decile: int | None
    insurance: str | None
    support_bodies: list[str]
    coverage_reason: str | None
    pensioner: bool
    payer_category: str | None
    opened_on: date
    closed_on: date | None
    assigned_worker: str | None
    created_at: datetime
    updated_at: datetime


@bare.get("/v1/case-files/{case_file_id}")
async def read_bare(case_file_id: UUID, request: Request) -> Row:
    row = await request.app.state.pool.fetchrow("SELECT * FROM case_file WHERE id = $1", case_file_id)
    return Row.model_construct(**dict(row))


class Shown(BaseModel):
    number: str
    valid: bool
    kind: str
    holder: str
    valid_to: date


@bare.get("/v1/licence-verifications/{number}")
async def verify_bare(number: str, request: Request) -> Shown:
    row = await request.app.state.pool.fetchrow(
        "SELECT status = 'in-force' AND $2 BETWEEN valid_from AND valid_to AS valid, kind, holder_name AS holder,"
        " valid_to FROM licence WHERE number = $1",
        number,
        today(),
    )
    return Shown.model_construct(number=number, **dict(row))


@bare.get("/v1/case-files/{case_file_id}/timeline")
async def timeline_bare(case_file_id: UUID, request: Request) -> Response:
    from svc_casefile.timeline.queries import statement
    from svc_casefile.timeline.schemas import TimelineFilters

    sql, arguments = statement(case_file_id, TimelineFilters(), position=None)
    rows = await request.app.state.pool.fetch(sql, *arguments)
    return Response("[" + ",".join(row["body"] for row in rows) + "]", media_type="application/json")


@bare.get("/v1/visits:due")
async def work_list_bare(request: Request, worker: str, limit: int) -> Response:
    from svc_casefile.visits.queries import due_statement
    from svc_casefile.visits.schemas import DueFilters

    sql, arguments = due_statement(
        DueFilters(limit=limit),
        within=Jurisdiction(os.environ["BASELINE_SCOPE"]),
        worker=worker,
        on=today(),
        position=None,
    )
    rows = await request.app.state.pool.fetch(sql, *arguments)
    return Response("[" + ",".join(row["body"] for row in rows) + "]", media_type="application/json")


class Person(BaseModel):
    model_config = ConfigDict(extra="ignore")

    relation: str
    identity: dict[str, str]
    given_name: str
    family_name: str
    birth_date: date | None = None
    sex: str | None = None


class Household(BaseModel):
    model_config = ConfigDict(extra="ignore")

    jurisdiction: str
    address: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    mobile: str | None = None
    members: list[Person]


class Written(BaseModel):
    id: UUID
    number: str
    version: int
    members: list[Person]


@bare.post("/v1/case-files", status_code=201)
async def write_bare(body: Household, request: Request, idempotency_key: Annotated[str, Header()]) -> Written:
    """The inserts of a new file in one transaction: file, members, history, event, key."""
    statements: Statements = request.app.state.statements
    now, file_id = datetime.now(UTC), new_id()
    file = statements.file_row(body, file_id=file_id, now=now)
    members = [statements.member_row(body, person, file_id=file_id, now=now) for person in body.members]
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        number = await connection.fetchval(statements.file, *file)
        await connection.executemany(statements.member, members)
        await connection.execute(statements.history, file_id, 1, body.jurisdiction, now, "bench", "opened", "{}")
        written = Written(id=file_id, number=number, version=1, members=body.members)
        event = {"id": str(new_id()), "data": body.model_dump(mode="json")}
        payload = json.dumps(event, ensure_ascii=False).encode()
        await connection.execute(statements.outbox, new_id(), "opened", "opened.29.01", "2901", payload)
        answer = written.model_dump_json().encode()
        digest = hashlib.sha256(await request.body()).digest()
        await connection.execute(statements.key, "bench", idempotency_key, "open", digest, 201, "{}", answer)
    return written


class Statements:
    """INSERTs that name every column of the real tables."""

    history = (
        "INSERT INTO case_file_history (case_file_id, version, jurisdiction, at, actor, action, changes)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    outbox = "INSERT INTO outbox (id, type, subject, jurisdiction, payload) VALUES ($1, $2, $3, $4, $5)"
    key = (
        "INSERT INTO idempotency_key (subject, key, operation, fingerprint, status, headers, body)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )

    def __init__(self) -> None:
        from svc_casefile.households.models import CaseFile
        from svc_casefile.members.models import Member

        self._file = [column.name for column in CaseFile.__table__.columns if column.name != "number"]  # type: ignore[attr-defined]
        self._member = [column.name for column in Member.__table__.columns]  # type: ignore[attr-defined]
        self.file = _insert("case_file", self._file) + " RETURNING number"
        self.member = _insert("member", self._member)

    def file_row(self, body: Household, *, file_id: UUID, now: datetime) -> list[object]:
        values = body.model_dump(exclude={"members"}) | {
            "id": file_id,
            "version": 1,
            "status": "waiting",
            "status_since": now,
            "member_count": len(body.members),
            "income_sources": [],
            "support_bodies": [],
            "pensioner": False,
            "opened_on": now.date(),
            "legacy_province": body.jurisdiction[:2],
            "created_at": now,
            "created_by": "bench",
            "updated_at": now,
            "updated_by": "bench",
        }
        return [values.get(name) for name in self._file]

    def member_row(self, body: Household, person: Person, *, file_id: UUID, now: datetime) -> list[object]:
        values = person.model_dump(exclude={"identity"}) | {
            "id": new_id(),
            "case_file_id": file_id,
            "jurisdiction": body.jurisdiction,
            "version": 1,
            "id_type": person.identity["type"],
            "id_value": person.identity["value"],
            "in_force": True,
            "name_search": f"{person.given_name} {person.family_name}",
            "name_bits": 0,
            "addiction": False,
            "prison": False,
            "missing": False,
            "created_at": now,
            "created_by": "bench",
            "updated_at": now,
            "updated_by": "bench",
        }
        return [values.get(name) for name in self._member]


def _insert(table: str, columns: list[str]) -> str:
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


class Tested(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    person_id: UUID
    programme: str
    stage: str
    instrument: str
    base_id: UUID
    made_at: datetime
    result: dict[str, Any]


class Screened(BaseModel):
    id: UUID
    person_id: UUID
    made_at: datetime
    result: dict[str, Any]


_PROTOCOL = UUID("01a2008d-7400-7a01-8c01-000000000001")
_TESTED = """
    INSERT INTO encounter (id, jurisdiction, person_id, registered_as, programme_code, programme_year, protocol_id,
                           protocol_number, base_id, screener, stage, instrument, made_at, attendance, result,
                           age_months, outcome, rule, reason, found, digest, recorded_at, recorded_by)
    VALUES ($1, '2901003', $2, $2, $3, 1405, $4, 1, $5, 'bench', $6, $7, $8, 'examined', $9, 60, 'normal',
            'either-eye-below', 'within-the-rules', '{}', $10, $11, 'bench')
"""
_SCREENED = """
    INSERT INTO screening AS known (person_id, programme_code, programme_year, examined, last_at, encounter_id, stage,
                                    outcome)
    VALUES ($1, $2, 1405, true, $3, $4, $5, 'normal')
    ON CONFLICT (person_id, programme_code, programme_year) DO UPDATE
       SET last_at = EXCLUDED.last_at, encounter_id = EXCLUDED.encounter_id WHERE known.last_at < EXCLUDED.last_at
"""


@bare.post("/v1/screening-encounters", status_code=201)
async def write_test_bare(body: Tested, request: Request) -> Screened:
    """The inserts of an encounter in one transaction: encounter, what it comes to, event."""
    now, result = datetime.now(UTC), json.dumps(body.result)
    digest = hashlib.sha256(await request.body()).digest()
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            _TESTED,
            body.id,
            body.person_id,
            body.programme,
            _PROTOCOL,
            body.base_id,
            body.stage,
            body.instrument,
            body.made_at,
            result,
            digest,
            now,
        )
        await connection.execute(_SCREENED, body.person_id, body.programme, body.made_at, body.id, body.stage)
        event = {"id": str(new_id()), "data": body.model_dump(mode="json")}
        payload = json.dumps(event, ensure_ascii=False).encode()
        await connection.execute(Statements.outbox, new_id(), "recorded", "recorded.29.01.003", "2901003", payload)
    return Screened(id=body.id, person_id=body.person_id, made_at=body.made_at, result=body.result)


@bare.get("/v1/screening-bases/{base_id}/due-list")
async def due_bare(base_id: UUID, request: Request) -> list[dict[str, Any]]:
    from svc_screening.due_lists import queries

    year = timedelta(days=365)
    wanted = queries.Wanted("vision", today() - 7 * year, today() - 3 * year, today(), datetime.now(UTC) - year, None)
    arguments = [*wanted.arguments(Jurisdiction(os.environ["BASELINE_SCOPE"])), None, None, None, None, 201]
    return [dict(row) for row in await request.app.state.pool.fetch(queries.LIST, *arguments)]


_PLACE = """
    WITH mine AS (SELECT * FROM queue_entry WHERE id = $1)
    SELECT mine.*,
           (SELECT count(*) FROM queue_entry e
             WHERE e.queue = mine.queue AND e.form = mine.form AND e.state = 'waiting'
               AND (e.rank, e.senior, e.since, e.id) < (mine.rank, mine.senior, mine.since, mine.id)) AS ahead,
           (SELECT count(*) FROM queue_entry e
             WHERE e.queue = mine.queue AND e.form = mine.form AND e.state = 'waiting') AS waiting
      FROM mine
"""


@bare.get("/v1/adoption-queue/{request_id}")
async def place_bare(request_id: UUID, request: Request) -> dict[str, Any]:
    async with request.app.state.pool.acquire() as connection:
        row = dict(await connection.fetchrow(_PLACE, request_id))
        changes = await connection.fetch("SELECT * FROM queue_change WHERE request_id = $1 ORDER BY id", request_id)
    del row["sealed"]
    return row | {"changes": [dict(each) for each in changes]}


@bare.get("/v1/screening-referrals")
async def overdue_bare(request: Request) -> list[dict[str, Any]]:
    from svc_screening.referrals.queries import LIST

    place, any_day = Jurisdiction(os.environ["BASELINE_SCOPE"]).range, date(9999, 12, 31)
    wanted = (None, None, None, None, True, None, None, None, any_day, 51)
    return [dict(row) for row in await request.app.state.pool.fetch(LIST, *place, today(), *wanted)]


@bare.get("/v1/screening-coverage")
async def coverage_bare(request: Request) -> list[dict[str, Any]]:
    from svc_screening.coverage.queries import COVERAGE

    born = (today() - timedelta(days=7 * 365), today() - timedelta(days=3 * 365))
    asked = (7, "vision", jalali_year(today()), None, *born)
    place = Jurisdiction(os.environ["BASELINE_SCOPE"]).range
    return [dict(row) for row in await request.app.state.pool.fetch(COVERAGE, *place, *asked)]


@bare.get("/v1/licensing-overdue")
async def licensing_overdue_bare(request: Request) -> dict[str, Any]:
    from svc_licensing.deadlines import queries

    arguments = (today(), *Jurisdiction.from_code(os.environ["BASELINE_SCOPE"]).range, 4)
    return {"items": [dict(row) for row in await request.app.state.pool.fetch(queries.OVERDUE, *arguments)]}


# the same read through the ORM, with the same scope


@asynccontextmanager
async def _with_engine(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(
        DATABASE.replace("postgresql://", "postgresql+asyncpg://"), pool_size=int(OPEN_FILES), max_overflow=0
    )
    app.state.engine = engine
    yield
    await engine.dispose()


orm = FastAPI(lifespan=_with_engine, telemetry={"tracing": False, "metrics": False, "logs": False})


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(request.app.state.engine) as session:
        await session.execute(
            text("SELECT set_config('app.scope_from', :a, true), set_config('app.scope_to', :b, true)"),
            {"a": os.environ["BASELINE_SCOPE"], "b": os.environ["BASELINE_SCOPE"] + ":"},
        )
        yield session


@orm.get("/v1/case-files/{case_file_id}")
async def read_orm(case_file_id: UUID, session: Annotated[AsyncSession, Depends(_session)]) -> Any:
    from svc_casefile.households.models import CaseFile
    from svc_casefile.members.models import Member

    file = (await session.exec(select(CaseFile).where(CaseFile.id == case_file_id))).one()
    members = (await session.exec(select(Member).where(Member.case_file_id == case_file_id))).all()
    return {"file": file, "members": members}
