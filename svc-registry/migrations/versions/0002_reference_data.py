"""Provinces and counties, the 22 services, and the rules that held when the centers opened and since.

Catalogue and rules are announced after migrating (`announced_at` is still null), so that others learn of them.
"""

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

DATA = Path(__file__).parents[1] / "data"
CENTERS_OPENED = date(2021, 3, 8)
"""18 Esfand 1399."""
CAPACITY_RAISED = date(2025, 11, 5)
"""14 Aban 1404."""

LAUNCH = "قاعدهٔ آغاز به کار مراکز مثبت زندگی، ۱۸ اسفند ۱۳۹۹"
RAISED = "قاعدهٔ اعلام‌شده در ۱۴ آبان ۱۴۰۴: ۲۰۰ پرونده برای هر مددکار و ۶۰۰ پرونده برای هر مرکز"
VISITS = "تعهد قرارداد مراکز: بازدید حضوری هر پرونده دست‌کم هر شش ماه"

PARAMETERS = [
    ("01a2008d-7400-711d-9478-39b97f4a7c15", "files-per-center-minimum", 150, "files", CENTERS_OPENED, None, LAUNCH),
    (
        "01a2008d-7400-723a-9478-3372fe94f82a",
        "files-per-center-maximum",
        450,
        "files",
        CENTERS_OPENED,
        date(2025, 11, 4),
        LAUNCH,
    ),
    ("01a2008d-7400-7357-9478-2d2c7ddf743f", "files-per-center-maximum", 600, "files", CAPACITY_RAISED, None, RAISED),
    (
        "01a2008d-7400-7474-9478-26e5fd29f054",
        "files-per-worker",
        150,
        "files",
        CENTERS_OPENED,
        date(2025, 11, 4),
        LAUNCH,
    ),
    ("01a2008d-7400-7591-9478-209f7c746c69", "files-per-worker", 200, "files", CAPACITY_RAISED, None, RAISED),
    ("01a2008d-7400-76ae-9478-1a58fbbee87e", "home-visit-interval-months", 6, "months", CENTERS_OPENED, None, VISITS),
]


def upgrade() -> None:
    op.bulk_insert(
        _table("province", "code", "iso_3166_2", "name_fa", "name_en"),
        [
            {
                "code": row["province_code"],
                "iso_3166_2": row["iso_3166_2"],
                "name_fa": row["name_fa"],
                "name_en": row["name_en"],
            }
            for row in _rows("provinces.csv")
        ],
    )
    op.bulk_insert(
        _table("county", "code", "name_fa", "name_en", "latitude", "longitude"),
        [
            {
                "code": row["county_code"],
                "name_fa": row["name_fa"],
                "name_en": row["name_en"],
                "latitude": float(row["latitude"]),
                "longitude": float(row["longitude"]),
            }
            for row in _rows("counties.csv")
        ],
    )
    op.bulk_insert(
        _table("catalogue_service", "code", "version", "name_fa", "name_en", "domain", "active_from", "source"),
        [row | {"version": 1, "active_from": CENTERS_OPENED} for row in _rows("catalogue.csv")],
    )
    columns = ("id", "name", "value", "unit", "valid_from", "valid_to", "source")
    op.bulk_insert(
        _table("parameter", *columns, "version", "jurisdiction", "set_by", "set_at"),
        [
            dict(zip(columns, row, strict=True))
            | {
                "id": UUID(row[0]),
                "version": 1,
                "jurisdiction": "",
                "set_by": "system:registry",
                "set_at": datetime.now(UTC),
            }
            for row in PARAMETERS
        ],
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns))
