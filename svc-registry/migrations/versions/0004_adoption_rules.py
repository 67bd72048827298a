"""The numbers of the law of 31 Shahrivar 1392 on children without guardians that published texts confirm."""

from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

LAW = date(2013, 9, 22)
PRACTICE_NOTE = date(2023, 9, 23)
TEXT = "قانون حمایت از کودکان و نوجوانان بی‌سرپرست و بدسرپرست، ۱۳۹۲/۶/۳۱، "
NOTE = "شیوه‌نامهٔ مراقبت موقت (خانوادهٔ میزبان)، مهر ۱۴۰۲"

PARAMETERS = [
    ("01a2008d-7400-7a01-9478-000000000001", "adoption-marriage-years", 5, "years", LAW, TEXT + "مادهٔ ۵"),
    ("01a2008d-7400-7a01-9478-000000000002", "adoption-one-spouse-over-years", 30, "years", LAW, TEXT + "مادهٔ ۵"),
    ("01a2008d-7400-7a01-9478-000000000003", "adoption-single-from-years", 30, "years", LAW, TEXT + "مادهٔ ۵"),
    ("01a2008d-7400-7a01-9478-000000000004", "adoption-senior-from-years", 50, "years", LAW, TEXT + "مادهٔ ۵، تبصرهٔ ۴"),
    ("01a2008d-7400-7a01-9478-000000000005", "adoption-children-at-most", 2, "children", LAW, TEXT + "مادهٔ ۷"),
    ("01a2008d-7400-7a01-9478-000000000006", "adoption-child-under-years", 16, "years", LAW, TEXT + "کودک زیر ۱۶ سال"),
    ("01a2008d-7400-7a01-9478-000000000007", "adoption-opinion-months", 2, "months", LAW, TEXT + "مادهٔ ۱۱"),
    ("01a2008d-7400-7a01-9478-000000000008", "adoption-trial-months", 6, "months", LAW, TEXT + "مادهٔ ۱۱"),
    ("01a2008d-7400-7a01-9478-000000000010", "adoption-unclaimed-years", 2, "years", LAW, TEXT + "مادهٔ ۸"),
    ("01a2008d-7400-7a01-9478-000000000009", "temporary-care-child-under-years", 18, "years", PRACTICE_NOTE, NOTE),
]


def upgrade() -> None:
    columns = ("id", "name", "value", "unit", "valid_from", "source", "version", "jurisdiction", "set_by", "set_at")
    op.bulk_insert(
        sa.table("parameter", *map(sa.column, columns)),
        [
            dict(zip(columns, (UUID(key), *rest, 1, "", "system:registry", datetime.now(UTC)), strict=True))
            for key, *rest in PARAMETERS
        ],
    )
