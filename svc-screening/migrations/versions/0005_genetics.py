"""Genetic cases, sealed."""

from alembic import op

from shared.chassis.migrations import scope

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE genetic_case (
            id uuid CONSTRAINT pk_genetic_case PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            state text NOT NULL
                CONSTRAINT ck_genetic_case_state CHECK (state IN ('open', 'done', 'referred', 'counselled')),
            key_id text NOT NULL,
            sealed bytea NOT NULL,
            identities bytea[] NOT NULL,
            opened_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_genetic_case_jurisdiction ON genetic_case (jurisdiction, id)")
    op.execute("CREATE INDEX ix_genetic_case_identities ON genetic_case USING gin (identities)")
    scope(op, "genetic_case")
