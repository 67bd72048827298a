"""Who is due for a programme: of its ages or of a campaign's cohort, by what they were last screened with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import TEHRAN, jalali_year, today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, NotFound
from svc_screening.campaigns import queries as campaigns
from svc_screening.decisions import Kind
from svc_screening.due_lists.errors import NobodyIsLookedFor
from svc_screening.due_lists.schemas import BaseDueFilters, DueCount, DuePerson
from svc_screening.programmes import queries as programmes
from svc_screening.programmes.errors import ProgrammeUnknown
from svc_screening.programmes.models import DECIDES

# $1 $2 the place, $3 $4 the days of birth, $5 the first day of birth of those who are looked for to be tested again and
# for nothing else, $6 programme, $7 today, $8 before when a test was long ago, $9 the same as a year, for a campaign
_PEOPLE = """
    SELECT p.id, p.jurisdiction, p.birth_date, p.sex, p.case_file_number, p.given_name, p.family_name,
           s.outcome AS last_outcome, (s.last_at AT TIME ZONE 'Asia/Tehran')::date AS last_on,
           s.encounter_id AS last_encounter_id, s.next_stage, s.repeat_from, s.repeat_by,
           CASE WHEN e.last_at IS NOT NULL AND (s.examined IS NOT TRUE OR s.last_at < e.last_at)
                THEN CASE WHEN e.programme_year < $9 OR e.last_at < $8 THEN 'yearly' END
                WHEN s.outcome IS NULL THEN 'never'
                WHEN s.outcome = 'rescreen' THEN CASE WHEN s.repeat_by < $7 THEN 'overdue' ELSE 'repeat' END
                WHEN s.outcome IN ('absent', 'not-testable') THEN 'retry'
                WHEN s.programme_year < $9 OR s.last_at < $8 THEN 'yearly' END AS kind
      FROM person AS p
      LEFT JOIN LATERAL (
            SELECT * FROM screening WHERE person_id = p.id AND programme_code = $6
             ORDER BY programme_year DESC LIMIT 1) AS s ON true
      LEFT JOIN LATERAL (
            SELECT * FROM screened_elsewhere WHERE person_id = p.id AND programme_code = $6
             ORDER BY programme_year DESC LIMIT 1) AS e ON true
     WHERE p.jurisdiction >= $1 AND p.jurisdiction < $2 AND p.present AND p.birth_date BETWEEN $5 AND $4
       AND (p.birth_date >= $3 OR s.outcome = 'rescreen')
"""
LIST = f"""
    SELECT * FROM ({_PEOPLE}) AS person
     WHERE kind IS NOT NULL AND ($10::text IS NULL OR kind = $10)
       AND ($11::text IS NULL OR (jurisdiction, birth_date, id) > ($11, $12::date, $13::uuid))
     ORDER BY jurisdiction, birth_date, id LIMIT $14
"""
_COUNT = f"""
    SELECT jurisdiction AS center, count(*) AS eligible, count(kind) AS due,
           count(*) FILTER (WHERE kind = 'never') AS never, count(*) FILTER (WHERE kind = 'yearly') AS yearly,
           count(*) FILTER (WHERE kind = 'retry') AS retry, count(*) FILTER (WHERE kind = 'repeat') AS repeat,
           count(*) FILTER (WHERE kind = 'overdue') AS overdue
      FROM ({_PEOPLE}) AS person GROUP BY jurisdiction ORDER BY jurisdiction
"""
STILL_LOOKED_FOR = timedelta(days=366)
"""How long after growing out of a programme somebody who failed its first test is still looked for."""


@dataclass(frozen=True)
class Wanted:
    """Who is looked for, and from when on a test counts as long ago."""

    programme: str
    born_from: date
    born_to: date
    day: date
    tested_before: datetime | None
    """Whoever was last tested before this day is due again; None: nobody is."""
    year: int | None
    """Whoever was last screened in an earlier Jalali year is due again: in a campaign, which comes once a year."""

    def arguments(self, place: Jurisdiction) -> list[object]:
        born = (self.born_from, self.born_to, self.born_from - STILL_LOOKED_FOR)
        return [*place.range, *born, self.programme, self.day, self.tested_before, self.year]


async def wanted(connection: asyncpg.Connection, programme: str, *, campaign_id: UUID | None) -> Wanted:
    """Raises ProgrammeUnknown, NobodyIsLookedFor, and NotFound for a campaign that is none of the programme."""
    day = today()
    protocol = await programmes.in_force(connection, programme, day)
    if protocol is None:
        raise ProgrammeUnknown(errors=[FieldError("programme", ProgrammeUnknown.code, ProgrammeUnknown.title)])
    every = next(
        (
            rule.figures["months"]
            for rule in protocol.rules
            if rule.kind == Kind.SCREENED_EVERY and rule.standing in DECIDES and rule.figures is not None
        ),
        None,
    )
    if campaign_id is not None:
        campaign = await campaigns.read_campaign(connection, campaign_id)
        if campaign.programme != programme:
            raise NotFound
        year = None if every is None else jalali_year(campaign.opens_on)
        return Wanted(programme, campaign.born_from, campaign.born_to, day, None, year)
    if protocol.from_months is None or protocol.to_months is None:
        raise NobodyIsLookedFor
    return Wanted(
        programme,
        months_before(day, protocol.to_months) + timedelta(days=1),
        months_before(day, protocol.from_months),
        day,
        None if every is None else datetime.combine(months_before(day, every), time(), TEHRAN),
        None,
    )


async def due(query: Query, filters: BaseDueFilters, wanted: Wanted, *, place: Jurisdiction) -> Page[DuePerson]:
    """By center, the eldest first: they grow out of the programme next."""
    center, birth_date, after = query.position(filters) or [None, None, None]
    rows = await query.fetch(
        LIST,
        *wanted.arguments(place),
        filters.kind,
        center,
        None if birth_date is None else date.fromisoformat(birth_date),
        after,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: DuePerson(**row),
        key=lambda row: [row["jurisdiction"], str(row["birth_date"]), str(row["id"])],
    )


async def counts(query: Query, wanted: Wanted, *, place: Jurisdiction) -> list[DueCount]:
    return [DueCount(**row) for row in await query.fetch(_COUNT, *wanted.arguments(place))]


def months_before(day: date, months: int) -> date:
    """The same day of a month that many months ago, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
