"""Deadlines: whose turn it is by when, and what is overdue."""

from typing import Annotated

import fastapi

from shared.chassis.http import Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import ScopeForbidden
from svc_licensing.deadlines import queries
from svc_licensing.deadlines.schemas import DeadlineFilters, DeadlineSummary, OverdueFilters, OverdueReport

router = Router(prefix="/v1/licensing-deadlines", tags=["Licensing deadlines"])
overdue = Router(prefix="/v1/licensing-overdue", tags=["Licensing deadlines"])


@router.get("", permission=Permission.DEADLINE_READ, problems=[ScopeForbidden])
async def list_licensing_deadlines(
    query: Query, filters: Annotated[DeadlineFilters, fastapi.Query()]
) -> Page[DeadlineSummary]:
    """Those that run or are paused, the soonest due first."""
    return await queries.list_deadlines(query, filters)


@overdue.get("", permission=Permission.DEADLINE_READ, problems=[ScopeForbidden])
async def read_licensing_overdue(query: Query, asked: Annotated[OverdueFilters, fastapi.Query()]) -> OverdueReport:
    """What is overdue, by county and office, and by the body that was asked."""
    return await queries.overdue(query, asked)
