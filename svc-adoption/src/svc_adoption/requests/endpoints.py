"""Requests, from the draft at a center to the committee."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_adoption.centers.errors import CenterNotOpen
from svc_adoption.eligibility import Eligibility
from svc_adoption.parameters.errors import RuleNotSet
from svc_adoption.requests import queries, service
from svc_adoption.requests.errors import (
    ApplicantInAnotherRequest,
    ApplicantsMisfit,
    ApplicantUnknown,
    CareChildTooOld,
    DateToCome,
    RequestStepNotAllowed,
)
from svc_adoption.requests.schemas import (
    CareBegun,
    CareEnded,
    DocumentCreate,
    ExemptionCreate,
    History,
    JudgesOrder,
    RequestCreate,
    RequestFilters,
    RequestRead,
    RequestSearch,
    RequestsFound,
    RequestState,
    RequestSummary,
    RequestUpdate,
    Return,
    VisitReport,
    Wishes,
    Withdrawal,
)
from svc_adoption.requirements.errors import FormHasNoRules

router = Router(prefix="/v1/adoption-requests", tags=["Adoption requests"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, RequestStepNotAllowed]


@router.post(
    "",
    permission=Permission.ADOPTION_REGISTER,
    status_code=201,
    problems=[ScopeForbidden, CenterNotOpen, ApplicantsMisfit],
)
async def register_adoption_request(
    body: RequestCreate, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The initial file of a couple or a single woman, as a draft. No answer to a step repeats what was told."""
    request = await service.register(command, body, seals=seals)
    return created(response, request, f"/v1/adoption-requests/{request.id}")


@router.get("", permission=Permission.ADOPTION_READ, problems=[ScopeForbidden])
async def list_adoption_requests(
    query: Query, filters: Annotated[RequestFilters, fastapi.Query()]
) -> Page[RequestSummary]:
    """Ids and states, the latest first; at a center those alone that it registered, until the committee has them."""
    return await queries.list_requests(query, filters)


@router.post(":search", permission=Permission.ADOPTION_SEARCH, personal=True, purposeful=True, read_only=True)
async def search_adoption_requests(body: RequestSearch, query: Query, seals: Sealing) -> RequestsFound:
    """The requests of a person, by a number that is kept nowhere in the clear."""
    return await queries.with_identity(query, body.identity, seals=seals)


@router.get("/{request_id}", permission=Permission.ADOPTION_READ, personal=True, purposeful=True, problems=[NotFound])
async def read_adoption_request(request_id: UUID, query: Query, seals: Sealing, response: Response) -> RequestRead:
    """All of a request."""
    return tagged(response, await service.read(query, request_id, seals=seals))


@router.get("/{request_id}/eligibility", permission=Permission.ADOPTION_READ, personal=True, problems=[NotFound])
async def read_adoption_eligibility(request_id: UUID, query: Query, seals: Sealing) -> Eligibility:
    """What the law says of the request today, condition by condition, each with its article."""
    return await service.eligibility(query, request_id, seals=seals)


@router.get("/{request_id}/history", permission=Permission.ADOPTION_READ, problems=[NotFound])
async def read_adoption_history(request_id: UUID, query: Query) -> History:
    """Who took which step when."""
    return await queries.history(query, request_id)


@router.patch("/{request_id}", permission=Permission.ADOPTION_REGISTER, problems=[*_STEP, ApplicantsMisfit])
async def change_adoption_request(
    request_id: UUID, body: RequestUpdate, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """Say it otherwise, while it is a draft or incomplete."""
    return tagged(response, await service.change(command, request_id, version=version, body=body, seals=seals))


@router.put("/{request_id}/wishes", permission=Permission.ADOPTION_WRITE, problems=_STEP)
async def change_wishes_of_adoption_request(
    request_id: UUID, body: Wishes, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """Which child the family would take, as long as none is found; its place in the queue stays what it is."""
    return tagged(response, await service.change_wishes(command, request_id, version=version, body=body, seals=seals))


@router.post(
    "/{request_id}/documents",
    permission=Permission.ADOPTION_REGISTER,
    problems=[*_STEP, ApplicantUnknown, DateToCome],
)
async def record_adoption_document(
    request_id: UUID, body: DocumentCreate, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """A paper that was shown; a later one of the same kind takes the place of one that is out of date."""
    return tagged(response, await service.add_document(command, request_id, version=version, body=body, seals=seals))


@router.post("/{request_id}/exemptions", permission=Permission.ADOPTION_WRITE, problems=[*_STEP, DateToCome])
async def record_adoption_exemption(
    request_id: UUID, body: ExemptionCreate, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """What frees the family from a condition of Article 5, with its evidence."""
    return tagged(response, await service.exempt(command, request_id, version=version, body=body, seals=seals))


@router.post("/{request_id}:submit", permission=Permission.ADOPTION_REGISTER, problems=[*_STEP, FormHasNoRules])
async def submit_adoption_request(
    request_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """Hand it in; where something is missing it is `incomplete`, and `missing` says what."""
    return tagged(response, await service.submit(command, request_id, version=version, seals=seals))


@router.post("/{request_id}:return", permission=Permission.ADOPTION_WRITE, problems=_STEP)
async def return_adoption_request(
    request_id: UUID, body: Return, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """Ask for papers that are not there or cannot be read."""
    return tagged(response, await service.send_back(command, request_id, version=version, body=body, seals=seals))


@router.post("/{request_id}:accept", permission=Permission.ADOPTION_WRITE, problems=[*_STEP, ApplicantInAnotherRequest])
async def accept_adoption_request(
    request_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The papers are complete: the first interview is due."""
    return tagged(response, await service.accept(command, request_id, version=version, seals=seals))


@router.post("/{request_id}:record-interview", permission=Permission.ADOPTION_REGISTER, problems=[*_STEP, DateToCome])
async def record_adoption_interview(
    request_id: UUID, body: VisitReport, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The first interview; with it the checks begin."""
    return tagged(
        response, await service.record_interview(command, request_id, version=version, body=body, seals=seals)
    )


@router.post("/{request_id}:record-home-visit", permission=Permission.ADOPTION_REGISTER, problems=[*_STEP, DateToCome])
async def record_adoption_home_visit(
    request_id: UUID, body: VisitReport, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The last of what the center does."""
    return tagged(
        response, await service.record_home_visit(command, request_id, version=version, body=body, seals=seals)
    )


@router.post("/{request_id}:refer", permission=Permission.ADOPTION_WRITE, problems=_STEP)
async def refer_adoption_request(
    request_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """To the committee. From here on the center does not see the request."""
    return tagged(response, await service.refer(command, request_id, version=version, seals=seals))


@router.post("/{request_id}:record-order", permission=Permission.ADOPTION_WRITE, problems=[*_STEP, DateToCome])
async def record_adoption_order(
    request_id: UUID, body: JudgesOrder, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The order of the judge, for the forms in which a judge gives the child."""
    return tagged(response, await service.record_order(command, request_id, version=version, body=body, seals=seals))


@router.post(
    "/{request_id}:begin-care",
    permission=Permission.ADOPTION_WRITE,
    problems=[*_STEP, DateToCome, CareChildTooOld, RuleNotSet],
)
async def begin_temporary_care(
    request_id: UUID, body: CareBegun, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The working group has called a family that waits, and given it a child."""
    return tagged(response, await service.begin_care(command, request_id, version=version, body=body, seals=seals))


@router.post("/{request_id}:end-care", permission=Permission.ADOPTION_WRITE, problems=[*_STEP, DateToCome])
async def end_temporary_care(
    request_id: UUID, body: CareEnded, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The child went back to its family, was adopted, or came of age."""
    return tagged(response, await service.end_care(command, request_id, version=version, body=body, seals=seals))


@router.post("/{request_id}:withdraw", permission=Permission.ADOPTION_REGISTER, problems=_STEP)
async def withdraw_adoption_request(
    request_id: UUID, body: Withdrawal, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> RequestState:
    """The family asks no more."""
    return tagged(response, await service.withdraw(command, request_id, version=version, body=body, seals=seals))
