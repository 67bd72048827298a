"""Reads of official holidays, which are told to everyone."""

from datetime import date

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import jalali, today
from svc_licensing.working_days.schemas import HolidayFilters, HolidayRead


async def holidays(connection: asyncpg.Connection, *, since: date) -> frozenset[date]:
    return frozenset(
        row["day"] for row in await connection.fetch("SELECT day FROM official_holiday WHERE day >= $1", since)
    )


async def list_holidays(query: Query, filters: HolidayFilters) -> Page[HolidayRead]:
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(
        "SELECT day, name_fa, set_by, set_at FROM official_holiday"
        " WHERE day >= $1 AND ($2::date IS NULL OR day > $2) ORDER BY day LIMIT $3",
        filters.since or today(),
        None if after is None else date.fromisoformat(after),
        filters.limit + 1,
    )
    return query.page(filters, rows, make=holiday, key=lambda row: [str(row["day"])])


def holiday(row: asyncpg.Record) -> HolidayRead:
    return HolidayRead(**row, day_jalali=jalali(row["day"]))


async def read_holiday(connection: asyncpg.Connection, day: date) -> HolidayRead | None:
    row = await connection.fetchrow("SELECT day, name_fa, set_by, set_at FROM official_holiday WHERE day = $1", day)
    return None if row is None else holiday(row)
