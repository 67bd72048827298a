"""Who may bring in files of other systems, and see what became of them."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import Query as Parameters
from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.chassis.http import OpenCommand, Page, Query, Router
from shared.chassis.idempotency import key_of
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PayloadTooLarge, UnsupportedMediaType
from svc_casefile.imports import queries, service
from svc_casefile.imports.errors import UploadCut
from svc_casefile.imports.schemas import (
    ErrorFilters,
    ImportFilters,
    ImportRead,
    ImportSource,
    LineErrorRead,
)

LARGEST_BYTES = 256 * 1024 * 1024
NDJSON = "application/x-ndjson"

router = Router(prefix="/v1", tags=["Imports"])


@router.post(
    "/case-files:import",
    permission=Permission.CASE_FILE_IMPORT,
    status_code=202,
    own_transactions=True,
    max_body_bytes=LARGEST_BYTES,
    summary="Take in the case files of another system",
    description="One JSON object per line, each as `POST /v1/case-files` takes it; a file without a center waits with"
    " its county. Good lines land, bad ones are reported, and the same line sent again changes nothing. `Location` is"
    " where its progress can be read.",
    problems=[UnsupportedMediaType, UploadCut],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                NDJSON: {
                    "schema": {
                        "type": "string",
                        "description": "Lines of UTF-8 JSON, each a CaseFileCreate of at most 64 KiB",
                    }
                }
            },
        }
    },
)
async def import_case_files(
    request: Request, response: Response, open_command: OpenCommand, origin: Annotated[ImportSource, Parameters()]
) -> ImportRead:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != NDJSON:
        raise UnsupportedMediaType
    job = await service.receive(open_command, _blocks(request), source=origin.source, key=key_of(request))
    response.headers["Location"] = f"/v1/imports/{job.id}"
    return job


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for block in request.stream():
            yield block
    except ClientDisconnect as error:
        raise UploadCut from error
    except HTTPException as error:  # how a body over the limit makes itself known
        raise PayloadTooLarge from error


@router.get("/imports", permission=Permission.IMPORT_READ, summary="Imports, the latest first")
async def list_imports(query: Query, filters: Annotated[ImportFilters, Parameters()]) -> Page[ImportRead]:
    return await queries.list_jobs(query, filters)


@router.get("/imports/{import_id}", permission=Permission.IMPORT_READ, summary="One import", problems=[NotFound])
async def read_import(import_id: UUID, query: Query) -> ImportRead:
    return await queries.job(query.connection, import_id, scope=query.scope_range)


@router.get(
    "/imports/{import_id}/errors",
    permission=Permission.IMPORT_READ,
    summary="What was wrong with the lines that were refused",
    problems=[NotFound],
)
async def list_import_errors(
    import_id: UUID, query: Query, filters: Annotated[ErrorFilters, Parameters()]
) -> Page[LineErrorRead]:
    return await queries.errors(query, import_id, filters)
