"""Reads of assessments and help plans. Who sees the file sees them; lists and figures show what is in the scope now."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.help_plans.schemas import (
    AssessmentRead,
    EntryFilters,
    FileFilters,
    GoalCounts,
    HelpPlanEntryRead,
    HelpPlanRead,
    HelpPlanSummary,
    NeedOutcomes,
    OutcomeFilters,
    Outcomes,
    PlanFilters,
)
from svc_casefile.members.queries import BY_ID

_ASSESSMENT = """
    a.id, a.case_file_id, a.jurisdiction, a.assessed_on, a.summary, a.recorded_at, a.recorded_by,
    (SELECT json_agg(n.need || jsonb_build_object('rank', n.rank) ORDER BY n.rank)
     FROM jsonb_array_elements(a.needs) WITH ORDINALITY AS n (need, rank)) AS needs
"""
_ASSESSMENT_READ = f"""
    SELECT row_to_json(s)::text FROM (
        SELECT {_ASSESSMENT} FROM assessment a JOIN case_file f ON f.id = a.case_file_id
        WHERE a.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3) s
"""
_ASSESSMENTS = f"""
    SELECT s.id, row_to_json(s)::text AS body FROM (
        SELECT {_ASSESSMENT} FROM case_file f JOIN assessment a ON a.case_file_id = f.id
        WHERE f.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3 AND ($4::uuid IS NULL OR a.id < $4)
        ORDER BY a.id DESC LIMIT $5) s
"""
# {today}: the place of the argument with the date in Iran
_PLAN = """
    p.id, p.version, p.case_file_id, f.number AS case_file_number, p.jurisdiction, p.assessment_id, p.status,
    p.responsible, p.review_on, p.status = 'agreed' AND p.review_on < {today} AS review_overdue, p.agreed_on
"""
_COUNTED = """
    (SELECT count(*) FROM help_plan_goal WHERE help_plan_id = p.id) AS goals,
    (SELECT count(outcome) FROM help_plan_goal WHERE help_plan_id = p.id) AS goals_with_outcome
"""
_GOALS = """
    (SELECT coalesce(json_agg(row_to_json(g) ORDER BY g.position), '[]')
     FROM (SELECT goal.id, goal.position, goal.need, goal.member_id, goal.title, goal.indicator, goal.target_on,
                  goal.measures, last.direction, last.seen_on, goal.outcome, goal.outcome_on
           FROM help_plan_goal goal
           LEFT JOIN LATERAL (SELECT direction, seen_on FROM help_plan_entry WHERE goal_id = goal.id
                              ORDER BY id DESC LIMIT 1) last ON true
           WHERE goal.help_plan_id = p.id) g) AS goals
"""
_PLAN_READ = f"""
    SELECT row_to_json(s)::text FROM (
        SELECT {_PLAN.format(today="$4::date")}, p.agreed_with, p.closed_at, p.stop_reason, p.note, p.created_at,
               p.created_by, {_GOALS}
        FROM help_plan p JOIN case_file f ON f.id = p.case_file_id
        WHERE p.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3) s
"""
_PLANS_OF_FILE = f"""
    SELECT s.id, row_to_json(s)::text AS body FROM (
        SELECT {_PLAN.format(today="$4::date")}, {_COUNTED}
        FROM case_file f JOIN help_plan p ON p.case_file_id = f.id
        WHERE f.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3 AND ($5::uuid IS NULL OR p.id < $5)
        ORDER BY p.id DESC LIMIT $6) s
"""
_PLANS = f"""
    SELECT s.review_on, s.id, row_to_json(s)::text AS body FROM (
        SELECT {_PLAN.format(today="$3::date")}, {_COUNTED}
        FROM case_file f JOIN help_plan p ON p.case_file_id = f.id
        WHERE f.jurisdiction >= $1 AND f.jurisdiction < $2 AND p.status = $4
          AND ($5::date IS NULL OR p.review_on <= $5) AND ($6::text IS NULL OR p.responsible = $6)
          AND ($7::date IS NULL OR (p.review_on, p.id) > ($7, $8::uuid))
        ORDER BY p.review_on, p.id LIMIT $9) s
"""
_PLANS_COUNTED = """
    SELECT count(*) FILTER (WHERE p.status = 'agreed') AS plans_in_force,
           count(*) FILTER (WHERE p.status = 'completed') AS plans_completed,
           count(*) FILTER (WHERE p.status = 'stopped') AS plans_stopped,
           count(*) FILTER (WHERE p.status = 'agreed' AND p.review_on < $5) AS reviews_overdue
    FROM case_file f JOIN help_plan p ON p.case_file_id = f.id
    WHERE f.jurisdiction >= $1 AND f.jurisdiction < $2 AND p.agreed_on >= $3 AND p.agreed_on <= $4
"""
_GOALS_COUNTED = """
    SELECT goal.need,
           count(*) FILTER (WHERE goal.outcome = 'achieved') AS achieved,
           count(*) FILTER (WHERE goal.outcome = 'partly-achieved') AS partly_achieved,
           count(*) FILTER (WHERE goal.outcome = 'not-achieved') AS not_achieved,
           count(*) FILTER (WHERE goal.outcome = 'no-longer-needed') AS no_longer_needed,
           count(*) FILTER (WHERE goal.outcome IS NULL AND p.status = 'agreed') AS pending,
           count(*) FILTER (WHERE goal.outcome IS NULL AND p.status <> 'agreed') AS abandoned,
           count(*) FILTER (WHERE goal.outcome IS NULL AND p.status = 'agreed' AND goal.target_on < $5) AS overdue
    FROM case_file f JOIN help_plan p ON p.case_file_id = f.id JOIN help_plan_goal goal ON goal.help_plan_id = p.id
    WHERE f.jurisdiction >= $1 AND f.jurisdiction < $2 AND p.agreed_on >= $3 AND p.agreed_on <= $4
    GROUP BY goal.need
"""
_IN_NEED = """
    SELECT need ->> 'kind' AS need, count(DISTINCT last.case_file_id) AS households
    FROM (SELECT DISTINCT ON (a.case_file_id) a.case_file_id, a.needs
          FROM case_file f JOIN assessment a ON a.case_file_id = f.id
          WHERE f.jurisdiction >= $1 AND f.jurisdiction < $2 AND f.status <> 'closed' AND a.assessed_on <= $3
          ORDER BY a.case_file_id, a.assessed_on DESC, a.id DESC) last, jsonb_array_elements(last.needs) need
    GROUP BY 1
"""


async def assessment(connection: asyncpg.Connection, assessment_id: UUID, *, scope: tuple[str, str]) -> AssessmentRead:
    """Raises NotFound when its file is not in the scope."""
    body = await connection.fetchval(_ASSESSMENT_READ, assessment_id, *scope)
    if body is None:
        raise NotFound
    return AssessmentRead.model_validate_json(body)


async def assessments_of(query: Query, case_file_id: UUID, filters: FileFilters) -> Page[AssessmentRead]:
    """The latest recorded first. Raises NotFound when the file is not in the scope."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(_ASSESSMENTS, case_file_id, *BY_ID, before, filters.limit + 1)
    if not rows:
        await _require_file(query, case_file_id)
    return query.page(
        filters,
        rows,
        make=lambda row: AssessmentRead.model_validate_json(row["body"]),
        key=lambda row: [str(row["id"])],
    )


async def plan(connection: asyncpg.Connection, help_plan_id: UUID, *, scope: tuple[str, str]) -> HelpPlanRead:
    """Raises NotFound when its file is not in the scope."""
    body = await connection.fetchval(_PLAN_READ, help_plan_id, *scope, today())
    if body is None:
        raise NotFound
    return HelpPlanRead.model_validate_json(body)


async def file_of(connection: asyncpg.Connection, help_plan_id: UUID, *, scope: tuple[str, str]) -> UUID:
    """The file that a plan belongs to. Raises NotFound when that is not in the scope."""
    case_file_id = await connection.fetchval(
        "SELECT f.id FROM help_plan p JOIN case_file f ON f.id = p.case_file_id"
        " WHERE p.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3",
        help_plan_id,
        *scope,
    )
    if case_file_id is None:
        raise NotFound
    return UUID(str(case_file_id))


async def assessed(connection: asyncpg.Connection, case_file_id: UUID, assessment_id: UUID) -> bool:
    """Whether the file has this assessment."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM assessment WHERE id = $2 AND case_file_id = $1)", case_file_id, assessment_id
        )
    )


async def in_force(connection: asyncpg.Connection, case_file_id: UUID) -> UUID | None:
    """The file's plan that is in force, if there is one."""
    found: UUID | None = await connection.fetchval(
        "SELECT id FROM help_plan WHERE case_file_id = $1 AND status = 'agreed'", case_file_id
    )
    return found


async def present_members(connection: asyncpg.Connection, case_file_id: UUID) -> frozenset[UUID]:
    rows = await connection.fetch("SELECT id FROM member WHERE case_file_id = $1 AND left_on IS NULL", case_file_id)
    return frozenset(row["id"] for row in rows)


async def plans_of(query: Query, case_file_id: UUID, filters: FileFilters) -> Page[HelpPlanSummary]:
    """The latest first. Raises NotFound when the file is not in the scope."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(_PLANS_OF_FILE, case_file_id, *BY_ID, today(), before, filters.limit + 1)
    if not rows:
        await _require_file(query, case_file_id)
    return query.page(filters, rows, make=_summary, key=lambda row: [str(row["id"])])


async def list_plans(query: Query, filters: PlanFilters) -> Page[HelpPlanSummary]:
    """The soonest review first. Raises ScopeForbidden for a place outside the scope."""
    place = _within(query, filters.jurisdiction)
    day, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        _PLANS,
        *place.range,
        today(),
        filters.status,
        filters.review_until,
        filters.responsible,
        None if day is None else date.fromisoformat(day),
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_summary, key=lambda row: [row["review_on"].isoformat(), str(row["id"])])


async def entries(query: Query, help_plan_id: UUID, filters: EntryFilters) -> Page[HelpPlanEntryRead]:
    """The latest recorded first. Raises NotFound when the plan's file is not in the scope."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        "SELECT e.id, e.goal_id, e.seen_on, e.direction, e.outcome, e.next_review_on, e.note, e.recorded_at,"
        " e.recorded_by FROM help_plan p JOIN case_file f ON f.id = p.case_file_id"
        " JOIN help_plan_entry e ON e.help_plan_id = p.id"
        " WHERE p.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3 AND ($4::uuid IS NULL OR e.id < $4)"
        " ORDER BY e.id DESC LIMIT $5",
        help_plan_id,
        *BY_ID,
        before,
        filters.limit + 1,
    )
    if not rows:
        await file_of(query.connection, help_plan_id, scope=BY_ID)
    return query.page(filters, rows, make=lambda row: HelpPlanEntryRead(**row), key=lambda row: [str(row["id"])])


async def outcomes(query: Query, filters: OutcomeFilters) -> Outcomes:
    """Raises ScopeForbidden for a place outside the scope."""
    place = _within(query, filters.jurisdiction)
    period = (filters.agreed_from, filters.agreed_to)
    plans = await query.fetchrow(_PLANS_COUNTED, *place.range, *period, today())
    assert plans is not None
    counted = {row["need"]: dict(row) for row in await query.fetch(_GOALS_COUNTED, *place.range, *period, today())}
    in_need = {row["need"]: row["households"] for row in await query.fetch(_IN_NEED, *place.range, filters.agreed_to)}
    return Outcomes(
        jurisdiction=place,
        agreed_from=filters.agreed_from,
        agreed_to=filters.agreed_to,
        **plans,
        goals_overdue=sum(row["overdue"] for row in counted.values()),
        goals=_together(counted.values()),
        by_need=[
            NeedOutcomes(
                need=need,
                households_in_need=in_need.get(need, 0),
                goals=_together([counted[need]] if need in counted else []),
            )
            for need in sorted(counted.keys() | in_need.keys())
        ],
    )


def _together(rows: Collection[Mapping[str, Any]]) -> GoalCounts:
    return GoalCounts(**{name: sum(row[name] for row in rows) for name in GoalCounts.model_fields})


async def _require_file(query: Query, case_file_id: UUID) -> None:
    known = await query.fetchval(
        "SELECT EXISTS (SELECT FROM case_file WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3)",
        case_file_id,
        *BY_ID,
    )
    if not known:
        raise NotFound


def _within(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    if wished is None:
        return query.scope
    if not query.scope.covers(wished):
        raise ScopeForbidden
    return wished


def _summary(row: asyncpg.Record) -> HelpPlanSummary:
    return HelpPlanSummary.model_validate_json(row["body"])
