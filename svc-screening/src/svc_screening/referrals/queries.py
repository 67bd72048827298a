"""Reads of referrals. Lists and figures show the people who are in the scope now, wherever they were referred."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_screening.referrals.models import STILL_AWAITED
from svc_screening.referrals.schemas import (
    ClinicReferral,
    ClinicReferralFilters,
    Level,
    LoopClosure,
    LoopFilters,
    LoopReport,
    ReferralFilters,
    ReferralRead,
    ReferralSummary,
)

_FOR_A_CLINIC = """
    r.id, r.version, r.status, r.programme_code AS programme, r.refers_to, r.clinic_id, p.jurisdiction AS center,
    p.birth_date, p.sex, p.given_name, p.family_name, e.reason, e.found, r.issued_on, r.due_on, r.attended_on,
    r.diagnosis, r.diagnosed_on, r.treatment, r.treated_on, r.aid, r.invoice_number, r.invoice_rials,
    r.next_follow_up_on, r.followed_until, r.ended_on, r.end_reason
"""
_FROM = """
    referral AS r JOIN person AS p ON p.id = r.person_id JOIN encounter AS e ON e.id = r.encounter_id
"""
# $3: today
_SUMMARY = f"""
    SELECT {_FOR_A_CLINIC}, r.person_id, r.encounter_id, r.campaign_id, r.programme_year,
           r.jurisdiction AS issued_at_center, r.issued_by, r.token,
           r.{STILL_AWAITED} AND coalesce(r.due_on < $3, false) AS overdue, r.reminders, r.reminded_at,
           r.escalated_to, r.escalated_at
      FROM {_FROM} WHERE p.jurisdiction >= $1 AND p.jurisdiction < $2
"""
LIST = f"""
    {_SUMMARY}
       AND ($4::text IS NULL OR r.programme_code = $4) AND ($5::uuid IS NULL OR r.campaign_id = $5)
       AND ($6::uuid IS NULL OR r.person_id = $6) AND ($7::text IS NULL OR r.status = $7)
       AND ($8::boolean IS NULL OR (r.{STILL_AWAITED} AND coalesce(r.due_on < $3, false)) = $8)
       AND ($9::boolean IS NULL OR (r.escalated_to IS NOT NULL) = $9)
       AND ($10::date IS NULL OR (coalesce(r.due_on, $12), r.id) > ($10, $11::uuid))
     ORDER BY coalesce(r.due_on, $12), r.id LIMIT $13
"""
_STEPS = "SELECT kind, at, actor, about FROM referral_step WHERE referral_id = $1 ORDER BY id"
_OF_CLIENT = f"""
    SELECT {_FOR_A_CLINIC} FROM {_FROM} JOIN clinic AS c ON c.id = r.clinic_id
     WHERE p.jurisdiction >= $1 AND p.jurisdiction < $2 AND c.client = $3
"""
_LAST = date(9999, 12, 31)
"""What has no day comes last."""
LOOPS = f"""
    SELECT substr(p.jurisdiction, 1, $4) AS jurisdiction, r.programme_code AS programme, count(*) AS referred,
           count(r.attended_on) AS attended, count(r.diagnosed_on) AS diagnosed,
           count(*) FILTER (WHERE r.disorder) AS confirmed, count(*) FILTER (WHERE NOT r.disorder) AS false_alarms,
           count(r.treated_on) AS treated, count(r.invoice_number) AS aided,
           count(*) FILTER (WHERE r.{STILL_AWAITED}) AS awaited,
           count(*) FILTER (WHERE r.{STILL_AWAITED} AND r.due_on < $3) AS overdue,
           count(*) FILTER (WHERE r.status = 'lost') AS lost,
           count(*) FILTER (WHERE r.given_up_on IS NOT NULL AND r.status <> 'lost' AND r.attended_on IS NOT NULL)
               AS won_back,
           count(*) FILTER (WHERE NOT r.disorder OR r.treated_on IS NOT NULL) AS loops_closed
      FROM referral AS r JOIN person AS p ON p.id = r.person_id
     WHERE p.jurisdiction >= $1 AND p.jurisdiction < $2 AND r.status <> 'withdrawn'
       AND ($5::text IS NULL OR r.programme_code = $5) AND ($6::uuid IS NULL OR r.campaign_id = $6)
       AND ($7::date IS NULL OR r.issued_on >= $7) AND ($8::date IS NULL OR r.issued_on <= $8)
     GROUP BY 1, 2 ORDER BY 1, 2
"""
_LENGTH = {Level.CENTER: 7, Level.COUNTY: 4, Level.PROVINCE: 2}


async def referral(connection: asyncpg.Connection, referral_id: UUID, *, scope: tuple[str, str]) -> ReferralRead:
    """Raises NotFound when the person is not in the scope."""
    row = await connection.fetchrow(f"{_SUMMARY} AND r.id = $4", *scope, today(), referral_id)
    if row is None:
        raise NotFound
    steps = await connection.fetch(_STEPS, referral_id)
    return ReferralRead(**row, steps=[dict(step) for step in steps])


async def list_referrals(query: Query, filters: ReferralFilters) -> Page[ReferralSummary]:
    """The soonest due first. Raises ScopeForbidden."""
    due_on, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        LIST,
        *_within(query, filters.jurisdiction).range,
        today(),
        filters.programme,
        filters.campaign_id,
        filters.person_id,
        filters.status,
        filters.overdue,
        filters.escalated,
        None if due_on is None else date.fromisoformat(due_on),
        after,
        _LAST,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: ReferralSummary(**row),
        key=lambda row: [str(row["due_on"] or _LAST), str(row["id"])],
    )


async def clinic_referral(
    connection: asyncpg.Connection, referral_id: UUID, *, client: str, scope: tuple[str, str]
) -> ClinicReferral:
    """Raises NotFound when it is not one of the client's clinics."""
    row = await connection.fetchrow(f"{_OF_CLIENT} AND r.id = $4", *scope, client, referral_id)
    if row is None:
        raise NotFound
    return ClinicReferral(**row)


async def list_clinic_referrals(query: Query, filters: ClinicReferralFilters) -> Page[ClinicReferral]:
    """Those of the client's clinics, the latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_OF_CLIENT} AND ($4::text IS NULL OR r.status = $4) AND ($5::uuid IS NULL OR r.id < $5)"
        " ORDER BY r.id DESC LIMIT $6",
        *query.scope_range,
        query.actor.subject,
        filters.status,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: ClinicReferral(**row), key=lambda row: [str(row["id"])])


async def loops(query: Query, filters: LoopFilters) -> LoopReport:
    """Raises ScopeForbidden."""
    rows = await query.fetch(
        LOOPS,
        *_within(query, filters.jurisdiction).range,
        today(),
        _LENGTH[filters.by],
        filters.programme,
        filters.campaign_id,
        filters.issued_from,
        filters.issued_to,
    )
    return LoopReport(items=[_loop(row) for row in rows])


def _loop(row: asyncpg.Record) -> LoopClosure:
    return LoopClosure(
        **row,
        attendance_rate=_share(row["attended"], row["referred"]),
        false_alarm_rate=_share(row["false_alarms"], row["diagnosed"]),
        loop_closure_rate=_share(row["loops_closed"], row["referred"]),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _within(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    place = wished or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    return place
