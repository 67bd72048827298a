"""Reads of life events. Those that tell what is restricted do not exist for who may not see it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.life_events.schemas import (
    DETAILS,
    LifeEventFilters,
    LifeEventKind,
    LifeEventRead,
    PendingFilters,
    PendingLifeEvent,
)
from svc_casefile.members.queries import WORKED_ON_HERE

_SHOWN = "($4 OR e.kind NOT IN ('prison', 'missing'))"
_EVENT = """
    e.id, e.case_file_id, e.version, e.kind, e.status, e.member_id, e.happened_on, e.reported_on, e.source, e.evidence,
    e.note, e.details, e.proposed_head, e.recorded_at, e.recorded_by, e.settled_at, e.approved_by, e.refused_by,
    e.reason, e.first_version, e.last_version
"""
_OF_FILE = f"""
    SELECT {_EVENT} FROM case_file f JOIN life_event e ON e.case_file_id = f.id
    WHERE f.id = $1 AND ({WORKED_ON_HERE} AND $4 OR e.kind NOT IN ('prison', 'missing'))
"""
_PENDING = f"""
    SELECT {_EVENT}, f.number, f.jurisdiction FROM case_file f JOIN life_event e ON e.case_file_id = f.id
    WHERE f.jurisdiction >= $1 AND f.jurisdiction < $2 AND e.status = 'pending'
      AND ($3::uuid IS NULL OR e.id > $3) AND {_SHOWN} ORDER BY e.id LIMIT $5
"""


def details_of(kind: str, details: Mapping[str, Any]) -> Any:
    """What was recorded, as the model of its kind."""
    return DETAILS[LifeEventKind(kind)].model_validate(details)


def represent(row: Mapping[str, Any]) -> LifeEventRead:
    return LifeEventRead(**{**row, "details": details_of(row["kind"], row["details"])})


async def life_events(
    query: Query, case_file_id: UUID, *, filters: LifeEventFilters, restricted: bool
) -> Page[LifeEventRead]:
    """The last recorded first. Raises NotFound when the file is not in the scope."""
    known = await query.fetchval(
        "SELECT true FROM case_file WHERE id = $1",
        case_file_id,
    )
    if known is None:
        raise NotFound
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_OF_FILE} AND ($5::text IS NULL OR e.status = $5) AND ($6::text IS NULL OR e.kind = $6)"
        " AND ($7::uuid IS NULL OR e.id < $7) ORDER BY e.id DESC LIMIT $8",
        case_file_id,
        *query.scope_range,
        restricted,
        filters.status,
        filters.kind,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=represent, key=lambda row: [str(row["id"])])


async def life_event(query: Query, case_file_id: UUID, life_event_id: UUID, *, restricted: bool) -> LifeEventRead:
    """Raises NotFound when the file is not in the scope, or has no such event."""
    row = await query.fetchrow(f"{_OF_FILE} AND e.id = $5", case_file_id, *query.scope_range, restricted, life_event_id)
    if row is None:
        raise NotFound
    return represent(row)


async def pending(query: Query, filters: PendingFilters, *, restricted: bool) -> Page[PendingLifeEvent]:
    """What waits for somebody's approval, the longest first. Raises ScopeForbidden for a place outside the scope."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(_PENDING, *place.range, after, restricted, filters.limit + 1)
    return query.page(filters, rows, make=_pending, key=lambda row: [str(row["id"])])


def _pending(row: asyncpg.Record) -> PendingLifeEvent:
    place = Jurisdiction.from_code(row["jurisdiction"])
    return PendingLifeEvent(**{**row, "jurisdiction": place, "details": details_of(row["kind"], row["details"])})
