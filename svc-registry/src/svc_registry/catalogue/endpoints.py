"""The service catalogue: read by anybody, changed by headquarters."""

from typing import Annotated

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_registry.catalogue import queries, service
from svc_registry.catalogue.errors import ActiveToTooEarly, ServiceCodeTaken
from svc_registry.catalogue.schemas import (
    CatalogueFilters,
    CatalogueServiceCreate,
    CatalogueServiceRead,
    CatalogueServiceUpdate,
    ServiceCode,
)

router = Router(prefix="/v1/services", tags=["Service catalogue"])


@router.get("", permission=Permission.CATALOGUE_READ, scoped=False)
async def list_services(
    query: Query, filters: Annotated[CatalogueFilters, fastapi.Query()]
) -> Page[CatalogueServiceRead]:
    return await queries.list_services(query, filters)


@router.get("/{code}", permission=Permission.CATALOGUE_READ, scoped=False, problems=[NotFound])
async def read_service(code: ServiceCode, query: Query, response: Response) -> CatalogueServiceRead:
    return tagged(response, await queries.read_service(query, code))


@router.post(
    "",
    permission=Permission.CATALOGUE_WRITE,
    status_code=201,
    problems=[ScopeForbidden, ServiceCodeTaken, ActiveToTooEarly],
)
async def add_service(body: CatalogueServiceCreate, command: Command, response: Response) -> CatalogueServiceRead:
    added = await service.add(command, body)
    return created(response, added, f"/v1/services/{added.code}")


@router.patch(
    "/{code}",
    permission=Permission.CATALOGUE_WRITE,
    problems=[ScopeForbidden, NotFound, PreconditionRequired, PreconditionFailed, ActiveToTooEarly],
)
async def change_service(
    code: ServiceCode, body: CatalogueServiceUpdate, if_match: IfMatch, command: Command, response: Response
) -> CatalogueServiceRead:
    """Change what is sent; a service is ended by its `active_to`, never deleted."""
    return tagged(response, await service.change(command, code, body, if_match=if_match))
