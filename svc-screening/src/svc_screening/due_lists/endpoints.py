"""Who is due: at a base, and anywhere in the scope."""

from typing import Annotated
from uuid import UUID

import fastapi

from shared.chassis.http import Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, ScopeForbidden
from svc_screening.due_lists import service
from svc_screening.due_lists.errors import NobodyIsLookedFor
from svc_screening.due_lists.schemas import BaseDueFilters, DueCountFilters, DueCounts, DueFilters, DuePerson
from svc_screening.programmes.errors import ProgrammeUnknown

router = Router(prefix="/v1", tags=["Screening due lists"])

_WRONG = [NotFound, ProgrammeUnknown, NobodyIsLookedFor]


@router.get("/screening-bases/{base_id}/due-list", permission=Permission.SCREENING_READ, personal=True, problems=_WRONG)
async def list_due_at_base(
    base_id: UUID, query: Query, filters: Annotated[BaseDueFilters, fastapi.Query()]
) -> Page[DuePerson]:
    """Who of the base's center is due, by the cohort of the base's campaign if it is for one."""
    return await service.due_at_base(query, base_id, filters)


@router.get(
    "/screening-due-list", permission=Permission.SCREENING_READ, personal=True, problems=[*_WRONG, ScopeForbidden]
)
async def list_due(query: Query, filters: Annotated[DueFilters, fastapi.Query()]) -> Page[DuePerson]:
    """Who is due anywhere in the scope, center by center."""
    return await service.due(query, filters)


@router.get("/screening-due-list:summary", permission=Permission.SCREENING_READ, problems=[*_WRONG, ScopeForbidden])
async def count_due(query: Query, filters: Annotated[DueCountFilters, fastapi.Query()]) -> DueCounts:
    """How many are due and why, center by center."""
    return await service.counts(query, filters)
