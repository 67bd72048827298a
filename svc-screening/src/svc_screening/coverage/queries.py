"""What was screened, of whom, and what came of it, counted from what is recorded."""

from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg

from shared.chassis.database import Query
from shared.kit.calendar import JalaliMonth, jalali_year, today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, NotFound
from svc_screening.campaigns import queries as campaigns
from svc_screening.coverage.schemas import Coverage, CoverageFilters, CoverageReport
from svc_screening.due_lists.errors import NobodyIsLookedFor
from svc_screening.due_lists.queries import months_before
from svc_screening.programmes import queries as programmes
from svc_screening.programmes.errors import ProgrammeUnknown
from svc_screening.referrals.schemas import Level

_LENGTH = {Level.CENTER: 7, Level.COUNTY: 4, Level.PROVINCE: 2}
_ASKED = """
    programme_code = $4 AND ($5::integer IS NULL OR programme_year = $5)
    AND ($6::uuid IS NULL OR campaign_id = $6)
"""
# Person by person, beginning with those of the place: what is screened in the rest of the country costs nothing, and
# no plan that PostgreSQL keeps can be worse by an order.
# $1 $2 the place, $3 digits of the places that are counted, $4 programme, $5 year, $6 campaign, $7 $8 days of birth
COVERAGE = f"""
    WITH person_at AS (
        SELECT substr(p.jurisdiction, 1, $3) AS jurisdiction, p.counts_as,
               bool_or(p.present AND p.birth_date BETWEEN $7 AND $8) AS eligible,
               coalesce(bool_or(s.examined), false) AS examined,
               coalesce(bool_or(e.to_repeat), false) AS to_repeat, coalesce(bool_or(e.repeated), false) AS repeated,
               coalesce(bool_or(r.referred), false) AS referred, coalesce(bool_or(r.attended), false) AS attended,
               coalesce(bool_or(r.confirmed), false) AS confirmed, coalesce(bool_or(r.treated), false) AS treated
          FROM person AS p
          LEFT JOIN LATERAL (
                SELECT bool_or(examined) AS examined FROM screening WHERE person_id = p.id AND {_ASKED}
          ) AS s ON true
          LEFT JOIN LATERAL (
                SELECT bool_or(outcome = 'rescreen') AS to_repeat,
                       bool_or(repeat_of IS NOT NULL AND attendance = 'examined') AS repeated
                  FROM encounter WHERE s.examined AND person_id = p.id AND {_ASKED} AND corrected_by IS NULL
          ) AS e ON true
          LEFT JOIN LATERAL (
                SELECT count(*) > 0 AS referred, bool_or(attended_on IS NOT NULL) AS attended,
                       bool_or(disorder) AS confirmed, bool_or(treated_on IS NOT NULL) AS treated
                  FROM referral WHERE person_id = p.id AND {_ASKED} AND status <> 'withdrawn'
          ) AS r ON true
         WHERE p.jurisdiction >= $1 AND p.jurisdiction < $2
           AND (p.present AND p.birth_date BETWEEN $7 AND $8 OR s.examined IS NOT NULL OR r.referred)
         GROUP BY 1, 2
    )
    SELECT jurisdiction, count(*) FILTER (WHERE eligible) AS eligible,
           count(*) FILTER (WHERE eligible AND examined) AS screened,
           count(*) FILTER (WHERE examined AND NOT eligible) AS screened_others,
           count(*) FILTER (WHERE examined AND to_repeat) AS to_repeat,
           count(*) FILTER (WHERE examined AND repeated) AS repeated,
           count(*) FILTER (WHERE referred) AS referred, count(*) FILTER (WHERE attended) AS attended,
           count(*) FILTER (WHERE confirmed) AS confirmed, count(*) FILTER (WHERE treated) AS treated
      FROM person_at GROUP BY jurisdiction ORDER BY jurisdiction
"""


@dataclass(frozen=True)
class Cohort:
    """Who is eligible, and what was done when."""

    born_from: date
    born_to: date
    year: int | None


async def cohort(connection: asyncpg.Connection, asked: CoverageFilters) -> Cohort:
    """A campaign's cohort, or who is of the programme's ages today (of an earlier year: on its last day).

    Raises ProgrammeUnknown, NobodyIsLookedFor, and NotFound for a campaign that is none of the programme.
    """
    if asked.campaign_id is not None:
        campaign = await campaigns.read_campaign(connection, asked.campaign_id)
        if campaign.programme != asked.programme:
            raise NotFound
        return Cohort(campaign.born_from, campaign.born_to, None)
    year = asked.year or jalali_year(today())
    day = min(today(), JalaliMonth(f"{year}-12").last_day)
    protocol = await programmes.in_force(connection, asked.programme, day)
    if protocol is None:
        raise ProgrammeUnknown(errors=[FieldError("programme", ProgrammeUnknown.code, ProgrammeUnknown.title)])
    if protocol.from_months is None or protocol.to_months is None:
        raise NobodyIsLookedFor
    born_from = months_before(day, protocol.to_months) + timedelta(days=1)
    return Cohort(born_from, months_before(day, protocol.from_months), year)


async def coverage(query: Query, asked: CoverageFilters, cohort: Cohort, *, place: Jurisdiction) -> CoverageReport:
    rows = await query.fetch(
        COVERAGE,
        *place.range,
        _LENGTH[asked.by],
        asked.programme,
        cohort.year,
        asked.campaign_id,
        cohort.born_from,
        cohort.born_to,
    )
    return CoverageReport(
        programme=asked.programme,
        year=cohort.year,
        campaign_id=asked.campaign_id,
        born_from=cohort.born_from,
        born_to=cohort.born_to,
        items=[_coverage(row) for row in rows],
    )


def _coverage(row: asyncpg.Record) -> Coverage:
    examined = row["screened"] + row["screened_others"]
    return Coverage(
        **row,
        coverage_rate=_share(row["screened"], row["eligible"]),
        referral_rate=_share(row["referred"], examined),
        attendance_rate=_share(row["attended"], row["referred"]),
        yield_rate=_share(row["confirmed"], examined),
        treatment_rate=_share(row["treated"], row["confirmed"]),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
