"""Whose coverage is asked for, and how it is written down."""

import csv
import io

from shared.chassis.database import Query
from shared.kit.problems import ScopeForbidden
from svc_screening.coverage import queries
from svc_screening.coverage.schemas import Coverage, CoverageFilters, CoverageReport


async def coverage(query: Query, asked: CoverageFilters) -> CoverageReport:
    """Raises ScopeForbidden, NotFound, ProgrammeUnknown and NobodyIsLookedFor."""
    place = asked.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    cohort = await queries.cohort(query.connection, asked)
    return await queries.coverage(query, asked, cohort, place=place)


def as_csv(report: CoverageReport) -> str:
    """The figures with their denominators in the line of each; what has no denominator is empty."""
    about = ("programme", "year", "campaign_id", "born_from", "born_to")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*about, *Coverage.model_fields])
    head = [getattr(report, name) for name in about]
    for item in report.items:
        writer.writerow([*head, *(getattr(item, name) for name in Coverage.model_fields)])
    return text.getvalue()
