"""What each form of care asks for: documents, checks and who gives the child."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_adoption.requirements import queries, service
from svc_adoption.requirements.errors import RequirementNotProposed, RequirementTooLate, SecondSignatureNeeded
from svc_adoption.requirements.schemas import RequirementCreate, RequirementFilters, RequirementRead

router = Router(prefix="/v1/adoption-requirements", tags=["Adoption requirements"])


@router.get("", permission=Permission.ADOPTION_REQUIREMENT_READ, scoped=False)
async def list_adoption_requirements(
    query: Query, filters: Annotated[RequirementFilters, fastapi.Query()]
) -> Page[RequirementRead]:
    """Every version of every form, proposals included."""
    return await queries.list_requirements(query, filters)


@router.get("/{requirement_id}", permission=Permission.ADOPTION_REQUIREMENT_READ, scoped=False, problems=[NotFound])
async def read_adoption_requirement(requirement_id: UUID, query: Query, response: Response) -> RequirementRead:
    return tagged(response, await queries.requirement(query.connection, requirement_id))


@router.post("", permission=Permission.ADOPTION_REQUIREMENT_WRITE, status_code=201)
async def propose_adoption_requirement(
    body: RequirementCreate, command: Command, response: Response
) -> RequirementRead:
    """Write the next version of what a form asks for; it holds for nothing until somebody else signs it off."""
    requirement = await service.propose(command, body)
    return created(response, requirement, f"/v1/adoption-requirements/{requirement.id}")


@router.post(
    "/{requirement_id}:sign-off",
    permission=Permission.ADOPTION_REQUIREMENT_SIGN_OFF,
    problems=[
        NotFound,
        PreconditionRequired,
        PreconditionFailed,
        RequirementNotProposed,
        SecondSignatureNeeded,
        RequirementTooLate,
    ],
)
async def sign_off_adoption_requirement(
    requirement_id: UUID, version: IfMatch, command: Command, response: Response
) -> RequirementRead:
    """Let a version hold from its first day on."""
    return tagged(response, await service.sign_off(command, requirement_id, version=version))
