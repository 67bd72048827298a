"""Who may complain (anybody), follow it (who has the code), and handle it (never whom it is about)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query as Parameters
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_casefile.complaints import queries, service
from svc_casefile.complaints.errors import (
    ComplaintStepNotAllowed,
    HandledElsewhere,
    NobodyAbove,
    NoIdentity,
    NotAnsweredYet,
    PlaceOfComplaintUnknown,
    TrackingCodeUnknown,
    UnsealedFromAbove,
)
from svc_casefile.complaints.schemas import (
    Answer,
    ComplaintCreate,
    ComplaintEntryRead,
    ComplaintFilters,
    ComplaintRead,
    EntryFilters,
    Rating,
    Reason,
    Received,
    TrackedComplaint,
    Tracking,
    Unsealed,
)

router = Router(prefix="/v1/complaints", tags=["Complaints"])

STEP = [NotFound, PreconditionRequired, PreconditionFailed, HandledElsewhere, ComplaintStepNotAllowed]


@router.post(
    "",
    permission=None,
    public=True,
    status_code=201,
    summary="Complain, report or ask, without an account",
    description="Handled by the place above whom it is about, or by the manager of a worker's center. The answer has"
    " the tracking code, which is kept nowhere.",
    problems=[PlaceOfComplaintUnknown],
)
async def submit_complaint(body: ComplaintCreate, command: Command, seals: Sealing) -> Received:
    return await service.receive(command, body, seals=seals)


@router.post(
    ":record",
    permission=Permission.COMPLAINT_HANDLE,
    status_code=201,
    summary="Take down what somebody says in person or by telephone",
    problems=[PlaceOfComplaintUnknown],
)
async def record_complaint(body: ComplaintCreate, command: Command, seals: Sealing) -> Received:
    return await service.receive(command, body, seals=seals)


@router.post(
    ":track",
    permission=None,
    public=True,
    read_only=True,
    summary="State, dates and answer, for who has the tracking code",
    problems=[TrackingCodeUnknown],
)
async def track_complaint(body: Tracking, query: Query) -> TrackedComplaint:
    return await service.track(query, body)


@router.post(
    ":rate",
    permission=None,
    public=True,
    summary="Say whether the answer satisfies",
    problems=[TrackingCodeUnknown, NotAnsweredYet],
)
async def rate_complaint(body: Rating, command: Command) -> TrackedComplaint:
    return await service.rate(command, body)


@router.get("", permission=Permission.COMPLAINT_READ, summary="Complaints handled in the scope, the latest first")
async def list_complaints(query: Query, filters: Annotated[ComplaintFilters, Parameters()]) -> Page[ComplaintRead]:
    return await queries.list_complaints(query, filters, longest=service.longest(query.actor))


@router.get(
    "/{complaint_id}",
    permission=Permission.COMPLAINT_READ,
    personal=True,
    summary="One complaint, without who made it",
    problems=[NotFound],
)
async def read_complaint(complaint_id: UUID, query: Query, response: Response) -> ComplaintRead:
    found = await queries.complaint(
        query.connection, complaint_id, scope=query.scope_range, longest=service.longest(query.actor)
    )
    return tagged(response, found)


@router.get(
    "/{complaint_id}/entries",
    permission=Permission.COMPLAINT_READ,
    summary="What was done with a complaint, the earliest first",
    problems=[NotFound],
)
async def list_complaint_entries(
    complaint_id: UUID, query: Query, filters: Annotated[EntryFilters, Parameters()]
) -> Page[ComplaintEntryRead]:
    return await queries.entries(query, complaint_id, filters, longest=service.longest(query.actor))


@router.post(
    "/{complaint_id}:take", permission=Permission.COMPLAINT_HANDLE, summary="Say that somebody is at it", problems=STEP
)
async def take_complaint(complaint_id: UUID, version: IfMatch, command: Command, response: Response) -> ComplaintRead:
    return tagged(response, await service.take(command, complaint_id, version=version))


@router.post("/{complaint_id}:answer", permission=Permission.COMPLAINT_HANDLE, summary="Answer it", problems=STEP)
async def answer_complaint(
    complaint_id: UUID, version: IfMatch, body: Answer, command: Command, response: Response
) -> ComplaintRead:
    return tagged(response, await service.answer(command, complaint_id, version=version, body=body))


@router.post(
    "/{complaint_id}:refer-up",
    permission=Permission.COMPLAINT_HANDLE,
    summary="Ask the level above to handle it",
    problems=[*STEP, NobodyAbove],
)
async def refer_complaint_up(
    complaint_id: UUID, version: IfMatch, body: Reason, command: Command, response: Response
) -> ComplaintRead:
    return tagged(response, await service.refer_up(command, complaint_id, version=version, body=body))


@router.post(
    "/{complaint_id}:take-up",
    permission=Permission.COMPLAINT_HANDLE,
    summary="Handle oneself what a place beneath handles",
    problems=STEP,
)
async def take_complaint_up(
    complaint_id: UUID, version: IfMatch, body: Reason, command: Command, response: Response
) -> ComplaintRead:
    return tagged(response, await service.take_up(command, complaint_id, version=version, body=body))


@router.post(
    "/{complaint_id}:unseal",
    permission=Permission.COMPLAINT_HANDLE,
    personal=True,
    summary="Read who complained, from above the place that handles it, with a reason",
    problems=[NotFound, UnsealedFromAbove, NoIdentity],
)
async def unseal_complaint(complaint_id: UUID, body: Reason, command: Command, seals: Sealing) -> Unsealed:
    return await service.unseal(command, complaint_id, body, seals=seals)
