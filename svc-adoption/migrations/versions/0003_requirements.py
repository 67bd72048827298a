"""Centers as the registry announces them; what each form of care asks for, with what is published of it.

What a source confirms holds from the beginning. Guardianship and trusteeship have no row: nothing published says which
documents and checks they take, so people have to propose and sign off that first.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.chassis.migrations import public_read

revision = "0003"
down_revision = "0002"

REQUIREMENTS = Path(__file__).parents[1] / "data" / "requirements.json"
PUBLISHED = "system:adoption"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE center (
            code text COLLATE "C" CONSTRAINT pk_center PRIMARY KEY,
            version integer NOT NULL,
            status text NOT NULL,
            name_fa text NOT NULL,
            name_en text,
            area_class text NOT NULL
        )
        """
    )
    public_read(op, "center", column="code", reason="which centers there are is public; registry tells it to everyone")
    op.execute(
        """
        CREATE TABLE requirement (
            id uuid CONSTRAINT pk_requirement PRIMARY KEY,
            form text NOT NULL,
            number integer NOT NULL,
            version integer NOT NULL,
            standing text NOT NULL
                CONSTRAINT ck_requirement_standing CHECK (standing IN ('confirmed', 'proposed', 'signed-off')),
            valid_from date NOT NULL,
            process text NOT NULL,
            documents jsonb NOT NULL,
            checks text[] NOT NULL,
            source text NOT NULL,
            proposed_by text NOT NULL,
            proposed_at timestamptz NOT NULL,
            signed_off_by text,
            signed_off_at timestamptz
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_requirement_number ON requirement (form, number)")
    public_read(op, "requirement", column=None, reason="what families are asked for is told to everyone")
    op.bulk_insert(
        sa.table(
            "requirement",
            sa.column("id", sa.Uuid),
            *(sa.column(name) for name in ("form", "number", "version", "standing", "process", "source")),
            sa.column("valid_from", sa.Date),
            sa.column("documents", JSONB),
            sa.column("checks", ARRAY(sa.Text)),
            sa.column("proposed_by"),
            sa.column("proposed_at", sa.DateTime(timezone=True)),
        ),
        [
            each
            | {
                "id": UUID(each["id"]),
                "number": 1,
                "version": 1,
                "standing": "confirmed",
                "valid_from": date.fromisoformat(each["valid_from"]),
                "proposed_by": PUBLISHED,
                "proposed_at": datetime.now(UTC),
            }
            for each in json.loads(REQUIREMENTS.read_text("utf-8"))
        ],
    )
