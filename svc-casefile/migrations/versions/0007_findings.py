"""People in need who were found, the steps to a decision on them, and what other support bodies said."""

from alembic import op

from shared.chassis.migrations import follow, scope

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE finding (
            id uuid CONSTRAINT pk_finding PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL
                CONSTRAINT ck_finding_at_a_center CHECK (jurisdiction ~ '^[0-9]{7}$'),
            version integer NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_finding_status CHECK (status IN ('found', 'screened', 'assessed', 'supported', 'waiting',
                                                               'admitted', 'referred', 'not-eligible', 'appealed')),
            found_on date NOT NULL,
            found_by text NOT NULL,
            given_name text,
            family_name text,
            id_type text,
            id_value text,
            mobile text,
            address text NOT NULL,
            latitude double precision,
            longitude double precision,
            persons integer,
            situation text NOT NULL,
            visited_on date,
            coverage_reason text,
            turn smallint,
            refused_from text,
            refused_on date,
            refused_by text,
            final boolean NOT NULL,
            case_file_id uuid,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL,
            CONSTRAINT ck_finding_admitted_to_a_file CHECK ((status = 'admitted') = (case_file_id IS NOT NULL)),
            CONSTRAINT ck_finding_identity_whole CHECK ((id_type IS NULL) = (id_value IS NULL)),
            CONSTRAINT ck_finding_map_point_whole CHECK ((latitude IS NULL) = (longitude IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_finding_jurisdiction ON finding (jurisdiction, id)")
    op.execute("CREATE INDEX ix_finding_waiting ON finding (jurisdiction, turn, found_on, id) WHERE status = 'waiting'")
    op.execute("CREATE INDEX ix_finding_identity ON finding (id_value) WHERE id_value IS NOT NULL")
    scope(op, "finding")
    op.execute(
        """
        CREATE TABLE finding_step (
            finding_id uuid NOT NULL CONSTRAINT fk_finding_step_finding_id REFERENCES finding (id),
            version integer NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            step text NOT NULL,
            status text NOT NULL,
            reason text,
            note text,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            CONSTRAINT pk_finding_step PRIMARY KEY (finding_id, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE finding_inquiry (
            id uuid CONSTRAINT pk_finding_inquiry PRIMARY KEY,
            finding_id uuid NOT NULL CONSTRAINT fk_finding_inquiry_finding_id REFERENCES finding (id),
            jurisdiction text COLLATE "C" NOT NULL,
            body text NOT NULL,
            answer text NOT NULL,
            reference text NOT NULL,
            asked_on date NOT NULL,
            valid_until date NOT NULL,
            asked_by text NOT NULL,
            recorded_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_finding_inquiry_finding_id ON finding_inquiry (finding_id)")
    op.execute(
        """
        CREATE TABLE finding_skip (
            finding_id uuid NOT NULL CONSTRAINT fk_finding_skip_finding_id REFERENCES finding (id),
            admitted_id uuid NOT NULL CONSTRAINT fk_finding_skip_admitted_id REFERENCES finding (id),
            jurisdiction text COLLATE "C" NOT NULL,
            reason text NOT NULL,
            note text,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            CONSTRAINT pk_finding_skip PRIMARY KEY (finding_id, admitted_id)
        )
        """
    )
    for table in ("finding_step", "finding_inquiry", "finding_skip"):
        follow(op, table, "finding", key="finding_id")
