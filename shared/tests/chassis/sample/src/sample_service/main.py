"""The smallest service there can be: one table, a few operations. The chassis is tested through it, over real HTTP."""

from typing import Annotated

import fastapi
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.chassis.http import Command, IfMatch, ListQuery, Page, Query, Router, created, tagged
from shared.chassis.service import Service
from shared.chassis.tables import new_metadata
from shared.contracts.permissions import Permission
from shared.contracts.registry import ParameterSetV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, PreconditionFailed

router = Router(prefix="/v1/notes", tags=["Notes"])


class NoteCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    jurisdiction: Jurisdiction
    text: str = Field(min_length=1, max_length=100)
    level: Annotated[int, Field(ge=0)] = 0


class NoteRead(BaseModel):
    id: str
    jurisdiction: str
    text: str
    version: int


class Code(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str


class Told(BaseModel):
    """What the code that was given out tells, and to whom it was told."""

    level: int | None
    actor: str
    seen: int


class NoteFilters(ListQuery):
    text: str | None = None


@router.post("", permission=Permission.CASE_FILE_WRITE, status_code=201)
async def write_note(body: NoteCreate, command: Command, response: Response) -> NoteRead:
    row = await command.connection.fetchrow(
        "INSERT INTO note (id, jurisdiction, text, level) VALUES ($1, $2, $3, $4) RETURNING *",
        new_id(),
        body.jurisdiction.code,
        body.text,
        body.level,
    )
    command.publish(
        ParameterSetV1(
            parameter_id=row["id"],
            name="note",
            jurisdiction=body.jurisdiction,
            value=1,
            valid_from=command.now.date(),
            valid_to=None,
        )
    )
    return created(response, _read(row), f"/v1/notes/{row['id']}")


@router.post("/foreign", permission=Permission.CASE_FILE_WRITE, status_code=204)
async def announce_what_is_not_ours(command: Command) -> None:
    from shared.contracts.casefile import DistributionDroppedV1

    command.publish(
        DistributionDroppedV1(distribution_id=new_id(), jurisdiction=Jurisdiction("29"), files=0, placed=0, unplaced=0)
    )


@router.get("/{note_id}", permission=Permission.CASE_FILE_READ, problems=[NotFound])
async def read_note(note_id: str, query: Query, response: Response) -> NoteRead:
    row = await query.fetchrow("SELECT * FROM note WHERE id::text = $1", note_id)
    if row is None:
        raise NotFound()
    return tagged(response, _read(row))


@router.patch("/{note_id}", permission=Permission.CASE_FILE_WRITE, problems=[NotFound, PreconditionFailed])
async def rewrite_note(note_id: str, text: str, version: IfMatch, command: Command, response: Response) -> NoteRead:
    row = await command.connection.fetchrow(
        "UPDATE note SET text = $2, version = version + 1 WHERE id::text = $1 AND version = $3 RETURNING *",
        note_id,
        text,
        version,
    )
    if row is None:
        raise PreconditionFailed()
    return tagged(response, _read(row))


@router.get("", permission=Permission.CASE_FILE_READ)
async def list_notes(query: Query, filters: Annotated[NoteFilters, fastapi.Query()]) -> Page[NoteRead]:
    after = query.position(filters)
    rows = await query.fetch(
        "SELECT * FROM note WHERE ($1::text IS NULL OR id::text > $1) AND ($2::text IS NULL OR text = $2)"
        " ORDER BY id::text LIMIT $3",
        after[0] if after else None,
        filters.text,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_read, key=lambda row: [str(row["id"])])


@router.post(":search", permission=Permission.CASE_FILE_SEARCH, read_only=True)
async def search_notes(body: NoteCreate, query: Query) -> list[NoteRead]:
    return [_read(row) for row in await query.fetch("SELECT * FROM note WHERE text = $1", body.text)]


@router.get("/open/weather", permission=Permission.CENTER_READ, scoped=False)
async def weather(query: Query) -> dict[str, int]:
    return {"notes": await query.fetchval("SELECT count(*) FROM note")}


@router.post(":leave", permission=None, public=True, status_code=201)
async def leave_a_note(body: NoteCreate, command: Command, response: Response) -> NoteRead:
    await command.act_at(body.jurisdiction)
    return await write_note(body, command, response)


@router.post(":follow", permission=None, public=True, read_only=True)
async def follow_a_note(body: Code, query: Query) -> Told:
    return Told(
        level=await query.fetchval("SELECT level_of($1)", body.text),
        actor=query.actor.subject,
        seen=await query.fetchval("SELECT count(*) FROM note"),
    )


@router.post(":break", permission=Permission.CASE_FILE_WRITE, status_code=204)
async def break_down(command: Command) -> None:
    await command.connection.execute("INSERT INTO note (id, jurisdiction, text) VALUES ($1, '2901', 'lost')", new_id())
    raise RuntimeError("a secret that no answer may carry")


def _read(row) -> NoteRead:  # type: ignore[no-untyped-def]
    return NoteRead(id=str(row["id"]), jurisdiction=row["jurisdiction"], text=row["text"], version=row["version"])


service = Service(
    name="registry",
    title="Sample",
    description="For tests",
    package="sample_service",
    metadata=new_metadata(),
    routers=[router],
)
app = service.app
