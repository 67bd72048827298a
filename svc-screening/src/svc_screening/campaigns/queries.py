"""Reads of campaigns, which are public."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import jalali
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_screening.campaigns.schemas import CampaignFilters, CampaignRead

_CAMPAIGN = """
    SELECT id, version, programme_code AS programme, jurisdiction, status, name_fa, name_en, born_from, born_to,
           opens_on, closes_on, created_at, created_by
      FROM campaign
"""


async def read_campaign(connection: asyncpg.Connection, campaign_id: UUID) -> CampaignRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_CAMPAIGN} WHERE id = $1", campaign_id)
    if row is None:
        raise NotFound
    return campaign(row)


async def list_campaigns(query: Query, filters: CampaignFilters) -> Page[CampaignRead]:
    """The latest season first."""
    opens_on, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"{_CAMPAIGN} WHERE ($1::text IS NULL OR programme_code = $1) AND ($2::text IS NULL OR status = $2)"
        " AND ($3::text IS NULL OR starts_with($3, jurisdiction))"
        " AND ($4::date IS NULL OR $4 BETWEEN opens_on AND closes_on)"
        " AND ($5::text IS NULL OR (opens_on, id) < ($5::date, $6::uuid))"
        " ORDER BY opens_on DESC, id DESC LIMIT $7",
        filters.programme,
        filters.status,
        None if filters.covering is None else filters.covering.code,
        filters.on,
        opens_on,
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=campaign, key=lambda row: [str(row["opens_on"]), str(row["id"])])


def campaign(row: Mapping[str, Any]) -> CampaignRead:
    return CampaignRead(
        **{**row, "jurisdiction": Jurisdiction.from_code(row["jurisdiction"])},
        born_from_jalali=jalali(row["born_from"]),
        born_to_jalali=jalali(row["born_to"]),
    )
