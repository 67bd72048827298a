"""Who was responsible for a file from when to when, and what happened to its household."""

from alembic import op

from shared.chassis.migrations import follow, scope

revision = "0004"
down_revision = "0003"

_TERMS = ("jurisdiction", "status", "assigned_worker", "payer_category", "area_class")
TERMS = ", ".join(_TERMS)
NEW = ", ".join(f"new_files.{term}" for term in _TERMS)
CHANGED = f"({NEW}) IS DISTINCT FROM ({', '.join(f'old_files.{term}' for term in _TERMS)})"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE responsibility (
            case_file_id uuid NOT NULL CONSTRAINT fk_responsibility_case_file_id REFERENCES case_file (id),
            since timestamptz NOT NULL,
            until timestamptz,
            jurisdiction text COLLATE "C" NOT NULL,
            status text NOT NULL,
            worker text,
            payer_category text,
            area_class text,
            next_jurisdiction text COLLATE "C",
            CONSTRAINT pk_responsibility PRIMARY KEY (case_file_id, since),
            CONSTRAINT ck_responsibility_in_order CHECK (until >= since)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_responsibility_now ON responsibility (case_file_id) WHERE until IS NULL")
    op.execute("CREATE INDEX ix_responsibility_jurisdiction_since ON responsibility (jurisdiction, since)")
    scope(op, "responsibility")
    op.execute(
        f"""
        INSERT INTO responsibility (case_file_id, since, jurisdiction, status, worker, payer_category, area_class)
        SELECT id, status_since, {TERMS} FROM case_file WHERE status <> 'closed'
        """
    )
    # One statement for all the rows that a command touches: an import or a distribution is thousands.
    op.execute(
        f"""
        CREATE FUNCTION begin_responsibility() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO responsibility (case_file_id, since, jurisdiction, status, worker, payer_category, area_class)
            SELECT id, updated_at, {TERMS} FROM new_files WHERE status <> 'closed';
            RETURN NULL;
        END $$
        """
    )
    # The end of one is the beginning of the next. Of two changes at one instant (one transaction, or a clock that ran
    # behind) the later one stands.
    op.execute(
        f"""
        CREATE FUNCTION pass_responsibility() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE responsibility AS present
               SET until = greatest(new_files.updated_at, present.since),
                   next_jurisdiction = nullif(new_files.jurisdiction, present.jurisdiction)
              FROM new_files JOIN old_files USING (id)
             WHERE {CHANGED} AND present.case_file_id = new_files.id AND present.until IS NULL
               AND (present.since < new_files.updated_at OR new_files.status = 'closed');
            INSERT INTO responsibility
                   (case_file_id, since, jurisdiction, status, worker, payer_category, area_class)
            SELECT new_files.id, coalesce(present.since, new_files.updated_at), {NEW}
              FROM new_files JOIN old_files USING (id)
              LEFT JOIN responsibility AS present ON present.case_file_id = new_files.id AND present.until IS NULL
             WHERE {CHANGED} AND new_files.status <> 'closed'
            ON CONFLICT (case_file_id, since) DO UPDATE
               SET until = NULL, next_jurisdiction = NULL, jurisdiction = EXCLUDED.jurisdiction,
                   status = EXCLUDED.status, worker = EXCLUDED.worker, payer_category = EXCLUDED.payer_category,
                   area_class = EXCLUDED.area_class;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER begin_responsibility AFTER INSERT ON case_file"
        " REFERENCING NEW TABLE AS new_files FOR EACH STATEMENT EXECUTE FUNCTION begin_responsibility()"
    )
    op.execute(
        "CREATE TRIGGER pass_responsibility AFTER UPDATE ON case_file"
        " REFERENCING OLD TABLE AS old_files NEW TABLE AS new_files"
        " FOR EACH STATEMENT EXECUTE FUNCTION pass_responsibility()"
    )
    op.execute(
        """
        CREATE TABLE timeline_entry (
            case_file_id uuid NOT NULL CONSTRAINT fk_timeline_entry_case_file_id REFERENCES case_file (id),
            at timestamptz NOT NULL,
            id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            kind text NOT NULL,
            ref uuid,
            about jsonb NOT NULL,
            actor text NOT NULL,
            recorded_at timestamptz NOT NULL,
            CONSTRAINT pk_timeline_entry PRIMARY KEY (case_file_id, at, id)
        )
        """
    )
    follow(op, "timeline_entry", "case_file", key="case_file_id")
