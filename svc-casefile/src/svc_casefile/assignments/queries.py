"""Reads of workers, loads and plans."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.contracts.roles import Role
from shared.kit.calendar import today
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.assignments.schemas import (
    AssignmentPlanRead,
    AssignmentPlanSummary,
    PlanFilters,
    PlannedFile,
    PlannedFileFilters,
    WorkerFilters,
    WorkerLoad,
)
from svc_casefile.centers.queries import rules_in_force
from svc_casefile.staff.queries import FILES_PER_WORKER, LOADED, in_force

_WORKERS = f"""
    WITH load AS (
        SELECT jurisdiction AS center, assigned_worker AS worker, count(*) AS files
          FROM case_file
         WHERE jurisdiction >= $1 AND jurisdiction < $2 AND jurisdiction >= $4
           AND assigned_worker IS NOT NULL AND status IN {LOADED}
         GROUP BY jurisdiction, assigned_worker
    ), posted AS (
        SELECT jurisdiction AS center, person AS worker, min(valid_from) AS posted_from,
               nullif(max(coalesce(valid_to, 'infinity')), 'infinity') AS posted_to
          FROM posting
         WHERE jurisdiction >= $1 AND jurisdiction < $2 AND jurisdiction >= $4
           AND role = '{Role.SOCIAL_WORKER}' AND {in_force("$3::date")}
         GROUP BY jurisdiction, person
    )
    SELECT center, worker, posted_from IS NOT NULL AS posted, posted_from, posted_to, coalesce(files, 0) AS files
      FROM load FULL JOIN posted USING (center, worker)
     WHERE (center, worker) > ($4, $5)
     ORDER BY center, worker LIMIT $6
"""
_PLAN = """
    id, jurisdiction AS center, version, status, leaving, rules_on AS "on", maximum, files, placed, unplaced,
    created_at, created_by, decided_at, decided_by
"""


async def list_workers(query: Query, filters: WorkerFilters) -> Page[WorkerLoad]:
    """Center by center. Raises ScopeForbidden for a place outside the scope."""
    place = query.scope if filters.center is None else filters.center
    if not query.scope.covers(place):
        raise ScopeForbidden
    center, worker = query.position(filters) or ["", ""]
    on = today()
    rows = await query.fetch(_WORKERS, *place.range, on, center, worker, filters.limit + 1)
    rules = await rules_in_force(
        query.connection, centers=sorted({row["center"] for row in rows}), names=[FILES_PER_WORKER], on=on
    )
    return query.page(
        filters,
        rows,
        make=lambda row: WorkerLoad(**row, maximum=rules[row["center"]].get(FILES_PER_WORKER)),
        key=lambda row: [row["center"], row["worker"]],
    )


async def centers_of(
    connection: asyncpg.Connection, case_file_ids: Sequence[UUID], *, scope: tuple[str, str]
) -> list[str]:
    """The centers that those of the files are with that are in the scope."""
    rows = await connection.fetch(
        "SELECT DISTINCT jurisdiction FROM case_file WHERE id = ANY($1) AND jurisdiction >= $2 AND jurisdiction < $3"
        " AND length(jurisdiction) = 7 ORDER BY jurisdiction",
        list(case_file_ids),
        *scope,
    )
    return [row["jurisdiction"] for row in rows]


async def files_of(connection: asyncpg.Connection, center: str, *, worker: str) -> list[UUID]:
    """The files of the center that the worker has and that are not closed."""
    rows = await connection.fetch(
        "SELECT id FROM case_file WHERE jurisdiction = $1 AND assigned_worker = $2 AND status <> 'closed' ORDER BY id",
        center,
        worker,
    )
    return [row["id"] for row in rows]


async def files_by_worker(
    connection: asyncpg.Connection, center: str, *, staying: Sequence[str]
) -> tuple[list[asyncpg.Record], list[asyncpg.Record]]:
    """The files of the center that nobody of `staying` has, by number, and those that one of them has."""
    rows = await connection.fetch(
        f"""
        SELECT id, version, latitude, longitude, assigned_worker, coalesce(assigned_worker = ANY($2), false) AS kept
          FROM case_file WHERE jurisdiction = $1 AND status IN {LOADED} ORDER BY number
        """,
        center,
        list(staying),
    )
    return [row for row in rows if not row["kept"]], [row for row in rows if row["kept"]]


async def plan(
    connection: asyncpg.Connection, plan_id: UUID, *, scope: tuple[str, str], lock: bool = False
) -> AssignmentPlanRead:
    """Raises NotFound when the plan is not in the scope. `lock`: nobody else can decide on it meanwhile."""
    row = await connection.fetchrow(
        f"SELECT {_PLAN} FROM assignment_plan WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3"
        + (" FOR UPDATE" if lock else ""),
        plan_id,
        *scope,
    )
    if row is None:
        raise NotFound
    workers = await connection.fetch(
        "SELECT worker, load_before, load_after FROM assignment_plan_worker"
        " WHERE plan_id = $1 AND worker <> '' ORDER BY worker",
        plan_id,
    )
    return AssignmentPlanRead(**row, workers=[dict(worker) for worker in workers])


async def list_plans(query: Query, filters: PlanFilters) -> Page[AssignmentPlanSummary]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        "SELECT id, jurisdiction AS center, version, status, files, placed, unplaced, created_at, created_by"
        " FROM assignment_plan WHERE jurisdiction >= $1 AND jurisdiction < $2"
        " AND ($3::text IS NULL OR status = $3) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        *query.scope_range,
        filters.status,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: AssignmentPlanSummary(**row), key=lambda row: [str(row["id"])])


async def planned_files(query: Query, plan_id: UUID, filters: PlannedFileFilters) -> Page[PlannedFile]:
    """Those for whom nobody has room first, then worker by worker. Raises NotFound for a plan outside the scope."""
    await plan(query.connection, plan_id, scope=query.scope_range)
    worker, position = query.position(filters) or ["", 0]
    rows = await query.fetch(
        """
        SELECT planned.worker, position, file.case_file_id, case_file.number, nullif(file.metres, -1) AS metres,
               file.reason
          FROM assignment_plan_worker AS planned,
               unnest(case_file_ids, metres, reasons) WITH ORDINALITY AS file (case_file_id, metres, reason, position)
          LEFT JOIN case_file ON case_file.id = file.case_file_id
         WHERE plan_id = $1 AND planned.worker >= $2 AND (planned.worker > $2 OR position > $3)
           AND ($4::text IS NULL OR planned.worker = $4)
         ORDER BY planned.worker, position LIMIT $5
        """,
        plan_id,
        worker,
        position,
        filters.worker,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: PlannedFile(**{**row, "worker": row["worker"] or None}),
        key=lambda row: [row["worker"], row["position"]],
    )


async def given_by(connection: asyncpg.Connection, plan_id: UUID) -> list[asyncpg.Record]:
    """The files that the plan gives, each with the worker and the version that the plan saw."""
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT worker, file.id, file.version FROM assignment_plan_worker,"
        " unnest(case_file_ids, file_versions) AS file (id, version) WHERE plan_id = $1 AND worker <> ''",
        plan_id,
    )
    return rows
