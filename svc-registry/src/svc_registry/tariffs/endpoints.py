"""Tariffs: drafted by one person, signed off by another, read by who is paid by them."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, ScopeForbidden
from svc_registry.centers.errors import PlaceUnknown
from svc_registry.tariffs import queries, service
from svc_registry.tariffs.errors import SecondPersonNeeded, ServiceUnknown, TariffNotDraft, TariffOverlaps
from svc_registry.tariffs.schemas import TariffCreate, TariffFilters, TariffRead, TariffsInForce, TariffsInForceQuery

router = Router(prefix="/v1/tariffs", tags=["Tariffs"])


@router.get("", permission=Permission.TARIFF_READ)
async def list_tariffs(query: Query, filters: Annotated[TariffFilters, fastapi.Query()]) -> Page[TariffRead]:
    """The tariffs of the whole country: one that holds for the nation holds for every center."""
    return await queries.list_tariffs(query, filters)


@router.get(":in-force", permission=Permission.TARIFF_READ)
async def read_tariffs_in_force(query: Query, asked: Annotated[TariffsInForceQuery, fastapi.Query()]) -> TariffsInForce:
    """The signed-off tariffs that count at a place on a day."""
    return await queries.in_force(query, asked)


@router.get("/{tariff_id}", permission=Permission.TARIFF_READ, problems=[NotFound])
async def read_tariff(tariff_id: UUID, query: Query, response: Response) -> TariffRead:
    return tagged(response, await queries.read_tariff(query, tariff_id))


@router.post(
    "",
    permission=Permission.TARIFF_WRITE,
    status_code=201,
    problems=[ScopeForbidden, PlaceUnknown, ServiceUnknown],
)
async def draft_tariff(body: TariffCreate, command: Command, response: Response) -> TariffRead:
    """Draft a tariff; it counts for nothing until somebody else signs it off."""
    tariff = await service.draft(command, body)
    return created(response, tariff, f"/v1/tariffs/{tariff.id}")


@router.post(
    "/{tariff_id}:sign-off",
    permission=Permission.TARIFF_SIGN_OFF,
    problems=[NotFound, TariffNotDraft, SecondPersonNeeded, TariffOverlaps],
)
async def sign_off_tariff(tariff_id: UUID, command: Command, response: Response) -> TariffRead:
    """Let a draft count; the tariff before it ends the day before."""
    return tagged(response, await service.sign_off(command, tariff_id))


@router.post("/{tariff_id}:withdraw", permission=Permission.TARIFF_WRITE, problems=[NotFound, TariffNotDraft])
async def withdraw_tariff(tariff_id: UUID, command: Command, response: Response) -> TariffRead:
    """Give up a draft."""
    return tagged(response, await service.withdraw(command, tariff_id))
