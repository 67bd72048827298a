"""Home visits, and when each file is due the next."""

from alembic import op

from shared.chassis.migrations import follow, public_read, scope

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE case_file ADD visited_on date, ADD visit_planned_on date, ADD visit_planned_at timestamptz,"
        " ADD visit_due_on date, ADD look_for_since date"
    )
    for index in (
        "ix_case_file_worker_due ON case_file (assigned_worker, jurisdiction, visit_due_on) WHERE {}",
        "ix_case_file_jurisdiction_due ON case_file (jurisdiction, visit_due_on) WHERE {}",
    ):
        op.execute("CREATE INDEX " + index.format("status = 'active'"))
    op.execute(
        """
        CREATE TABLE visit_interval (
            center text COLLATE "C" CONSTRAINT pk_visit_interval PRIMARY KEY,
            months integer,
            worked_out_on date NOT NULL
        )
        """
    )
    public_read(op, "visit_interval", column="center", reason="a rule of operation, which registry tells to everyone")
    # Files become active, and move, in many ways and thousands at a time; whichever it was, the date is right.
    op.execute(
        """
        CREATE FUNCTION next_visit_due(file case_file) RETURNS date LANGUAGE sql STABLE AS $$
            SELECT CASE WHEN file.status = 'active' THEN least(
                (coalesce(file.visited_on, (file.status_since AT TIME ZONE 'Asia/Tehran')::date)
                 + make_interval(months => (SELECT months FROM visit_interval WHERE center = file.jurisdiction)))::date,
                file.visit_planned_on
            ) END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION keep_visit_due() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.visit_due_on := next_visit_due(NEW);
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER first_visit_due BEFORE INSERT ON case_file"
        " FOR EACH ROW WHEN (NEW.status = 'active') EXECUTE FUNCTION keep_visit_due()"
    )
    op.execute(
        "CREATE TRIGGER next_visit_due BEFORE UPDATE OF status, status_since, jurisdiction, visited_on,"
        " visit_planned_on ON case_file FOR EACH ROW EXECUTE FUNCTION keep_visit_due()"
    )
    op.execute(
        """
        CREATE TABLE home_visit (
            id uuid CONSTRAINT pk_home_visit PRIMARY KEY,
            version integer NOT NULL,
            case_file_id uuid NOT NULL CONSTRAINT fk_home_visit_case_file_id REFERENCES case_file (id),
            jurisdiction text COLLATE "C" NOT NULL,
            visited_at timestamptz NOT NULL,
            visited_by text NOT NULL,
            planned boolean NOT NULL,
            outcome text NOT NULL,
            latitude double precision,
            longitude double precision,
            accuracy_m integer,
            distance_m integer,
            place_plausible boolean,
            met_members uuid[] NOT NULL,
            met_other text,
            findings text,
            next_visit_on date,
            changes jsonb,
            file_version integer,
            changes_state text NOT NULL,
            applied_version integer,
            digest bytea NOT NULL,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL,
            resolved_at timestamptz,
            resolved_by text,
            taken text[],
            resolution_note text,
            CONSTRAINT ck_home_visit_outcome CHECK (outcome IN ('met', 'not-at-home', 'refused', 'moved-away')),
            CONSTRAINT ck_home_visit_map_point_whole CHECK ((latitude IS NULL) = (longitude IS NULL)),
            CONSTRAINT ck_home_visit_changes_of_a_version CHECK ((changes IS NULL) = (file_version IS NULL)),
            CONSTRAINT ck_home_visit_changes_state CHECK (
                changes_state IN ('none', 'applied', 'conflict', 'resolved')
                AND (changes_state = 'none') = (changes IS NULL)
            ),
            CONSTRAINT ck_home_visit_resolved_at CHECK ((changes_state = 'resolved') = (resolved_at IS NOT NULL))
        )
        """
    )
    for index in (
        "ix_home_visit_case_file_id_visited_at ON home_visit (case_file_id, visited_at, id)",
        "ix_home_visit_jurisdiction_visited_at ON home_visit (jurisdiction, visited_at)",
        "ix_home_visit_conflict ON home_visit (id) WHERE changes_state = 'conflict'",
    ):
        op.execute(f"CREATE INDEX {index}")
    follow(op, "home_visit", "case_file", key="case_file_id")
    op.execute(
        """
        CREATE TABLE late_visit (
            id uuid CONSTRAINT pk_late_visit PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            case_file_id uuid NOT NULL,
            body jsonb NOT NULL,
            digest bytea NOT NULL,
            received_at timestamptz NOT NULL,
            received_by text NOT NULL,
            outcome text
        )
        """
    )
    op.execute("CREATE INDEX ix_late_visit_waiting ON late_visit (id) WHERE outcome IS NULL")
    scope(op, "late_visit")
