"""Life events: recorded by whoever works on the file, approved by somebody else."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.households.errors import CaseFileClosed, NotAMember
from svc_casefile.households.service import sees_restricted
from svc_casefile.life_events import queries, service
from svc_casefile.life_events.errors import (
    HappenedBeforeBirth,
    HeadStays,
    LastMember,
    LifeEventDecided,
    LifeEventOutdated,
    NewHeadNeeded,
    OthersReport,
    OwnReport,
)
from svc_casefile.life_events.schemas import (
    Approval,
    LifeEventCreate,
    LifeEventFilters,
    LifeEventRead,
    PendingFilters,
    PendingLifeEvent,
    Refusal,
)
from svc_casefile.members.errors import HouseholdFull, PersonAlreadyInCaseFile

router = Router(prefix="/v1/case-files/{case_file_id}/life-events", tags=["Life events"])
everywhere = Router(prefix="/v1/life-events", tags=["Life events"])

_DECIDING = [NotFound, PreconditionRequired, PreconditionFailed, LifeEventDecided]


@router.post(
    "",
    permission=Permission.LIFE_EVENT_WRITE,
    status_code=201,
    problems=[
        NotFound,
        CaseFileClosed,
        NotAMember,
        HappenedBeforeBirth,
        HeadStays,
        LastMember,
        NewHeadNeeded,
        PersonAlreadyInCaseFile,
    ],
)
async def record_life_event(
    case_file_id: UUID, body: LifeEventCreate, command: Command, response: Response
) -> LifeEventRead:
    """Report what happened: it waits for approval (`pending`), or is `applied` where none is needed."""
    event = await service.record(command, case_file_id, body=body)
    return created(response, event, f"/v1/case-files/{case_file_id}/life-events/{event.id}")


@router.get("", permission=Permission.LIFE_EVENT_READ, personal=True, problems=[NotFound])
async def list_life_events(
    case_file_id: UUID, query: Query, filters: Annotated[LifeEventFilters, fastapi.Query()]
) -> Page[LifeEventRead]:
    """What happened in the household, the last recorded first."""
    return await queries.life_events(query, case_file_id, filters=filters, restricted=sees_restricted(query.actor))


@router.get("/{life_event_id}", permission=Permission.LIFE_EVENT_READ, personal=True, problems=[NotFound])
async def read_life_event(case_file_id: UUID, life_event_id: UUID, query: Query, response: Response) -> LifeEventRead:
    """One event, with the version that deciding on it needs."""
    return tagged(
        response,
        await queries.life_event(query, case_file_id, life_event_id, restricted=sees_restricted(query.actor)),
    )


@router.post(
    "/{life_event_id}:approve",
    permission=Permission.LIFE_EVENT_APPROVE,
    problems=[
        *_DECIDING,
        OwnReport,
        CaseFileClosed,
        LifeEventOutdated,
        NewHeadNeeded,
        NotAMember,
        HeadStays,
        HouseholdFull,
        PersonAlreadyInCaseFile,
    ],
)
async def approve_life_event(
    case_file_id: UUID, life_event_id: UUID, body: Approval, version: IfMatch, command: Command, response: Response
) -> LifeEventRead:
    """Let the event take effect on the file: not by whoever recorded it."""
    return tagged(response, await service.approve(command, case_file_id, life_event_id, version=version, body=body))


@router.post("/{life_event_id}:refuse", permission=Permission.LIFE_EVENT_APPROVE, problems=[*_DECIDING, OwnReport])
async def refuse_life_event(
    case_file_id: UUID, life_event_id: UUID, body: Refusal, version: IfMatch, command: Command, response: Response
) -> LifeEventRead:
    """The event does not take effect, for a reason."""
    return tagged(response, await service.refuse(command, case_file_id, life_event_id, version=version, body=body))


@router.post("/{life_event_id}:withdraw", permission=Permission.LIFE_EVENT_WRITE, problems=[*_DECIDING, OthersReport])
async def withdraw_life_event(
    case_file_id: UUID, life_event_id: UUID, body: Refusal, version: IfMatch, command: Command, response: Response
) -> LifeEventRead:
    """Who recorded the event takes the report back."""
    return tagged(response, await service.withdraw(command, case_file_id, life_event_id, version=version, body=body))


@everywhere.get(":pending", permission=Permission.LIFE_EVENT_READ, personal=True, problems=[ScopeForbidden])
async def list_pending_life_events(
    query: Query, filters: Annotated[PendingFilters, fastapi.Query()]
) -> Page[PendingLifeEvent]:
    """What waits for approval in the scope, the longest first."""
    return await queries.pending(query, filters, restricted=sees_restricted(query.actor))
