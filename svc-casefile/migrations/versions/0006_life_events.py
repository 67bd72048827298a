"""Life events: what was reported of a household, who approved it, and which versions of the file it made."""

from alembic import op

from shared.chassis.migrations import follow

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE life_event (
            id uuid CONSTRAINT pk_life_event PRIMARY KEY,
            case_file_id uuid NOT NULL CONSTRAINT fk_life_event_case_file_id REFERENCES case_file (id),
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            kind text NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_life_event_status CHECK (status IN ('pending', 'applied', 'refused', 'withdrawn')),
            member_id uuid,
            happened_on date NOT NULL,
            reported_on date NOT NULL,
            source text NOT NULL,
            evidence text,
            note text,
            details jsonb NOT NULL,
            seen jsonb NOT NULL,
            proposed_head uuid,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL,
            settled_at timestamptz,
            approved_by text,
            refused_by text,
            reason text,
            first_version integer,
            last_version integer,
            CONSTRAINT ck_life_event_reported_after CHECK (happened_on <= reported_on),
            CONSTRAINT ck_life_event_only_applied_makes_versions CHECK (status = 'applied' OR last_version IS NULL),
            CONSTRAINT ck_life_event_settled CHECK ((status = 'pending') = (settled_at IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_life_event_case_file_id ON life_event (case_file_id, id)")
    op.execute("CREATE INDEX ix_life_event_pending ON life_event (case_file_id, id) WHERE status = 'pending'")
    follow(op, "life_event", "case_file", key="case_file_id")
