"""Service requests: asked for, worked on, referred, and followed by who asked."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, OpenCommand, OpenQuery, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden, TooManyRequests
from svc_casefile.households.errors import CaseFileClosed, NotAMember
from svc_casefile.members.queries import BY_ID
from svc_casefile.requests import queries, service
from svc_casefile.requests.errors import (
    AnswerDueInThePast,
    AnsweredBeforeReferred,
    RequestStepNotAllowed,
    ServiceNotOffered,
    TrackingUnknown,
)
from svc_casefile.requests.schemas import (
    FileRequestFilters,
    PinChange,
    ReferralAnswer,
    ReferralCreate,
    Refusal,
    Remark,
    RequestFilters,
    ServiceRequestCreate,
    ServiceRequestRead,
    ServiceRequestSummary,
    TrackedRequest,
    Tracking,
)

router = Router(prefix="/v1", tags=["Service requests"])

_KNOWN = [NotFound, PreconditionRequired, PreconditionFailed]
_STEP = [*_KNOWN, CaseFileClosed, RequestStepNotAllowed]
_ONE = "/service-requests/{service_request_id}"


@router.post(
    "/case-files/{case_file_id}/service-requests",
    permission=Permission.SERVICE_REQUEST_WRITE,
    status_code=201,
    problems=[NotFound, CaseFileClosed, NotAMember, ServiceNotOffered],
)
async def open_service_request(
    case_file_id: UUID, body: ServiceRequestCreate, command: Command, response: Response
) -> ServiceRequestRead:
    """The household, or somebody for it, asks for a service of the catalogue and gets a tracking code."""
    request = await service.open_request(command, case_file_id, body)
    return created(response, request, f"/v1/service-requests/{request.id}")


@router.get(
    "/case-files/{case_file_id}/service-requests",
    permission=Permission.SERVICE_REQUEST_READ,
    personal=True,
    problems=[NotFound],
)
async def list_service_requests_of_case_file(
    case_file_id: UUID, query: Query, filters: Annotated[FileRequestFilters, fastapi.Query()]
) -> Page[ServiceRequestSummary]:
    """What a household has asked for, the latest first."""
    return await queries.of_file(query, case_file_id, filters)


@router.get("/service-requests", permission=Permission.SERVICE_REQUEST_READ, personal=True, problems=[ScopeForbidden])
async def list_service_requests(
    query: Query, filters: Annotated[RequestFilters, fastapi.Query()]
) -> Page[ServiceRequestSummary]:
    """Those of the files in the scope, the soonest expected first; `open=true` is what is still to be done."""
    return await queries.list_requests(query, filters)


@router.get(_ONE, permission=Permission.SERVICE_REQUEST_READ, personal=True, problems=[NotFound])
async def read_service_request(service_request_id: UUID, query: Query, response: Response) -> ServiceRequestRead:
    """A request with its referrals."""
    return tagged(response, await queries.service_request(query.connection, service_request_id, scope=BY_ID))


@router.post(f"{_ONE}:accept", permission=Permission.SERVICE_REQUEST_WRITE, problems=_STEP)
async def accept_service_request(
    service_request_id: UUID, body: Remark, version: IfMatch, command: Command, response: Response
) -> ServiceRequestRead:
    """The center takes it on."""
    return tagged(response, await service.accept(command, service_request_id, version=version, body=body))


@router.post(f"{_ONE}:start", permission=Permission.SERVICE_REQUEST_WRITE, problems=_STEP)
async def start_service_request(
    service_request_id: UUID, body: Remark, version: IfMatch, command: Command, response: Response
) -> ServiceRequestRead:
    """Work on it has begun."""
    return tagged(response, await service.start(command, service_request_id, version=version, body=body))


@router.post(f"{_ONE}:deliver", permission=Permission.SERVICE_REQUEST_WRITE, problems=_STEP)
async def deliver_service_request(
    service_request_id: UUID, body: Remark, version: IfMatch, command: Command, response: Response
) -> ServiceRequestRead:
    """The household has it, by the hand of the caller."""
    return tagged(response, await service.deliver(command, service_request_id, version=version, body=body))


@router.post(f"{_ONE}:refer", permission=Permission.SERVICE_REQUEST_WRITE, problems=[*_STEP, AnswerDueInThePast])
async def refer_service_request(
    service_request_id: UUID, body: ReferralCreate, version: IfMatch, command: Command, response: Response
) -> ServiceRequestRead:
    """Hand it to a center of level 2 or another body, and await the answer."""
    return tagged(response, await service.refer(command, service_request_id, version=version, body=body))


@router.post(
    f"{_ONE}:record-answer",
    permission=Permission.SERVICE_REQUEST_WRITE,
    problems=[*_STEP, AnsweredBeforeReferred],
)
async def record_answer_to_referral(
    service_request_id: UUID, body: ReferralAnswer, version: IfMatch, command: Command, response: Response
) -> ServiceRequestRead:
    """What came of the referral; `declined` brings the request back to the center."""
    return tagged(response, await service.record_answer(command, service_request_id, version=version, body=body))


@router.post(f"{_ONE}:refuse", permission=Permission.SERVICE_REQUEST_WRITE, problems=_STEP)
async def refuse_service_request(
    service_request_id: UUID, body: Refusal, version: IfMatch, command: Command, response: Response
) -> ServiceRequestRead:
    """End it with a reason; possible after the file was closed as well."""
    return tagged(response, await service.refuse(command, service_request_id, version=version, body=body))


@router.post(f"{_ONE}:set-pin", permission=Permission.SERVICE_REQUEST_WRITE, problems=_KNOWN)
async def set_pin_of_service_request(
    service_request_id: UUID, body: PinChange, version: IfMatch, command: Command, response: Response
) -> ServiceRequestRead:
    """The requester chose a PIN, or another one."""
    return tagged(response, await service.set_pin(command, service_request_id, version=version, body=body))


@router.post(
    "/service-requests:track",
    permission=None,
    public=True,
    read_only=True,
    own_transactions=True,
    problems=[TrackingUnknown, TooManyRequests],
)
async def track_service_request(body: Tracking, open_command: OpenCommand, open_query: OpenQuery) -> TrackedRequest:
    """State and dates of a request for whoever knows its code and PIN; each code can be tried 10 times an hour."""
    return await service.track(open_command, open_query, body)
