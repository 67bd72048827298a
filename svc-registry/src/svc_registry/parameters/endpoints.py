"""Dated parameters: what is in force where and when, for anybody; set by headquarters."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_registry.centers.errors import PlaceUnknown
from svc_registry.parameters import queries, service
from svc_registry.parameters.errors import (
    ParameterOverlaps,
    ParameterUnknown,
    UnitDiffers,
    UnitMissing,
    ValidToTooEarly,
)
from svc_registry.parameters.schemas import (
    InForceQuery,
    ParameterCreate,
    ParameterFilters,
    ParameterRead,
    ParametersInForce,
    ParameterUpdate,
)

router = Router(prefix="/v1/parameters", tags=["Parameters"])


@router.get("", permission=Permission.PARAMETER_READ, scoped=False)
async def list_parameters(query: Query, filters: Annotated[ParameterFilters, fastapi.Query()]) -> Page[ParameterRead]:
    return await queries.list_parameters(query, filters)


@router.get(":in-force", permission=Permission.PARAMETER_READ, scoped=False)
async def read_parameters_in_force(query: Query, asked: Annotated[InForceQuery, fastapi.Query()]) -> ParametersInForce:
    """The rules that hold at a place on a day."""
    return await queries.in_force(query, asked)


@router.get("/{parameter_id}", permission=Permission.PARAMETER_READ, scoped=False, problems=[NotFound])
async def read_parameter(parameter_id: UUID, query: Query, response: Response) -> ParameterRead:
    return tagged(response, await queries.read_parameter(query, parameter_id))


@router.post(
    "",
    permission=Permission.PARAMETER_WRITE,
    status_code=201,
    problems=[ScopeForbidden, PlaceUnknown, ParameterUnknown, UnitMissing, UnitDiffers, ParameterOverlaps],
)
async def set_parameter(body: ParameterCreate, command: Command, response: Response) -> ParameterRead:
    """Let a value hold from a day; the value before it ends the day before."""
    parameter = await service.set_value(command, body)
    return created(response, parameter, f"/v1/parameters/{parameter.id}")


@router.patch(
    "/{parameter_id}",
    permission=Permission.PARAMETER_WRITE,
    problems=[
        NotFound,
        PreconditionRequired,
        PreconditionFailed,
        ValidToTooEarly,
        ParameterOverlaps,
    ],
)
async def correct_parameter(
    parameter_id: UUID, body: ParameterUpdate, if_match: IfMatch, command: Command, response: Response
) -> ParameterRead:
    """Correct a value that was set wrongly, or give it a last day."""
    return tagged(response, await service.correct(command, parameter_id, body, if_match=if_match))
