"""Whose due list is asked for."""

from uuid import UUID

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, ScopeForbidden
from svc_screening.bases import queries as bases
from svc_screening.due_lists import queries
from svc_screening.due_lists.schemas import BaseDueFilters, DueCountFilters, DueCounts, DueFilters, DuePerson
from svc_screening.programmes.errors import ProgrammeUnknown


async def due_at_base(query: Query, base_id: UUID, filters: BaseDueFilters) -> Page[DuePerson]:
    """Raises NotFound, ProgrammeUnknown and NobodyIsLookedFor."""
    base = await bases.read_base(query.connection, base_id, scope=query.scope_range)
    if filters.programme not in base.programmes:
        raise ProgrammeUnknown(errors=[FieldError("programme", ProgrammeUnknown.code, ProgrammeUnknown.title)])
    wanted = await queries.wanted(query.connection, filters.programme, campaign_id=base.campaign_id)
    return await queries.due(query, filters, wanted, place=base.center)


async def due(query: Query, filters: DueFilters) -> Page[DuePerson]:
    """Raises ScopeForbidden, NotFound, ProgrammeUnknown and NobodyIsLookedFor."""
    place = _within(query, filters.jurisdiction)
    wanted = await queries.wanted(query.connection, filters.programme, campaign_id=filters.campaign_id)
    return await queries.due(query, filters, wanted, place=place)


async def counts(query: Query, filters: DueCountFilters) -> DueCounts:
    """Raises ScopeForbidden, NotFound, ProgrammeUnknown and NobodyIsLookedFor."""
    place = _within(query, filters.jurisdiction)
    wanted = await queries.wanted(query.connection, filters.programme, campaign_id=filters.campaign_id)
    return DueCounts(programme=filters.programme, items=await queries.counts(query, wanted, place=place))


def _within(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    place = wished or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    return place
