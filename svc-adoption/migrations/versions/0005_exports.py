"""Exports: who asked for one, and who allowed it."""

from alembic import op

from shared.chassis.migrations import scope

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE export (
            id uuid CONSTRAINT pk_export PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            state text NOT NULL CONSTRAINT ck_export_state CHECK (state IN ('asked', 'approved', 'refused')),
            purpose text NOT NULL,
            letter text NOT NULL,
            filters jsonb NOT NULL,
            asked_at timestamptz NOT NULL,
            asked_by text NOT NULL,
            decided_at timestamptz,
            decided_by text,
            CONSTRAINT ck_export_two_people CHECK (decided_by <> asked_by)
        )
        """
    )
    op.execute("CREATE INDEX ix_export_jurisdiction ON export (jurisdiction, id)")
    scope(op, "export")
