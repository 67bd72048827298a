"""Reads of home visits, and of what is due one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.households.schemas import HistoryAction
from svc_casefile.members.queries import BY_ID
from svc_casefile.visits.schemas import (
    ConflictFilters,
    ConflictSummary,
    DueFilters,
    FieldConflict,
    VisitDue,
    VisitFilters,
    VisitRead,
    VisitUrgency,
    VisitWithConflict,
)

_VISIT = """
    v.id, v.version, v.case_file_id, v.jurisdiction, v.visited_at, v.visited_by, v.planned, v.outcome, v.latitude,
    v.longitude, v.accuracy_m, v.distance_m, v.place_plausible, v.met_members, v.met_other, v.findings,
    v.next_visit_on, v.changes, v.file_version, v.changes_state, v.applied_version, v.taken, v.resolved_at,
    v.resolved_by, v.resolution_note, v.recorded_at, v.recorded_by
"""

_END_OF_TIME, _LAST_ID = datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1)

# Cells of a hundredth of a degree are about a kilometre each way; where the map does not know the home, the first five
# digits of its postal code are the area of one postman.
_PLACE = """
    CASE WHEN f.latitude IS NOT NULL
         THEN floor(f.latitude * 100)::integer::text || '-' || floor(f.longitude * 100)::integer::text
         ELSE 'p' || left(f.postal_code, 5) END
"""
# The files are those of one index range, by worker or by center; they are sorted as a whole, because what is overdue
# changes with the day, and only then the heads of the page are looked up.
_DUE = f"""
    SELECT row_to_json(r)::text AS body, s.rank, s.place, s.due, s.number FROM (
        SELECT f.id, f.number, f.version, f.jurisdiction, f.assigned_worker, f.member_count, rank, place, due,
               f.visit_due_on, f.visited_on, f.visit_planned_on, f.look_for_since, f.address, f.postal_code, f.mobile,
               f.latitude, f.longitude, f.accuracy_m, f.area_class
          FROM case_file f CROSS JOIN LATERAL (
              SELECT CASE WHEN f.visit_due_on < $3 THEN 0 WHEN f.visit_due_on <= $4 THEN 1
                          WHEN f.visit_due_on IS NOT NULL THEN 2 ELSE 3 END AS rank,
                     coalesce({_PLACE}, '~') AS place, coalesce(f.visit_due_on, 'infinity') AS due
          ) of_list
         WHERE {{where}}
         ORDER BY rank, place, due, f.number LIMIT {{limit}}
    ) s CROSS JOIN LATERAL (
        SELECT s.id AS case_file_id, s.number, s.version, s.jurisdiction, s.assigned_worker,
               (SELECT json_build_object('id', h.id, 'given_name', h.given_name, 'family_name', h.family_name)
                  FROM member h WHERE h.case_file_id = s.id AND h.relation = 'head' AND h.left_on IS NULL) AS head,
               s.member_count, (ARRAY[{", ".join(f"'{word}'" for word in VisitUrgency)}])[s.rank + 1] AS urgency,
               nullif(s.place, '~') AS place, s.visit_due_on, greatest(0, $3 - s.visit_due_on) AS overdue_days,
               s.visited_on, s.visit_planned_on, s.look_for_since, s.address, s.postal_code, s.mobile, s.latitude,
               s.longitude, s.accuracy_m, s.area_class
    ) r
    ORDER BY s.rank, s.place, s.due, s.number
"""


def due_statement(
    filters: DueFilters, *, within: Jurisdiction, worker: str | None, on: date, position: Sequence[Any] | None
) -> tuple[str, list[object]]:
    """The statement of the work list of a day, and its arguments."""
    arguments: list[object] = [*within.range, on, date.fromordinal(on.toordinal() + filters.soon_days)]
    conditions = ["f.status = 'active'", "f.jurisdiction >= $1", "f.jurisdiction < $2"]
    beyond = [None] if position is None else [*position[:2], date.fromisoformat(position[2]), position[3]]
    for condition, values in (
        ("f.assigned_worker = {}", [worker]),
        ("f.visit_due_on <= {}", [filters.due_by]),
        ("(f.look_for_since IS NOT NULL) = {}", [filters.to_look_for]),
        ("(rank, place, due, f.number) > ({}, {}, {}, {})", beyond),
    ):
        if values[0] is not None:
            places = [f"${len(arguments) + place}" for place in range(1, len(values) + 1)]
            arguments += values
            conditions.append(condition.format(*places))
    return _DUE.format(where=" AND ".join(conditions), limit=filters.limit + 1), arguments


async def due(query: Query, filters: DueFilters) -> Page[str]:
    """Each item is the JSON of a DueVisit. Raises ScopeForbidden for a place outside the scope."""
    within = _narrowed(query, filters.center_code)
    worker = query.actor.subject if filters.worker == "me" else filters.worker
    sql, arguments = due_statement(filters, within=within, worker=worker, on=today(), position=query.position(filters))
    rows = await query.fetch(sql, *arguments)
    return query.page(
        filters,
        rows,
        make=lambda row: row["body"],
        key=lambda row: [row["rank"], row["place"], row["due"], row["number"]],
    )


def _narrowed(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    if wished is None:
        return query.scope
    if not query.scope.covers(wished):
        raise ScopeForbidden
    return wished


async def when_due(connection: asyncpg.Connection, case_file_id: UUID, *, scope: tuple[str, str]) -> VisitDue:
    """Raises NotFound when the file is not in the scope."""
    row = await connection.fetchrow(
        "SELECT id AS case_file_id, visited_on, visit_planned_on, visit_due_on, look_for_since FROM case_file"
        " WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3",
        case_file_id,
        *scope,
    )
    if row is None:
        raise NotFound
    return VisitDue(**row)


async def visit(connection: asyncpg.Connection, visit_id: UUID, *, scope: tuple[str, str]) -> VisitWithConflict:
    """Raises NotFound when the file that was visited is not in the scope."""
    row = await connection.fetchrow(
        f"SELECT {_VISIT}, f.version AS present_file_version,"
        "        CASE WHEN v.changes_state = 'conflict' THEN (SELECT jsonb_object_agg(key, to_jsonb(f) -> key)"
        "             FROM jsonb_object_keys(v.changes) AS key) END AS present"
        " FROM home_visit v JOIN case_file f ON f.id = v.case_file_id"
        " WHERE v.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3",
        visit_id,
        *scope,
    )
    if row is None:
        raise NotFound
    values = {**row}
    present: Mapping[str, Any] | None = values.pop("present")
    if present is None:
        return VisitWithConflict(**_read(values) | {"present_file_version": None})
    conflicts = [
        FieldConflict(field=name, visit=row["changes"][name], file=present[name]) for name in sorted(row["changes"])
    ]
    return VisitWithConflict(**_read(values), conflicts=conflicts)


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "jurisdiction": Jurisdiction.from_code(row["jurisdiction"])}


async def visits_of(query: Query, case_file_id: UUID, filters: VisitFilters) -> Page[VisitRead]:
    """The latest first. Raises NotFound when the file is not in the scope."""
    position = query.position(filters)
    rows = await query.fetch(
        f"SELECT {_VISIT} FROM case_file f JOIN home_visit v ON v.case_file_id = f.id"
        " WHERE f.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3"
        " AND (v.visited_at, v.id) < ($4, $5)"
        " ORDER BY v.visited_at DESC, v.id DESC LIMIT $6",
        case_file_id,
        *BY_ID,
        _END_OF_TIME if position is None else datetime.fromisoformat(position[0]),
        _LAST_ID if position is None else UUID(position[1]),
        filters.limit + 1,
    )
    if not rows:
        await when_due(query.connection, case_file_id, scope=BY_ID)
    return query.page(
        filters,
        rows,
        make=lambda row: VisitRead(**_read(row)),
        key=lambda row: [row["visited_at"].isoformat(), str(row["id"])],
    )


async def conflicts(query: Query, filters: ConflictFilters) -> Page[ConflictSummary]:
    """The oldest first. Raises ScopeForbidden for a place outside the scope."""
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(
        "SELECT v.id AS visit_id, v.version, v.case_file_id, f.number, f.jurisdiction, v.visited_at, v.visited_by,"
        "       v.recorded_at, v.file_version, f.version AS present_file_version,"
        "       ARRAY(SELECT jsonb_object_keys(v.changes) ORDER BY 1) AS fields"
        " FROM home_visit v JOIN case_file f ON f.id = v.case_file_id"
        " WHERE v.changes_state = 'conflict' AND f.jurisdiction >= $1 AND f.jurisdiction < $2"
        " AND ($3::uuid IS NULL OR v.id > $3) ORDER BY v.id LIMIT $4",
        *_narrowed(query, filters.center_code).range,
        after,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: ConflictSummary(**_read(row)),
        key=lambda row: [str(row["visit_id"])],
    )


# what taking visits in is decided by


async def known(connection: asyncpg.Connection, visit_ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """Those of the visits that are there, of files in the scope."""
    rows = await connection.fetch("SELECT id, digest, changes_state FROM home_visit WHERE id = ANY($1)", [*visit_ids])
    return {row["id"]: row for row in rows}


async def persons(connection: asyncpg.Connection, case_file_ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """File and member, of everybody who is or was of these households."""
    rows = await connection.fetch("SELECT case_file_id, id FROM member WHERE case_file_id = ANY($1)", [*case_file_ids])
    return {(row["case_file_id"], row["id"]) for row in rows}


async def changed_otherwise(
    connection: asyncpg.Connection, since: Mapping[UUID, int]
) -> dict[UUID, list[asyncpg.Record]]:
    """What was changed in each file after a version, other than by visits: version, and field → [before, after]."""
    found: dict[UUID, list[asyncpg.Record]] = {case_file_id: [] for case_file_id in since}
    for row in await connection.fetch(
        "SELECT h.case_file_id, h.version, h.changes"
        " FROM unnest($1::uuid[], $2::integer[]) AS since (case_file_id, version)"
        " JOIN case_file_history h ON h.case_file_id = since.case_file_id AND h.version > since.version"
        " WHERE h.member_id IS NULL AND h.action <> $3 ORDER BY h.case_file_id, h.version",
        [*since],
        [*since.values()],
        HistoryAction.VISITED,
    ):
        found[row["case_file_id"]].append(row)
    return found


async def said_by_visits(
    connection: asyncpg.Connection, since: Mapping[UUID, datetime]
) -> dict[UUID, list[asyncpg.Record]]:
    """The visits of each file after a time whose changes are in it: id, time and fields."""
    found: dict[UUID, list[asyncpg.Record]] = {case_file_id: [] for case_file_id in since}
    for row in await connection.fetch(
        "SELECT v.case_file_id, v.id, v.visited_at, ARRAY(SELECT jsonb_object_keys(v.changes)) AS fields"
        " FROM unnest($1::uuid[], $2::timestamptz[]) AS since (case_file_id, visited_at)"
        " JOIN home_visit v ON v.case_file_id = since.case_file_id AND v.visited_at >= since.visited_at"
        " WHERE v.changes_state = 'applied'",
        [*since],
        [*since.values()],
    ):
        found[row["case_file_id"]].append(row)
    return found


async def was_here(
    connection: asyncpg.Connection, case_file_ids: Sequence[UUID], *, scope: tuple[str, str]
) -> dict[UUID, asyncpg.Record]:
    """Those of the files that a place in the scope was responsible for once: the last such place, and until when."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (case_file_id) case_file_id, jurisdiction, until FROM responsibility"
        " WHERE case_file_id = ANY($1) AND jurisdiction >= $2 AND jurisdiction < $3 AND until IS NOT NULL"
        " ORDER BY case_file_id, since DESC",
        [*case_file_ids],
        *scope,
    )
    return {row["case_file_id"]: row for row in rows}


async def centers(connection: asyncpg.Connection) -> dict[str, asyncpg.Record]:
    """Every center, with the months and the day by which the due dates of its files were last worked out."""
    rows = await connection.fetch(
        "SELECT code, months, worked_out_on FROM center LEFT JOIN visit_interval ON center = code ORDER BY code"
    )
    return {row["code"]: row for row in rows}
