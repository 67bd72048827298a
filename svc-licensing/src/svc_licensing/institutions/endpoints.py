"""Institutions: who founds a center, and who stands for it."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_licensing.institutions import queries, service
from svc_licensing.institutions.errors import InstitutionKnown, NotARegisteringPlace, PersonKnown, RoleNotPossible
from svc_licensing.institutions.schemas import (
    InstitutionCreate,
    InstitutionFilters,
    InstitutionRead,
    InstitutionSummary,
    InstitutionUpdate,
    PersonCreate,
)

router = Router(prefix="/v1/institutions", tags=["Institutions"])

_KNOWN = [NotFound, PreconditionRequired, PreconditionFailed]


@router.get("", permission=Permission.INSTITUTION_READ, personal=True, problems=[ScopeForbidden])
async def list_institutions(
    query: Query, filters: Annotated[InstitutionFilters, fastapi.Query()]
) -> Page[InstitutionSummary]:
    """Those that were registered inside the scope, the latest first."""
    return await queries.list_institutions(query, filters)


@router.get("/{institution_id}", permission=Permission.INSTITUTION_READ, personal=True, problems=[NotFound])
async def read_institution(institution_id: UUID, query: Query, response: Response) -> InstitutionRead:
    """An institution with its people."""
    found = await queries.read_institution(query.connection, institution_id, scope=query.scope_range)
    return tagged(response, found)


@router.post(
    "",
    permission=Permission.INSTITUTION_WRITE,
    status_code=201,
    problems=[ScopeForbidden, NotARegisteringPlace, RoleNotPossible, InstitutionKnown, PersonKnown],
)
async def register_institution(body: InstitutionCreate, command: Command, response: Response) -> InstitutionRead:
    """Register who founds, at the center or the county office to which they came."""
    institution = await service.register(command, body)
    return created(response, institution, f"/v1/institutions/{institution.id}")


@router.patch("/{institution_id}", permission=Permission.INSTITUTION_WRITE, problems=_KNOWN)
async def change_institution(
    institution_id: UUID, body: InstitutionUpdate, version: IfMatch, command: Command, response: Response
) -> InstitutionRead:
    return tagged(response, await service.change(command, institution_id, version=version, body=body))


@router.post(
    "/{institution_id}/people",
    permission=Permission.INSTITUTION_WRITE,
    problems=[*_KNOWN, RoleNotPossible, PersonKnown],
)
async def add_institution_person(
    institution_id: UUID, body: PersonCreate, version: IfMatch, command: Command, response: Response
) -> InstitutionRead:
    """Add a member of the board, the chief executive, an inspector or a technical manager."""
    return tagged(response, await service.add_person(command, institution_id, version=version, body=body))


@router.post(
    "/{institution_id}/people/{person_id}:end",
    permission=Permission.INSTITUTION_WRITE,
    problems=[*_KNOWN, RoleNotPossible],
)
async def end_institution_person(
    institution_id: UUID, person_id: UUID, version: IfMatch, command: Command, response: Response
) -> InstitutionRead:
    """Say that somebody holds their role no more."""
    return tagged(response, await service.end_person(command, institution_id, person_id, version=version))
