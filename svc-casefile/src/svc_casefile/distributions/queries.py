"""Reads of distributions, and of what a plan is made from."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import NotFound
from svc_casefile.distributions.schemas import (
    CenterFilters,
    CenterLoad,
    DistributionFilters,
    DistributionRead,
    Placement,
    PlacementFilters,
    Shortfall,
)

LOADED = "('waiting', 'active', 'suspended')"
"""The states in which a file that is with a center counts against its maximum."""

_LOAD = f"""
    (SELECT count(*) FROM case_file WHERE case_file.jurisdiction = center.code AND case_file.status IN {LOADED})
    + (SELECT count(*) FROM transfer WHERE transfer.destination = center.code AND transfer.status = 'accepted')
"""
"""What counts against a center's maximum: the files it has, and those it has accepted that are still to come."""

_DISTRIBUTION = """
    id, jurisdiction, version, status, rules_on AS "on", files, placed, unplaced, total_metres, created_at, created_by,
    decided_at, decided_by
"""


async def waiting_files(connection: asyncpg.Connection, jurisdiction: Jurisdiction) -> list[asyncpg.Record]:
    """The undistributed files county by county, by column, in no order; ids as texts, because a hundred thousand UUID
    objects would cost more than the solver."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """
        SELECT jurisdiction AS county, array_agg(id::text) AS ids, array_agg(version) AS versions,
               array_agg(latitude) AS latitudes, array_agg(longitude) AS longitudes
          FROM case_file
         WHERE jurisdiction >= $1 AND jurisdiction < $2 AND length(jurisdiction) = 4 AND status = 'waiting'
         GROUP BY jurisdiction
        """,
        *jurisdiction.range,
    )
    return rows


async def open_centers(connection: asyncpg.Connection, jurisdiction: Jurisdiction) -> list[asyncpg.Record]:
    """The open centers in the order of their codes, each with the files it has."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""
        SELECT code, latitude, longitude, {_LOAD} AS load
          FROM center
         WHERE code >= $1 AND code < $2 AND status = 'open'
         ORDER BY code
        """,
        *jurisdiction.range,
    )
    return rows


async def distribution(
    connection: asyncpg.Connection, distribution_id: UUID, *, scope: tuple[str, str], lock: bool = False
) -> DistributionRead:
    """Raises NotFound when the distribution is not in the scope. `lock`: nobody else can decide on it meanwhile."""
    row = await connection.fetchrow(
        f"SELECT {_DISTRIBUTION} FROM distribution WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3"
        + (" FOR UPDATE" if lock else ""),
        distribution_id,
        *scope,
    )
    if row is None:
        raise NotFound
    return _distribution(row)


def _distribution(row: asyncpg.Record) -> DistributionRead:
    return DistributionRead(**{**row, "jurisdiction": Jurisdiction.from_code(row["jurisdiction"])})


async def list_distributions(query: Query, filters: DistributionFilters) -> Page[DistributionRead]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_DISTRIBUTION} FROM distribution WHERE jurisdiction >= $1 AND jurisdiction < $2"
        " AND ($3::text IS NULL OR status = $3) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        *query.scope_range,
        filters.status,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_distribution, key=lambda row: [str(row["id"])])


async def centers(query: Query, distribution_id: UUID, filters: CenterFilters) -> Page[CenterLoad]:
    """Raises NotFound when the distribution is not in the scope."""
    await distribution(query.connection, distribution_id, scope=query.scope_range)
    (after,) = query.position(filters) or [""]
    rows = await query.fetch(
        "SELECT load.*, center.name_fa FROM distribution_center AS load LEFT JOIN center ON center.code = load.center"
        " WHERE distribution_id = $1 AND load.center > $2 ORDER BY load.center LIMIT $3",
        distribution_id,
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_center, key=lambda row: [row["center"]])


def _center(row: asyncpg.Record) -> CenterLoad:
    lacking = row["minimum"] - row["load_after"]
    shortfall = Shortfall(files=lacking, county_files=row["county_files"], county_need=row["county_need"])
    return CenterLoad(**row, shortfall=shortfall if lacking > 0 else None)


async def placements(query: Query, distribution_id: UUID, filters: PlacementFilters) -> Page[Placement]:
    """County by county, those who stay first and then center by center. Raises NotFound when the distribution is not
    in the scope."""
    await distribution(query.connection, distribution_id, scope=query.scope_range)
    place, position = query.position(filters) or ["", 0]
    rows = await query.fetch(
        """
        SELECT place, position, file.case_file_id, case_file.number,
               nullif(file.metres, -1) AS metres, nullif(file.choice, 0) AS choice, file.reason
          FROM distribution_placement AS placement,
               unnest(case_file_ids, metres, choices, reasons) WITH ORDINALITY
                   AS file (case_file_id, metres, choice, reason, position)
          LEFT JOIN case_file ON case_file.id = file.case_file_id
         WHERE distribution_id = $1 AND place >= $2 AND (place > $2 OR position > $3)
           AND ($4::text IS NULL OR place = $4) AND ($5::boolean IS NULL OR (length(place) = 7) = $5)
           AND ($6::text IS NULL OR reason = $6)
         ORDER BY place, position LIMIT $7
        """,
        distribution_id,
        place,
        position,
        None if filters.center is None else filters.center.code,
        filters.placed,
        filters.reason,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_placement, key=lambda row: [row["place"], row["position"]])


def _placement(row: asyncpg.Record) -> Placement:
    place = Jurisdiction(row["place"])
    return Placement(
        case_file_id=row["case_file_id"],
        number=row["number"],
        county=place.county,
        center=place if place.level == Level.CENTER else None,
        metres=row["metres"],
        choice=row["choice"],
        reason=row["reason"],
    )


async def what_changed(
    connection: asyncpg.Connection, distribution_id: UUID, *, limit: int
) -> tuple[list[asyncpg.Record], int]:
    """The placed files that are no longer as the plan saw them, up to a limit, and how many there are."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """
        SELECT case_file_id, count(*) OVER () AS total
          FROM distribution_placed_file AS placed
         WHERE distribution_id = $1
           AND NOT EXISTS (SELECT FROM case_file AS file
                            WHERE file.id = placed.case_file_id AND file.version = placed.file_version
                              AND file.jurisdiction = placed.county AND file.status = 'waiting')
         ORDER BY case_file_id LIMIT $2
        """,
        distribution_id,
        limit,
    )
    return rows, rows[0]["total"] if rows else 0


async def planned_loads(connection: asyncpg.Connection, distribution_id: UUID) -> list[asyncpg.Record]:
    """The centers that the plan gives files to: what it counted on, what they are now, and the files they have now."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""
        SELECT plan.center, plan.minimum, plan.maximum, plan.load_after - plan.load_before AS gain, center.status,
               {_LOAD} AS load
          FROM distribution_center AS plan LEFT JOIN center ON center.code = plan.center
         WHERE plan.distribution_id = $1 AND plan.load_after > plan.load_before
         ORDER BY plan.center
        """,
        distribution_id,
    )
    return rows


async def persons_of(connection: asyncpg.Connection, distribution_id: UUID) -> list[asyncpg.Record]:
    """Those who are now in the households that the plan places, household by household, the head first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """
        SELECT case_file_id, member.id AS member_id, relation, birth_date, sex
          FROM distribution_placed_file JOIN member USING (case_file_id)
         WHERE distribution_id = $1 AND left_on IS NULL
         ORDER BY case_file_id, relation <> 'head', member.id
        """,
        distribution_id,
    )
    return rows
