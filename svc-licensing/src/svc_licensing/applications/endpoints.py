"""Applications: from the founder's papers to the commission's decision."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_licensing.applications import queries, service
from svc_licensing.applications.errors import (
    AppealedAlready,
    AppealTooLate,
    ApplicationIncomplete,
    ApplicationNotReady,
    ApplicationStepNotAllowed,
    FounderUnknown,
    LicenceNeeded,
    LicenceNotForClause,
    ManagerNeeded,
    PaperNotAsked,
    VotesSayOtherwise,
)
from svc_licensing.applications.schemas import (
    Appeal,
    ApplicationCreate,
    ApplicationFilters,
    ApplicationRead,
    ApplicationSummary,
    ApplicationUpdate,
    Decision,
    DocumentSeen,
    Need,
    Opinion,
    Return,
    Tabling,
    Votes,
)
from svc_licensing.commissions import queries as commissions
from svc_licensing.commissions.errors import NotSeated, SessionNotOpen
from svc_licensing.commissions.schemas import VoteCast
from svc_licensing.inquiries.queries import opening
from svc_licensing.licences.errors import ExtendedBefore, LicenceStepNotAllowed, LicenceUnknown, RenewalNotOpen

router = Router(prefix="/v1/licence-applications", tags=["Licence applications"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, ApplicationStepNotAllowed]


@router.get("", permission=Permission.APPLICATION_READ, personal=True, problems=[ScopeForbidden])
async def list_licence_applications(
    query: Query, filters: Annotated[ApplicationFilters, fastapi.Query()]
) -> Page[ApplicationSummary]:
    """Those that were registered inside the scope, the latest first."""
    return await queries.list_applications(query, filters)


@router.get("/{application_id}", permission=Permission.APPLICATION_READ, personal=True, problems=[NotFound])
async def read_licence_application(
    application_id: UUID, query: Query, seals: Sealing, response: Response
) -> ApplicationRead:
    """An application with what it lacks, its papers, inquiries, deadlines and history."""
    found = await queries.read_application(
        query.connection, application_id, scope=query.scope_range, opening=opening(query, seals)
    )
    return tagged(response, found)


@router.get("/{application_id}/votes", permission=Permission.COMMISSION_READ, problems=[NotFound])
async def list_licence_application_votes(application_id: UUID, query: Query) -> Votes:
    """How the commission voted on it."""
    await queries.require(query.connection, application_id, scope=query.scope_range)
    return Votes(items=await commissions.votes(query.connection, application_id))


@router.post(
    "",
    permission=Permission.APPLICATION_WRITE,
    status_code=201,
    problems=[
        FounderUnknown,
        LicenceNotForClause,
        ManagerNeeded,
        LicenceNeeded,
        LicenceUnknown,
        LicenceStepNotAllowed,
        RenewalNotOpen,
        ExtendedBefore,
    ],
)
async def register_licence_application(
    body: ApplicationCreate, command: Command, response: Response
) -> ApplicationRead:
    """Take in what a founder asks of the commission; the answer says what is still missing."""
    application = await service.register(command, body)
    return created(response, application, f"/v1/licence-applications/{application.id}")


@router.patch("/{application_id}", permission=Permission.APPLICATION_WRITE, problems=_STEP)
async def change_licence_application(
    application_id: UUID, body: ApplicationUpdate, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    return tagged(response, await service.change(command, application_id, version=version, body=body))


@router.post("/{application_id}/documents", permission=Permission.APPLICATION_WRITE, problems=[*_STEP, PaperNotAsked])
async def add_licence_application_document(
    application_id: UUID, body: DocumentSeen, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Say that a paper was seen, and where it is kept."""
    return tagged(response, await service.add_document(command, application_id, version=version, body=body))


@router.post(
    "/{application_id}:submit", permission=Permission.APPLICATION_WRITE, problems=[*_STEP, ApplicationIncomplete]
)
async def submit_licence_application(
    application_id: UUID, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Hand it in, once nothing is missing."""
    return tagged(response, await service.submit(command, application_id, version=version))


@router.post("/{application_id}:return", permission=Permission.APPLICATION_CHECK, problems=_STEP)
async def return_licence_application(
    application_id: UUID, body: Return, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Have the founder bring what is missing or cannot be read."""
    shown = await service.send_back(command, application_id, version=version, body=body, step="return")
    return tagged(response, shown)


@router.post(
    "/{application_id}:accept", permission=Permission.APPLICATION_CHECK, problems=[*_STEP, ApplicationIncomplete]
)
async def accept_licence_application(
    application_id: UUID, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """It is complete."""
    return tagged(response, await service.accept(command, application_id, version=version))


@router.post("/{application_id}:state-need", permission=Permission.APPLICATION_STATE_NEED, problems=_STEP)
async def state_need_of_licence_application(
    application_id: UUID, body: Need, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Say, as the specialised deputy, whether the area needs such a center."""
    return tagged(response, await service.state_need(command, application_id, version=version, body=body))


@router.post(
    "/{application_id}:open-inquiries", permission=Permission.APPLICATION_CHECK, problems=[*_STEP, ApplicationNotReady]
)
async def open_licence_application_inquiries(
    application_id: UUID, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Ask every body that the requirements name, security and selection excepted."""
    return tagged(response, await service.open_inquiries(command, application_id, version=version))


@router.post(
    "/{application_id}:send-on", permission=Permission.APPLICATION_CHECK, problems=[*_STEP, ApplicationNotReady]
)
async def send_licence_application_on(
    application_id: UUID, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Send the file to the commission's secretariat, once all is answered."""
    return tagged(response, await service.send_on(command, application_id, version=version))


@router.post("/{application_id}:send-back", permission=Permission.COMMISSION_WRITE, problems=_STEP)
async def send_licence_application_back(
    application_id: UUID, body: Return, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Have the founder bring what the secretariat misses; its own deadline rests meanwhile."""
    shown = await service.send_back(command, application_id, version=version, body=body, step="send-back")
    return tagged(response, shown)


@router.post("/{application_id}:refer", permission=Permission.COMMISSION_WRITE, problems=_STEP)
async def refer_licence_application(
    application_id: UUID, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """The secretariat has looked through the file: ask security and selection."""
    return tagged(response, await service.refer(command, application_id, version=version))


@router.post("/{application_id}:review", permission=Permission.COMMISSION_WRITE, problems=[*_STEP, ApplicationNotReady])
async def review_licence_application(
    application_id: UUID, body: Opinion, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Write down what the specialised working group advises."""
    return tagged(response, await service.review(command, application_id, version=version, body=body))


@router.post(
    "/{application_id}:table",
    permission=Permission.COMMISSION_WRITE,
    problems=[*_STEP, ApplicationNotReady, SessionNotOpen],
)
async def table_licence_application(
    application_id: UUID, body: Tabling, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Put it on the agenda of a session of the commission."""
    return tagged(response, await service.table(command, application_id, version=version, body=body))


@router.post("/{application_id}:postpone", permission=Permission.COMMISSION_WRITE, problems=_STEP)
async def postpone_licence_application(
    application_id: UUID, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Take it off the agenda, for another session."""
    return tagged(response, await service.postpone(command, application_id, version=version))


@router.post(
    "/{application_id}:vote", permission=Permission.COMMISSION_VOTE, problems=[*_STEP, SessionNotOpen, NotSeated]
)
async def vote_on_licence_application(
    application_id: UUID, body: VoteCast, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Vote, as a member who came to the session; said again, the later one counts."""
    return tagged(response, await service.vote(command, application_id, version=version, body=body))


@router.post(
    "/{application_id}:decide",
    permission=Permission.COMMISSION_WRITE,
    problems=[*_STEP, SessionNotOpen, ApplicationNotReady, VotesSayOtherwise],
)
async def decide_licence_application(
    application_id: UUID, body: Decision, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> ApplicationRead:
    """Write down what the commission has decided, with its reason."""
    return tagged(response, await service.decide(command, application_id, version=version, body=body, seals=seals))


@router.post(
    "/{application_id}:appeal",
    permission=Permission.APPLICATION_WRITE,
    problems=[*_STEP, AppealedAlready, AppealTooLate],
)
async def appeal_licence_application(
    application_id: UUID, body: Appeal, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """Have the commission decide once more."""
    return tagged(response, await service.appeal(command, application_id, version=version, body=body))


@router.post("/{application_id}:withdraw", permission=Permission.APPLICATION_WRITE, problems=_STEP)
async def withdraw_licence_application(
    application_id: UUID, version: IfMatch, command: Command, response: Response
) -> ApplicationRead:
    """The founder does not go on with it."""
    return tagged(response, await service.withdraw(command, application_id, version=version))
