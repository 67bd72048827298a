"""The commission: its sessions, who sits in them and what their minutes say."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_licensing.commissions import queries, service
from svc_licensing.commissions.errors import NotAProvince, SeatUnknown, SessionNotDone, SessionStepNotAllowed
from svc_licensing.commissions.schemas import Attendance, Minutes, SessionCreate, SessionFilters, SessionRead

router = Router(prefix="/v1/commission-sessions", tags=["Licensing commission"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, SessionStepNotAllowed]


@router.get("", permission=Permission.COMMISSION_READ)
async def list_commission_sessions(
    query: Query, filters: Annotated[SessionFilters, fastapi.Query()]
) -> Page[SessionRead]:
    """The sessions of the province's commission, the latest first."""
    return await queries.list_sessions(query, filters)


@router.get("/{session_id}", permission=Permission.COMMISSION_READ, problems=[NotFound])
async def read_commission_session(session_id: UUID, query: Query, response: Response) -> SessionRead:
    return tagged(response, await queries.read_session(query.connection, session_id, scope=query.scope_range))


@router.post("", permission=Permission.COMMISSION_WRITE, status_code=201, problems=[NotAProvince, SeatUnknown])
async def call_commission_session(body: SessionCreate, command: Command, response: Response) -> SessionRead:
    """Invite the members to a day."""
    session = await service.call(command, body)
    return created(response, session, f"/v1/commission-sessions/{session.id}")


@router.post("/{session_id}:open", permission=Permission.COMMISSION_WRITE, problems=[*_STEP, SeatUnknown])
async def open_commission_session(
    session_id: UUID, body: Attendance, version: IfMatch, command: Command, response: Response
) -> SessionRead:
    """Open the session with those who came: they vote, all of them, before anything is decided."""
    return tagged(response, await service.open_session(command, session_id, version=version, body=body))


@router.post("/{session_id}:close", permission=Permission.COMMISSION_WRITE, problems=[*_STEP, SessionNotDone])
async def close_commission_session(
    session_id: UUID, body: Minutes, version: IfMatch, command: Command, response: Response
) -> SessionRead:
    """Close the session with its minutes, once nothing is left on the table."""
    return tagged(response, await service.close(command, session_id, version=version, body=body))
