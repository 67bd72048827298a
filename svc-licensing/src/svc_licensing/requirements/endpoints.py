"""Requirements: what a licence takes, and who says so."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_licensing.requirements import queries, service
from svc_licensing.requirements.errors import (
    RequirementIncomplete,
    RequirementTooLate,
    RequirementVouchedFor,
    SecondPersonNeeded,
)
from svc_licensing.requirements.schemas import (
    RequirementCreate,
    RequirementEnd,
    RequirementFilters,
    RequirementProposal,
    RequirementRead,
)

router = Router(prefix="/v1/licence-requirements", tags=["Licence requirements"])

_KNOWN = [NotFound, ScopeForbidden, PreconditionRequired, PreconditionFailed]


@router.get("", permission=Permission.REQUIREMENT_READ, scoped=False)
async def list_licence_requirements(
    query: Query, filters: Annotated[RequirementFilters, fastapi.Query()]
) -> Page[RequirementRead]:
    """Documents, inquiries, capital, steps, validity and deadlines, with their source; proposals among them."""
    return await queries.list_requirements(query, filters)


@router.get("/{requirement_id}", permission=Permission.REQUIREMENT_READ, scoped=False, problems=[NotFound])
async def read_licence_requirement(requirement_id: UUID, query: Query, response: Response) -> RequirementRead:
    return tagged(response, await queries.read_requirement(query.connection, requirement_id))


@router.post("", permission=Permission.REQUIREMENT_WRITE, status_code=201, problems=[ScopeForbidden])
async def propose_licence_requirement(body: RequirementCreate, command: Command, response: Response) -> RequirementRead:
    """Write down what a licence takes; it holds for nobody until somebody else signs it off."""
    requirement = await service.propose(command, body)
    return created(response, requirement, f"/v1/licence-requirements/{requirement.id}")


@router.put(
    "/{requirement_id}/figures", permission=Permission.REQUIREMENT_WRITE, problems=[*_KNOWN, RequirementVouchedFor]
)
async def set_licence_requirement_figures(
    requirement_id: UUID, body: RequirementProposal, version: IfMatch, command: Command, response: Response
) -> RequirementRead:
    """Set the figures of a requirement that nobody vouches for yet."""
    return tagged(response, await service.set_figures(command, requirement_id, version=version, body=body))


@router.post(
    "/{requirement_id}:sign-off",
    permission=Permission.REQUIREMENT_SIGN_OFF,
    problems=[*_KNOWN, RequirementVouchedFor, RequirementIncomplete, SecondPersonNeeded],
)
async def sign_off_licence_requirement(
    requirement_id: UUID, version: IfMatch, command: Command, response: Response
) -> RequirementRead:
    """Let a requirement hold, from its first day or today on."""
    return tagged(response, await service.sign_off(command, requirement_id, version=version))


@router.post(
    "/{requirement_id}:end", permission=Permission.REQUIREMENT_SIGN_OFF, problems=[*_KNOWN, RequirementTooLate]
)
async def end_licence_requirement(
    requirement_id: UUID, body: RequirementEnd, version: IfMatch, command: Command, response: Response
) -> RequirementRead:
    """Let a requirement hold no more from a day on."""
    return tagged(response, await service.end(command, requirement_id, version=version, body=body))
