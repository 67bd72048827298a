"""Who clears a center that closes."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.assignments.errors import NotACenter
from svc_casefile.closings import queries, service
from svc_casefile.closings.errors import CenterStillOpen, CenterUnknown, NoRoomForAll
from svc_casefile.closings.schemas import CenterClosingCreate, CenterClosingRead, ClosingFilters
from svc_casefile.distributions.errors import NoRuleInForce
from svc_casefile.households.errors import CenterNotOpen

router = Router(prefix="/v1/center-closings", tags=["Transfers"])


@router.post(
    "",
    permission=Permission.TRANSFER_BULK,
    timeout_seconds=120,
    status_code=201,
    summary="Give all the files of a center that closes to other centers",
    description="One operation: each file is given to the best center, as a distribution would, within the maxima in"
    " force. Each has a transfer (`GET /v1/transfers?closing_id=`). Suspend the center first, and close it afterwards.",
    problems=[ScopeForbidden, NotACenter, CenterUnknown, CenterStillOpen, CenterNotOpen, NoRuleInForce, NoRoomForAll],
)
async def clear_center(body: CenterClosingCreate, command: Command, response: Response) -> CenterClosingRead:
    closing = await service.clear(command, body)
    response.headers["Location"] = f"/v1/center-closings/{closing.id}"
    return closing


@router.get("", permission=Permission.TRANSFER_READ)
async def list_center_closings(
    query: Query, filters: Annotated[ClosingFilters, fastapi.Query()]
) -> Page[CenterClosingRead]:
    """The latest first."""
    return await queries.list_closings(query, filters)


@router.get("/{closing_id}", permission=Permission.TRANSFER_READ, problems=[NotFound])
async def read_center_closing(closing_id: UUID, query: Query) -> CenterClosingRead:
    """What was decided and how it came out; never changed afterwards."""
    return await queries.closing(query.connection, closing_id, scope=query.scope_range)
