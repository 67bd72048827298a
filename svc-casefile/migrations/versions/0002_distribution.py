"""Centers and rules as registry announces them, imports, distributions."""

from alembic import op

from shared.chassis.migrations import public_read, scope

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE center (
            code text COLLATE "C" CONSTRAINT pk_center PRIMARY KEY,
            version integer NOT NULL,
            status text NOT NULL,
            name_fa text NOT NULL,
            name_en text,
            area_class text NOT NULL,
            latitude double precision NOT NULL,
            longitude double precision NOT NULL
        )
        """
    )
    public_read(op, "center", column="code", reason="which centers there are is public; registry tells it to everyone")
    op.execute(
        """
        CREATE TABLE parameter (
            id uuid CONSTRAINT pk_parameter PRIMARY KEY,
            version integer NOT NULL,
            name text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            value integer NOT NULL,
            valid_from date NOT NULL,
            valid_to date
        )
        """
    )
    op.execute("CREATE INDEX ix_parameter_name_jurisdiction ON parameter (name, jurisdiction)")
    public_read(op, "parameter", reason="rules of operation are public; registry tells them to everyone")
    op.execute(
        """
        CREATE TABLE distribution (
            id uuid CONSTRAINT pk_distribution PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_distribution_status CHECK (status IN ('planned', 'applied', 'dropped')),
            rules_on date NOT NULL,
            files integer NOT NULL,
            placed integer NOT NULL,
            unplaced integer NOT NULL,
            total_metres bigint NOT NULL,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            decided_at timestamptz,
            decided_by text,
            CONSTRAINT ck_distribution_every_file_counted CHECK (placed + unplaced = files),
            CONSTRAINT ck_distribution_decided_at CHECK ((status = 'planned') = (decided_at IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_distribution_jurisdiction ON distribution (jurisdiction)")
    scope(op, "distribution")
    op.execute(
        """
        CREATE TABLE distribution_center (
            distribution_id uuid NOT NULL CONSTRAINT fk_distribution_center_distribution_id
                REFERENCES distribution (id) ON DELETE CASCADE,
            center text COLLATE "C" NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            minimum integer NOT NULL,
            maximum integer NOT NULL,
            load_before integer NOT NULL,
            load_after integer NOT NULL,
            nearest_metres integer,
            mean_metres integer,
            farthest_metres integer,
            county_files integer NOT NULL,
            county_need integer NOT NULL,
            CONSTRAINT pk_distribution_center PRIMARY KEY (distribution_id, center)
        )
        """
    )
    scope(op, "distribution_center")
    op.execute(
        """
        CREATE TABLE distribution_placement (
            distribution_id uuid NOT NULL CONSTRAINT fk_distribution_placement_distribution_id
                REFERENCES distribution (id) ON DELETE CASCADE,
            place text COLLATE "C" NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            case_file_ids uuid[] NOT NULL,
            file_versions integer[] NOT NULL,
            metres integer[] NOT NULL,
            choices integer[] NOT NULL,
            reasons text[] NOT NULL,
            CONSTRAINT pk_distribution_placement PRIMARY KEY (distribution_id, place)
        )
        """
    )
    # written once, and ids do not compress
    for column in ("case_file_ids", "file_versions", "metres", "choices"):
        op.execute(f"ALTER TABLE distribution_placement ALTER {column} SET STORAGE EXTERNAL")
    scope(op, "distribution_placement")
    # one row for each file that a plan gives to a center; with the rights of who asks
    op.execute(
        """
        CREATE VIEW distribution_placed_file WITH (security_invoker = true) AS
        SELECT distribution_id, place AS center, left(place, 4) AS county, case_file_id, file_version
          FROM distribution_placement, unnest(case_file_ids, file_versions) AS file (case_file_id, file_version)
         WHERE length(place) = 7
        """
    )
    op.execute(
        """
        CREATE TABLE import_job (
            id uuid CONSTRAINT pk_import_job PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            source text NOT NULL,
            idempotency_key text,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            heard_at timestamptz NOT NULL,
            ended text CONSTRAINT ck_import_job_ended CHECK (ended IN ('whole', 'cut')),
            settled_at timestamptz,
            lines integer NOT NULL,
            landed integer NOT NULL,
            unchanged integer NOT NULL,
            refused integer NOT NULL
        )
        """
    )
    for index in (
        "UNIQUE INDEX uq_import_job_key ON import_job (created_by, idempotency_key) WHERE idempotency_key IS NOT NULL",
        "INDEX ix_import_job_receiving ON import_job (heard_at) WHERE ended IS NULL",
        "INDEX ix_import_job_jurisdiction ON import_job (jurisdiction)",
    ):
        op.execute(f"CREATE {index}")
    scope(op, "import_job")
    op.execute(
        """
        CREATE TABLE import_chunk (
            import_id uuid NOT NULL CONSTRAINT fk_import_chunk_import_id REFERENCES import_job (id),
            number integer NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            first_line integer NOT NULL,
            lines integer NOT NULL,
            body bytea NOT NULL,
            failures smallint NOT NULL,
            CONSTRAINT pk_import_chunk PRIMARY KEY (import_id, number)
        )
        """
    )
    # written once and read once: compressing it would cost more than it saves
    op.execute("ALTER TABLE import_chunk ALTER body SET STORAGE EXTERNAL")
    scope(op, "import_chunk")
    op.execute(
        """
        CREATE TABLE import_error (
            import_id uuid NOT NULL CONSTRAINT fk_import_error_import_id REFERENCES import_job (id),
            line integer NOT NULL,
            position smallint NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            pointer text NOT NULL,
            code text NOT NULL,
            message_fa text NOT NULL,
            message_en text NOT NULL,
            case_file_id uuid,
            CONSTRAINT pk_import_error PRIMARY KEY (import_id, line, position)
        )
        """
    )
    scope(op, "import_error")
    op.execute(
        """
        CREATE TABLE imported_line (
            province text NOT NULL,
            source text NOT NULL,
            digest bytea NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            CONSTRAINT pk_imported_line PRIMARY KEY (province, source, digest)
        )
        """
    )
    scope(op, "imported_line")
