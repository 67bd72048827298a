"""Exports of requests, names included: one person asks, another allows, and only who asked fetches."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response
from fastapi.responses import StreamingResponse

from shared.chassis.http import Command, IfMatch, OpenQuery, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_adoption.exports import queries, service
from svc_adoption.exports.errors import (
    ExportOutOfDate,
    ExportStepNotAllowed,
    NotYoursToFetch,
    SecondPersonForExport,
)
from svc_adoption.exports.schemas import ExportCreate, ExportFilters, ExportRead

router = Router(prefix="/v1/adoption-exports", tags=["Adoption exports"])

_DECISION = [NotFound, PreconditionRequired, PreconditionFailed, ExportStepNotAllowed, SecondPersonForExport]
NDJSON = "application/x-ndjson"


@router.post("", permission=Permission.ADOPTION_EXPORT, status_code=201)
async def ask_for_adoption_export(body: ExportCreate, command: Command, response: Response) -> ExportRead:
    """Ask for the requests of the scope; nothing can be fetched until somebody else approves."""
    export = await service.ask(command, body)
    return created(response, export, f"/v1/adoption-exports/{export.id}")


@router.get("", permission=Permission.ADOPTION_EXPORT)
async def list_adoption_exports(query: Query, filters: Annotated[ExportFilters, fastapi.Query()]) -> Page[ExportRead]:
    """Who asked for what, and who allowed it; the latest first."""
    return await queries.list_exports(query, filters)


@router.get("/{export_id}", permission=Permission.ADOPTION_EXPORT, problems=[NotFound])
async def read_adoption_export(export_id: UUID, query: Query, response: Response) -> ExportRead:
    return tagged(response, await queries.export(query.connection, export_id, scope=query.scope_range))


@router.post("/{export_id}:approve", permission=Permission.ADOPTION_EXPORT_APPROVE, problems=_DECISION)
async def approve_adoption_export(
    export_id: UUID, version: IfMatch, command: Command, response: Response
) -> ExportRead:
    """Allow it, for a day."""
    return tagged(response, await service.approve(command, export_id, version=version))


@router.post("/{export_id}:refuse", permission=Permission.ADOPTION_EXPORT_APPROVE, problems=_DECISION)
async def refuse_adoption_export(export_id: UUID, version: IfMatch, command: Command, response: Response) -> ExportRead:
    """Do not allow it, or not any more."""
    return tagged(response, await service.refuse(command, export_id, version=version))


@router.get(
    "/{export_id}/content",
    permission=Permission.ADOPTION_EXPORT,
    personal=True,
    purposeful=True,
    own_transactions=True,
    problems=[NotFound, NotYoursToFetch, ExportStepNotAllowed, ExportOutOfDate],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One request per line",
            "content": {NDJSON: {"schema": {"type": "string", "description": "An ExportedRequest per line"}}},
        }
    },
)
async def fetch_adoption_export(export_id: UUID, open_query: OpenQuery, seals: Sealing) -> StreamingResponse:
    """Every request of the export with all that was told of it, as of one moment."""
    return StreamingResponse(
        await service.content(open_query, export_id, seals=seals),
        media_type=NDJSON,
        headers={"Content-Disposition": 'attachment; filename="adoption-requests.ndjson"'},
    )
