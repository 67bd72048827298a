"""Bases and their devices."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_screening.bases import queries, service
from svc_screening.bases.errors import (
    BaseClosedBeforeOpened,
    CampaignElsewhere,
    InstrumentUnknown,
    SerialNumberTaken,
)
from svc_screening.bases.schemas import (
    BaseCreate,
    BaseFilters,
    BaseRead,
    BaseUpdate,
    DeviceCreate,
    DeviceRead,
    DeviceUpdate,
)
from svc_screening.centers.errors import CenterNotOpen
from svc_screening.programmes.errors import ProgrammeUnknown

router = Router(prefix="/v1/screening-bases", tags=["Screening bases"])

_KNOWN = [NotFound, PreconditionRequired, PreconditionFailed]


@router.get("", permission=Permission.SCREENING_READ, problems=[ScopeForbidden])
async def list_screening_bases(query: Query, filters: Annotated[BaseFilters, fastapi.Query()]) -> Page[BaseRead]:
    return await queries.list_bases(query, filters)


@router.get("/{base_id}", permission=Permission.SCREENING_READ, problems=[NotFound])
async def read_screening_base(base_id: UUID, query: Query, response: Response) -> BaseRead:
    return tagged(response, await queries.read_base(query.connection, base_id, scope=query.scope_range))


@router.post(
    "",
    permission=Permission.BASE_WRITE,
    status_code=201,
    problems=[ScopeForbidden, CenterNotOpen, ProgrammeUnknown, CampaignElsewhere],
)
async def open_screening_base(body: BaseCreate, command: Command, response: Response) -> BaseRead:
    """Set up a base at a center: fixed or mobile, permanent or for one campaign."""
    base = await service.open_base(command, body)
    return created(response, base, f"/v1/screening-bases/{base.id}")


@router.patch(
    "/{base_id}", permission=Permission.BASE_WRITE, problems=[*_KNOWN, ProgrammeUnknown, BaseClosedBeforeOpened]
)
async def change_screening_base(
    base_id: UUID, body: BaseUpdate, version: IfMatch, command: Command, response: Response
) -> BaseRead:
    return tagged(response, await service.change(command, base_id, version=version, body=body))


@router.post(
    "/{base_id}/devices",
    permission=Permission.BASE_WRITE,
    status_code=201,
    problems=[NotFound, InstrumentUnknown, SerialNumberTaken],
)
async def add_screening_device(base_id: UUID, body: DeviceCreate, command: Command, response: Response) -> DeviceRead:
    device = await service.add_device(command, base_id, body)
    return created(response, device, f"/v1/screening-bases/{base_id}")


@router.patch("/{base_id}/devices/{device_id}", permission=Permission.BASE_WRITE, problems=_KNOWN)
async def change_screening_device(
    base_id: UUID, device_id: UUID, body: DeviceUpdate, version: IfMatch, command: Command, response: Response
) -> DeviceRead:
    """Say until when it is calibrated, or that it is used no more."""
    return tagged(response, await service.change_device(command, base_id, device_id, version=version, body=body))
