"""Reads of a household's timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_casefile.households.queries import utc
from svc_casefile.timeline.schemas import TimelineFilters


def entry(row: str) -> str:
    """The expression of a TimelineEntryRead, made of a row of `timeline_entry`."""
    return f"""json_build_object(
        'id', {row}.id, 'at', {utc(f"{row}.at")}, 'kind', {row}.kind, 'ref', {row}.ref, 'about', {row}.about,
        'jurisdiction', {row}.jurisdiction, 'actor', {row}.actor, 'recorded_at', {utc(f"{row}.recorded_at")})"""


_TIMELINE: Final = f"""
    SELECT e.at, e.id, {entry("e")}::text AS body
      FROM case_file f LEFT JOIN LATERAL (
           SELECT * FROM timeline_entry t WHERE t.case_file_id = f.id AND {{where}}
            ORDER BY t.at DESC, t.id DESC LIMIT $2) e ON true
     WHERE f.id = $1
"""


async def page_of(query: Query, case_file_id: UUID, *, filters: TimelineFilters) -> Page[str]:
    """A page of entries (each a TimelineEntryRead as JSON), the latest first.

    Raises NotFound when the file is not to be seen.
    """
    sql, arguments = statement(case_file_id, filters, position=query.position(filters))
    rows = await query.fetch(sql, *arguments)
    if not rows:
        raise NotFound
    entries = [row for row in rows if row["id"] is not None]
    return query.page(
        filters,
        entries,
        make=lambda row: str(row["body"]),
        key=lambda row: [row["at"].isoformat(), str(row["id"])],
    )


def statement(
    case_file_id: UUID, filters: TimelineFilters, *, position: Sequence[str] | None
) -> tuple[str, list[object]]:
    """What a page is fetched with; one row without an entry for a file that has none."""
    arguments: list[object] = [case_file_id, filters.limit + 1]
    conditions = ["true"]
    if filters.kind is not None:
        arguments.append(filters.kind)
        conditions.append("t.kind = $3")
    if position is not None:
        arguments += [datetime.fromisoformat(position[0]), UUID(position[1])]
        conditions.append(f"(t.at, t.id) < (${len(arguments) - 1}, ${len(arguments)})")
    return _TIMELINE.format(where=" AND ".join(conditions)), arguments
