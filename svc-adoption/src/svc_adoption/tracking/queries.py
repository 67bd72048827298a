"""What an applicant is told."""

from uuid import UUID

import asyncpg

from shared.kit.problems import NotFound
from svc_adoption.priority import Group
from svc_adoption.tracking.schemas import Band, TrackedAdoption, TrackedPlace

BANDS = (10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
"""Where one band ends and the next begins."""


def band_of(ahead: int) -> Band:
    """The band of whoever has so many ahead."""
    first = 1
    for last in BANDS:
        if ahead < last:
            return Band(first=first, last=last)
        first = last + 1
    return Band(first=first, last=None)


async def place_of(connection: asyncpg.Connection, request_id: UUID, *, scope: tuple[str, str]) -> str:
    """Where a request is. Raises NotFound when not in the scope."""
    place: str | None = await connection.fetchval(
        "SELECT jurisdiction FROM request WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3",
        request_id,
        *scope,
    )
    if place is None:
        raise NotFound
    return place


async def tracked(connection: asyncpg.Connection, secret: bytes) -> TrackedAdoption | None:
    """The state of the request with this secret, wherever it is."""
    row = await connection.fetchrow("SELECT * FROM track_adoption_request($1)", secret)
    if row is None:
        return None
    place = None
    if row["ahead"] is not None:
        place = TrackedPlace(
            group=Group(row["rank"]).word, senior=row["senior"], since=row["since"], band=band_of(row["ahead"])
        )
    return TrackedAdoption(
        form=row["form"],
        status=row["status"],
        status_since=row["status_since"],
        opinion_due_on=row["opinion_due_on"],
        place=place,
    )
