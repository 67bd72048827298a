"""Inquiries: what other bodies are asked about a founder, a manager or premises."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Path, Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_licensing.inquiries import queries, service
from svc_licensing.inquiries.errors import (
    EvidenceNeedsAnother,
    InquiryStepNotAllowed,
    NoExtensionLeft,
    SystemStateKnown,
)
from svc_licensing.inquiries.schemas import (
    Evidence,
    InquiryFilters,
    InquiryRead,
    NationalSystemRead,
    NationalSystems,
    SystemCode,
)

router = Router(prefix="/v1/licensing-inquiries", tags=["Licensing inquiries"])
systems = Router(prefix="/v1/national-systems", tags=["Licensing inquiries"])


_STEP = [NotFound, Forbidden, PreconditionRequired, PreconditionFailed, InquiryStepNotAllowed]


@router.get("", permission=Permission.INQUIRY_READ, personal=True, problems=[ScopeForbidden])
async def list_licensing_inquiries(
    query: Query, filters: Annotated[InquiryFilters, fastapi.Query()], seals: Sealing
) -> Page[InquiryRead]:
    """The latest first. Of what security and selection answered, only that it is there, unless one may vet."""
    return await queries.list_inquiries(query, filters, opening=queries.opening(query, seals))


@router.get("/{inquiry_id}", permission=Permission.INQUIRY_READ, personal=True, problems=[NotFound])
async def read_licensing_inquiry(inquiry_id: UUID, query: Query, seals: Sealing, response: Response) -> InquiryRead:
    found = await queries.read_inquiry(
        query.connection, inquiry_id, scope=query.scope_range, opening=queries.opening(query, seals)
    )
    return tagged(response, found)


@router.post("/{inquiry_id}:give-evidence", permission=Permission.INQUIRY_WRITE, problems=_STEP)
async def give_inquiry_evidence(
    inquiry_id: UUID, body: Evidence, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> InquiryRead:
    """Say what a paper shows, where the body itself does not answer; somebody else has to confirm it."""
    return tagged(response, await service.give_evidence(command, inquiry_id, version=version, body=body, seals=seals))


@router.post(
    "/{inquiry_id}:confirm-evidence", permission=Permission.INQUIRY_WRITE, problems=[*_STEP, EvidenceNeedsAnother]
)
async def confirm_inquiry_evidence(
    inquiry_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> InquiryRead:
    """Confirm that the paper shows what somebody else said."""
    return tagged(response, await service.confirm_evidence(command, inquiry_id, version=version, seals=seals))


@router.post(
    "/{inquiry_id}:reject-evidence", permission=Permission.INQUIRY_WRITE, problems=[*_STEP, EvidenceNeedsAnother]
)
async def reject_inquiry_evidence(
    inquiry_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> InquiryRead:
    """Say that the paper does not show it: the answer is waited for again."""
    return tagged(response, await service.reject_evidence(command, inquiry_id, version=version, seals=seals))


@router.post("/{inquiry_id}:extend", permission=Permission.INQUIRY_WRITE, problems=[*_STEP, NoExtensionLeft])
async def extend_licensing_inquiry(
    inquiry_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> InquiryRead:
    """Give the body the same time once more, as often as the requirement allows."""
    return tagged(response, await service.extend(command, inquiry_id, version=version, seals=seals))


@router.post("/{inquiry_id}:ask-again", permission=Permission.INQUIRY_WRITE, problems=_STEP)
async def ask_licensing_inquiry_again(
    inquiry_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> InquiryRead:
    """Put the same question anew; answers that expire are asked again without anybody's doing."""
    return tagged(response, await service.ask_again(command, inquiry_id, version=version, seals=seals))


@systems.get("", permission=Permission.INQUIRY_READ)
async def list_national_systems(query: Query) -> NationalSystems:
    """Which bodies are asked, and whether they answer today."""
    return await queries.systems(query.connection)


_SYSTEM = [NotFound, ScopeForbidden, PreconditionRequired, PreconditionFailed, SystemStateKnown]
Code = Annotated[SystemCode, Path()]


@systems.post("/{code}:down", permission=Permission.NATIONAL_SYSTEM_WRITE, problems=_SYSTEM)
async def say_national_system_is_down(
    code: Code, version: IfMatch, command: Command, response: Response
) -> NationalSystemRead:
    """Questions to it wait from now on, and papers may take the place of its answers."""
    return tagged(response, await service.set_system(command, code, version=version, up=False))


@systems.post("/{code}:up", permission=Permission.NATIONAL_SYSTEM_WRITE, problems=_SYSTEM)
async def say_national_system_is_up(
    code: Code, version: IfMatch, command: Command, response: Response
) -> NationalSystemRead:
    """What waited is asked within half a minute."""
    return tagged(response, await service.set_system(command, code, version=version, up=True))
