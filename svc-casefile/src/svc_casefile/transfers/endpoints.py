"""Who asks for transfers, and who answers."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.distributions.errors import NoRuleInForce
from svc_casefile.households.errors import CenterNotOpen, NotAPlaceForFiles
from svc_casefile.staff.errors import WorkerFull, WorkerNotPosted
from svc_casefile.transfers import queries, service
from svc_casefile.transfers.errors import (
    AlreadyThere,
    CaseFileNotAtOrigin,
    CaseFileUnknown,
    CenterFull,
    CenterNeeded,
    CountyConfirms,
    EffectiveInThePast,
    NotYourSide,
    OpenMatters,
    OutsideDestination,
    TransferStepNotAllowed,
    TransferUnderWay,
)
from svc_casefile.transfers.schemas import (
    Acceptance,
    Confirmation,
    Refusal,
    StepFilters,
    TransferCreate,
    TransferFilters,
    TransferRead,
    TransferStepRead,
    Withdrawal,
)

router = Router(prefix="/v1/transfers", tags=["Transfers"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, TransferStepNotAllowed, NotYourSide]


@router.post(
    "",
    permission=Permission.TRANSFER_REQUEST,
    status_code=201,
    summary="Ask for a file to go to another place",
    description="The origin names the file by its id. The destination, which cannot see it, names it by its number and"
    " the identity of a member. The origin answers first, whoever asks.",
    problems=[ScopeForbidden, CaseFileUnknown, NotAPlaceForFiles, CenterNotOpen, AlreadyThere, TransferUnderWay],
)
async def request_transfer(body: TransferCreate, command: Command, response: Response) -> TransferRead:
    transfer = await service.request(command, body)
    return created(response, transfer, f"/v1/transfers/{transfer.id}")


@router.get("", permission=Permission.TRANSFER_READ)
async def list_transfers(query: Query, filters: Annotated[TransferFilters, fastapi.Query()]) -> Page[TransferRead]:
    """Transfers with a side in the scope, the latest first. One that took effect is what the origin keeps of a file."""
    return await queries.list_transfers(query, filters, steps=service.STEPS)


@router.get("/{transfer_id}", permission=Permission.TRANSFER_READ, problems=[NotFound])
async def read_transfer(transfer_id: UUID, query: Query, response: Response) -> TransferRead:
    """One transfer, as the caller's side may see it."""
    found = await queries.transfer(query.connection, transfer_id, scope=query.scope_range, steps=service.STEPS)
    return tagged(response, found)


@router.get("/{transfer_id}/steps", permission=Permission.TRANSFER_READ, problems=[NotFound])
async def list_transfer_steps(
    transfer_id: UUID, query: Query, filters: Annotated[StepFilters, fastapi.Query()]
) -> Page[TransferStepRead]:
    """Who did what and when, on both sides."""
    return await queries.list_steps(query, transfer_id, filters)


@router.post(
    "/{transfer_id}:confirm",
    permission=Permission.TRANSFER_DECIDE,
    problems=[*_STEP, CountyConfirms, CaseFileNotAtOrigin, OpenMatters],
)
async def confirm_transfer(
    transfer_id: UUID, body: Confirmation, version: IfMatch, command: Command, response: Response
) -> TransferRead:
    """The origin lets the file go; between counties its county office does."""
    return tagged(response, await service.confirm(command, transfer_id, version=version, body=body))


@router.post(
    "/{transfer_id}:accept",
    permission=Permission.TRANSFER_DECIDE,
    problems=[
        *_STEP,
        OutsideDestination,
        CenterNeeded,
        EffectiveInThePast,
        CenterNotOpen,
        NoRuleInForce,
        CenterFull,
        WorkerNotPosted,
        WorkerFull,
    ],
)
async def accept_transfer(
    transfer_id: UUID, body: Acceptance, version: IfMatch, command: Command, response: Response
) -> TransferRead:
    """The destination takes the file, at once or from a later day: then place, worker and payer change together."""
    return tagged(response, await service.accept(command, transfer_id, version=version, body=body))


@router.post("/{transfer_id}:refuse", permission=Permission.TRANSFER_DECIDE, problems=[*_STEP, CountyConfirms])
async def refuse_transfer(
    transfer_id: UUID, body: Refusal, version: IfMatch, command: Command, response: Response
) -> TransferRead:
    """The side whose turn it is says no, and why."""
    return tagged(response, await service.refuse(command, transfer_id, version=version, body=body))


@router.post("/{transfer_id}:withdraw", permission=Permission.TRANSFER_REQUEST, problems=_STEP)
async def withdraw_transfer(
    transfer_id: UUID, body: Withdrawal, version: IfMatch, command: Command, response: Response
) -> TransferRead:
    """The side that asked does not want it any more; possible until it takes effect."""
    return tagged(response, await service.withdraw(command, transfer_id, version=version, body=body))
