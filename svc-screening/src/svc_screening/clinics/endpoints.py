"""Clinics: to whom people are referred."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_screening.clinics import queries, service
from svc_screening.clinics.schemas import ClinicCreate, ClinicFilters, ClinicRead, ClinicUpdate

router = Router(prefix="/v1/referral-clinics", tags=["Screening clinics"])


@router.get("", permission=Permission.PROGRAMME_READ, scoped=False)
async def list_screening_clinics(query: Query, filters: Annotated[ClinicFilters, fastapi.Query()]) -> Page[ClinicRead]:
    """Where people are referred to; families may choose."""
    return await queries.list_clinics(query, filters)


@router.get("/{clinic_id}", permission=Permission.PROGRAMME_READ, scoped=False, problems=[NotFound])
async def read_screening_clinic(clinic_id: UUID, query: Query, response: Response) -> ClinicRead:
    return tagged(response, await queries.read_clinic(query.connection, clinic_id))


@router.post("", permission=Permission.CLINIC_WRITE, status_code=201, problems=[ScopeForbidden])
async def add_screening_clinic(body: ClinicCreate, command: Command, response: Response) -> ClinicRead:
    clinic = await service.add(command, body)
    return created(response, clinic, f"/v1/referral-clinics/{clinic.id}")


@router.patch(
    "/{clinic_id}",
    permission=Permission.CLINIC_WRITE,
    problems=[NotFound, PreconditionRequired, PreconditionFailed],
)
async def change_screening_clinic(
    clinic_id: UUID, body: ClinicUpdate, version: IfMatch, command: Command, response: Response
) -> ClinicRead:
    """Rename it, let another system report for it, or take it out of use."""
    return tagged(response, await service.change(command, clinic_id, version=version, body=body))
