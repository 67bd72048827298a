"""Programmes, the versions of their protocols and their rules, with what is published of them.

A rule that a source confirms decides from the beginning; one that nothing published confirms is there as a proposal,
and decides nothing until somebody signs it off.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.chassis.migrations import public_read

revision = "0002"
down_revision = "0001"

PROGRAMMES = Path(__file__).parents[1] / "data" / "programmes.json"
CENTERS_OPENED = date(2021, 3, 8)
"""18 Esfand 1399: before that day no center screened anybody."""
BEGINNING = datetime(2021, 3, 8, tzinfo=UTC)
PUBLISHED = "system:screening"
ABOUT_A_RULE = {"code", "kind", "stages", "instruments", "from_months", "to_months", "figures"}


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE programme (
            code text CONSTRAINT pk_programme PRIMARY KEY,
            name_fa text NOT NULL,
            name_en text NOT NULL,
            sensitive boolean NOT NULL,
            sealed boolean NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE protocol (
            id uuid CONSTRAINT pk_protocol PRIMARY KEY,
            programme_code text NOT NULL CONSTRAINT fk_protocol_programme_code REFERENCES programme (code),
            number integer NOT NULL,
            version integer NOT NULL,
            changed_at timestamptz NOT NULL,
            status text NOT NULL CONSTRAINT ck_protocol_status CHECK (status IN ('draft', 'signed-off')),
            valid_from date NOT NULL,
            from_months integer,
            to_months integer,
            stages jsonb NOT NULL,
            instruments jsonb NOT NULL,
            source text NOT NULL,
            drafted_by text NOT NULL,
            drafted_at timestamptz NOT NULL,
            signed_off_by text,
            signed_off_at timestamptz
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_protocol_number ON protocol (programme_code, number)")
    op.execute("CREATE INDEX ix_protocol_in_force ON protocol (programme_code, valid_from) WHERE status = 'signed-off'")
    op.execute(
        """
        CREATE TABLE protocol_rule (
            protocol_id uuid NOT NULL CONSTRAINT fk_protocol_rule_protocol_id REFERENCES protocol (id),
            code text NOT NULL,
            position integer NOT NULL,
            standing text NOT NULL
                CONSTRAINT ck_protocol_rule_standing CHECK (standing IN ('confirmed', 'proposed', 'signed-off')),
            document jsonb NOT NULL,
            source text NOT NULL,
            proposed_by text NOT NULL,
            proposed_at timestamptz NOT NULL,
            signed_off_by text,
            signed_off_at timestamptz,
            CONSTRAINT pk_protocol_rule PRIMARY KEY (protocol_id, code),
            CONSTRAINT ck_protocol_rule_vouched_for_figures CHECK (standing = 'proposed' OR document ? 'figures')
        )
        """
    )
    for table in ("programme", "protocol", "protocol_rule"):
        public_read(op, table, column=None, reason="what is screened for, and by which rules, is told to everyone")
    programmes = json.loads(PROGRAMMES.read_text("utf-8"))
    op.bulk_insert(
        sa.table("programme", *(sa.column(name) for name in ("code", "name_fa", "name_en", "sensitive", "sealed"))),
        [{name: each[name] for name in ("code", "name_fa", "name_en", "sensitive", "sealed")} for each in programmes],
    )
    op.bulk_insert(
        sa.table(
            "protocol",
            sa.column("id", sa.Uuid),
            *(
                sa.column(name)
                for name in ("programme_code", "number", "version", "status", "from_months", "to_months")
            ),
            sa.column("valid_from", sa.Date),
            sa.column("stages", JSONB),
            sa.column("instruments", JSONB),
            *(sa.column(name) for name in ("source", "drafted_by", "signed_off_by")),
            sa.column("changed_at", sa.DateTime(timezone=True)),
            sa.column("drafted_at", sa.DateTime(timezone=True)),
            sa.column("signed_off_at", sa.DateTime(timezone=True)),
        ),
        [
            {
                "id": UUID(each["protocol_id"]),
                "programme_code": each["code"],
                "number": 1,
                "version": 1,
                "changed_at": BEGINNING,
                "status": "signed-off",
                "valid_from": CENTERS_OPENED,
                **{name: each[name] for name in ("from_months", "to_months", "stages", "instruments", "source")},
                "drafted_by": PUBLISHED,
                "drafted_at": BEGINNING,
                "signed_off_by": PUBLISHED,
                "signed_off_at": BEGINNING,
            }
            for each in programmes
        ],
    )
    op.bulk_insert(
        sa.table(
            "protocol_rule",
            sa.column("protocol_id", sa.Uuid),
            *(sa.column(name) for name in ("code", "position", "standing", "source", "proposed_by")),
            sa.column("document", JSONB),
            sa.column("proposed_at", sa.DateTime(timezone=True)),
        ),
        [
            {
                "protocol_id": UUID(each["protocol_id"]),
                "code": rule["code"],
                "position": position,
                "standing": rule["standing"],
                "document": {name: value for name, value in rule.items() if name in ABOUT_A_RULE},
                "source": rule["source"],
                "proposed_by": PUBLISHED,
                "proposed_at": BEGINNING,
            }
            for each in programmes
            for position, rule in enumerate(each["rules"])
        ],
    )
