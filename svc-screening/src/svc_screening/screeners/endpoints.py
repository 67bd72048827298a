"""Permits of screeners, and the quality of their work."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_screening.programmes.errors import ProgrammeUnknown
from svc_screening.screeners import queries, service
from svc_screening.screeners.errors import PermitRevoked, ScreenerNotPosted
from svc_screening.screeners.schemas import (
    PermitCreate,
    PermitFilters,
    PermitRead,
    QualityFilters,
    QualityReport,
    Revocation,
)

router = Router(prefix="/v1/screener-permits", tags=["Screeners"])
quality = Router(prefix="/v1/screener-quality", tags=["Screeners"])


@router.get("", permission=Permission.SCREENING_READ, problems=[ScopeForbidden])
async def list_screener_permits(query: Query, filters: Annotated[PermitFilters, fastapi.Query()]) -> Page[PermitRead]:
    return await queries.list_permits(query, filters)


@router.get("/{permit_id}", permission=Permission.SCREENING_READ, problems=[NotFound])
async def read_screener_permit(permit_id: UUID, query: Query, response: Response) -> PermitRead:
    return tagged(response, await queries.read_permit(query.connection, permit_id, scope=query.scope_range))


@router.post(
    "",
    permission=Permission.SCREENER_PERMIT,
    status_code=201,
    problems=[ScopeForbidden, ScreenerNotPosted, ProgrammeUnknown],
)
async def permit_screener(body: PermitCreate, command: Command, response: Response) -> PermitRead:
    """Let a screener of a center screen in a programme, for a limited time."""
    permit = await service.permit(command, body)
    return created(response, permit, f"/v1/screener-permits/{permit.id}")


@router.post(
    "/{permit_id}:revoke",
    permission=Permission.SCREENER_PERMIT,
    problems=[NotFound, PreconditionRequired, PreconditionFailed, PermitRevoked],
)
async def revoke_screener_permit(
    permit_id: UUID, body: Revocation, version: IfMatch, command: Command, response: Response
) -> PermitRead:
    """End a permit today."""
    return tagged(response, await service.revoke(command, permit_id, version=version, body=body))


@quality.get("", permission=Permission.SCREENING_READ, problems=[ScopeForbidden])
async def read_screener_quality(query: Query, asked: Annotated[QualityFilters, fastapi.Query()]) -> QualityReport:
    """What each screener's tests came to: how many failed, and how many of those failed again."""
    return await queries.quality(query, asked)
