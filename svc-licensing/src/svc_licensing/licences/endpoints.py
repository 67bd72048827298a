"""Licences: issued on decisions by the commission's secretary, read by whose place they are for."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_licensing.licences import queries, service
from svc_licensing.licences.errors import (
    AgreementMissing,
    ApplicationUnknown,
    DecisionUsed,
    ExtendedBefore,
    LicenceHeldAlready,
    LicenceStepNotAllowed,
    NotDecided,
    RuleNotSet,
)
from svc_licensing.licences.schemas import (
    Decided,
    LicenceFilters,
    LicenceIssue,
    LicenceRead,
    LicenceSummary,
    Reasoned,
    Resumption,
)

router = Router(prefix="/v1/licences", tags=["Licences"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, LicenceStepNotAllowed]
_DECISION = [ApplicationUnknown, NotDecided, DecisionUsed]


@router.post(
    "",
    permission=Permission.LICENCE_ISSUE,
    status_code=201,
    problems=[*_DECISION, RuleNotSet, AgreementMissing, LicenceHeldAlready],
)
async def issue_licence(body: LicenceIssue, command: Command, response: Response) -> LicenceRead:
    """Issue what was decided. An activity licence fulfils the holder's agreement in principle, which is used by it."""
    licence = await service.issue(command, body)
    return created(response, licence, f"/v1/licences/{licence.id}")


@router.get("", permission=Permission.LICENCE_READ, problems=[ScopeForbidden])
async def list_licences(query: Query, filters: Annotated[LicenceFilters, fastapi.Query()]) -> Page[LicenceSummary]:
    """Those that end first come first; `renewal=due` is what should be applied for now."""
    return await queries.list_licences(query, filters)


@router.get("/{licence_id}", permission=Permission.LICENCE_READ, problems=[NotFound])
async def read_licence(licence_id: UUID, query: Query, response: Response) -> LicenceRead:
    """A licence with what happened to it."""
    return tagged(response, await queries.licence(query.connection, licence_id, scope=query.scope_range))


@router.post("/{licence_id}:renew", permission=Permission.LICENCE_ISSUE, problems=[*_STEP, *_DECISION, RuleNotSet])
async def renew_licence(
    licence_id: UUID, body: Decided, version: IfMatch, command: Command, response: Response
) -> LicenceRead:
    """Another period, on an approved request to renew; the number stays."""
    return tagged(response, await service.renew(command, licence_id, version=version, body=body))


@router.post(
    "/{licence_id}:extend",
    permission=Permission.LICENCE_ISSUE,
    problems=[*_STEP, *_DECISION, ExtendedBefore, RuleNotSet],
)
async def extend_licence(
    licence_id: UUID, body: Decided, version: IfMatch, command: Command, response: Response
) -> LicenceRead:
    """More time, once, on an approved request to extend."""
    return tagged(response, await service.extend(command, licence_id, version=version, body=body))


@router.post("/{licence_id}:move", permission=Permission.LICENCE_ISSUE, problems=[*_STEP, *_DECISION])
async def move_licence(
    licence_id: UUID, body: Decided, version: IfMatch, command: Command, response: Response
) -> LicenceRead:
    """To the address of an approved request to move."""
    return tagged(response, await service.move(command, licence_id, version=version, body=body))


@router.post("/{licence_id}:change-manager", permission=Permission.LICENCE_ISSUE, problems=[*_STEP, *_DECISION])
async def change_manager_of_licence(
    licence_id: UUID, body: Decided, version: IfMatch, command: Command, response: Response
) -> LicenceRead:
    """To the manager of an approved request to change them."""
    return tagged(response, await service.change_manager(command, licence_id, version=version, body=body))


@router.post("/{licence_id}:suspend", permission=Permission.LICENCE_ISSUE, problems=_STEP)
async def suspend_licence(
    licence_id: UUID, body: Reasoned, version: IfMatch, command: Command, response: Response
) -> LicenceRead:
    """Not valid until it is resumed. A center of the registry whose activity licence it is stops as well."""
    return tagged(response, await service.suspend(command, licence_id, version=version, body=body))


@router.post("/{licence_id}:resume", permission=Permission.LICENCE_ISSUE, problems=_STEP)
async def resume_licence(
    licence_id: UUID, body: Resumption, version: IfMatch, command: Command, response: Response
) -> LicenceRead:
    """Valid again. Whether the center goes on as well is for whoever opens centers to say."""
    return tagged(response, await service.resume(command, licence_id, version=version, body=body))


@router.post("/{licence_id}:revoke", permission=Permission.LICENCE_ISSUE, problems=_STEP)
async def revoke_licence(
    licence_id: UUID, body: Reasoned, version: IfMatch, command: Command, response: Response
) -> LicenceRead:
    """End it for good."""
    return tagged(response, await service.revoke(command, licence_id, version=version, body=body))
