"""Reading a file of elsewhere in an emergency: open it, see who did, end it."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, TooManyRequests
from svc_casefile.break_glass import queries, service
from svc_casefile.break_glass.errors import FileInsideScope, NoLongerOpen
from svc_casefile.break_glass.schemas import BreakGlassCreate, BreakGlassFilters, BreakGlassRead

router = Router(prefix="/v1", tags=["Emergency reading"])


@router.post(
    "/case-files:break-glass",
    permission=Permission.CASE_FILE_BREAK_GLASS,
    personal=True,
    status_code=201,
    problems=[NotFound, FileInsideScope, TooManyRequests],
)
async def break_glass(body: BreakGlassCreate, command: Command, response: Response) -> BreakGlassRead:
    """Open one file of another center for reading, for some hours and with a written reason.

    Afterwards `GET /v1/case-files/{id}` and what hangs on it answer as they do to its own center, which is told. The
    answer is the same 404 for a person without a file and for a proof that does not match.
    """
    glass = await service.break_glass(command, body)
    return created(response, glass, f"/v1/break-glass/{glass.id}")


@router.get("/break-glass", permission=Permission.CASE_FILE_READ, personal=True)
async def list_break_glass(
    query: Query, filters: Annotated[BreakGlassFilters, fastapi.Query()]
) -> Page[BreakGlassRead]:
    """Who opened files of the scope from elsewhere, the latest first; with `mine`, what was opened for the caller."""
    return await queries.list_break_glass(query, filters)


@router.get("/break-glass/{break_glass_id}", permission=Permission.CASE_FILE_READ, personal=True, problems=[NotFound])
async def read_break_glass(break_glass_id: UUID, query: Query, response: Response) -> BreakGlassRead:
    """One of them, to the file's own center and to whoever opened it."""
    return tagged(response, await queries.one(query, break_glass_id))


@router.post(
    "/break-glass/{break_glass_id}:revoke",
    permission=Permission.CASE_FILE_ASSIGN,
    problems=[NotFound, PreconditionRequired, PreconditionFailed, NoLongerOpen],
)
async def revoke_break_glass(
    break_glass_id: UUID, version: IfMatch, command: Command, response: Response
) -> BreakGlassRead:
    """The file's own center ends it before its time."""
    return tagged(response, await service.revoke(command, break_glass_id, version=version))
