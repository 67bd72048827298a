"""Reads of the read audit."""

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import TEHRAN
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import ScopeForbidden
from svc_casefile.read_audit.schemas import PersonalRead, PersonalReadFilters

_READ: Final = """
    SELECT r.*, (SELECT g.reason FROM break_glass g WHERE g.id = r.break_glass_id) AS reason
"""
_OF_ONE: Final = f"""
    {_READ} FROM personal_read r
     WHERE r.jurisdiction >= $1 AND r.jurisdiction < $2 AND {{where}}
     ORDER BY r.at DESC, r.id DESC LIMIT {{limit}}
"""
# the latest of each place, and then the latest of those: what a page costs depends on the places in the scope, never on
# how much was ever read there
_OF_PLACES: Final = f"""
    WITH RECURSIVE place (code) AS (
        (SELECT jurisdiction FROM personal_read WHERE jurisdiction >= $1 AND jurisdiction < $2 ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT jurisdiction FROM personal_read WHERE jurisdiction > place.code AND jurisdiction < $2
                ORDER BY 1 LIMIT 1)
        FROM place WHERE place.code IS NOT NULL
    )
    {_READ} FROM place CROSS JOIN LATERAL (
        SELECT * FROM personal_read r WHERE r.jurisdiction = place.code AND {{where}}
         ORDER BY r.at DESC, r.id DESC LIMIT {{limit}}
    ) r
    ORDER BY r.at DESC, r.id DESC LIMIT {{limit}}
"""


async def list_reads(query: Query, filters: PersonalReadFilters) -> Page[PersonalRead]:
    """The latest first. Raises ScopeForbidden for a place outside the scope."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    arguments: list[object] = [*place.range]
    conditions = ["true"]

    def demand(condition: str, *values: object) -> None:
        first = len(arguments) + 1
        arguments.extend(values)
        conditions.append(condition.format(*(f"${first + each}" for each in range(len(values)))))

    if filters.case_file_id is not None:
        demand("r.case_file_id = {}", filters.case_file_id)
    if filters.reader is not None:
        demand("r.reader = {}", filters.reader)
    if filters.reader_scope is not None:
        demand("r.reader_scope >= {} AND r.reader_scope < {}", *filters.reader_scope.range)
    if filters.since is not None:
        demand("r.at >= {}", _beginning_of(filters.since))
    if filters.until is not None:
        demand("r.at < {}", _beginning_of(filters.until + timedelta(days=1)))
    position = query.position(filters)
    if position is not None:
        demand("(r.at, r.id) < ({}, {})", datetime.fromisoformat(position[0]), UUID(position[1]))
    of_one = filters.case_file_id is not None or filters.reader is not None
    sql = (_OF_ONE if of_one else _OF_PLACES).format(where=" AND ".join(conditions), limit=filters.limit + 1)
    rows = await query.fetch(sql, *arguments)
    return query.page(filters, rows, make=_read, key=lambda row: [row["at"].isoformat(), str(row["id"])])


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=TEHRAN)


def _read(row: asyncpg.Record) -> PersonalRead:
    return PersonalRead(
        **dict(row)
        | {
            "jurisdiction": Jurisdiction.from_code(row["jurisdiction"]),
            "reader_scope": Jurisdiction.from_code(row["reader_scope"]),
        }
    )
