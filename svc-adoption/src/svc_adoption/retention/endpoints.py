"""What is erased, and what is to be."""

from typing import Annotated
from uuid import UUID

import fastapi

from shared.chassis.http import Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound
from svc_adoption.retention import queries
from svc_adoption.retention.schemas import ErasureDue, ErasureFilters, ErasureRead
from svc_adoption.retention.service import RULES

router = Router(prefix="/v1/adoption-erasures", tags=["Adoption: erasure"])


@router.get("", permission=Permission.ADOPTION_FOLLOW)
async def list_adoption_erasures(
    query: Query, filters: Annotated[ErasureFilters, fastapi.Query()]
) -> Page[ErasureRead]:
    """The certificates of the scope, the latest first."""
    return await queries.list_erasures(query, filters)


@router.get(":due", permission=Permission.ADOPTION_FOLLOW)
async def list_adoption_erasures_due(
    query: Query, filters: Annotated[ErasureFilters, fastapi.Query()]
) -> Page[ErasureDue]:
    """What has ended and is still kept, and the day on which it will be erased; none where nobody has set the rule."""
    return await queries.list_due(query, filters, rules=RULES)


@router.get("/{erasure_id}", permission=Permission.ADOPTION_FOLLOW, problems=[NotFound])
async def read_adoption_erasure(erasure_id: UUID, query: Query) -> ErasureRead:
    """The certificate: which request, by which rule, when, and how many rows. Of whom it was about nothing is left."""
    return await queries.erasure(query, erasure_id)
