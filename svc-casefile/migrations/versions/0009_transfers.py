"""Transfers of files from place to place, and centers that were cleared."""

from alembic import context, op

from shared.chassis.migrations import FROM, TO, follow, scope

revision = "0009"
down_revision = "0008"

UNDER_WAY = "status IN ('requested', 'confirmed', 'accepted')"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE center_closing (
            id uuid CONSTRAINT pk_center_closing PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            destination text COLLATE "C" NOT NULL,
            reason text NOT NULL,
            rules_on date NOT NULL,
            files integer NOT NULL,
            placed integer NOT NULL,
            waiting integer NOT NULL,
            total_metres bigint NOT NULL,
            done_at timestamptz NOT NULL,
            done_by text NOT NULL,
            CONSTRAINT ck_center_closing_every_file_counted CHECK (placed + waiting = files)
        )
        """
    )
    op.execute("CREATE INDEX ix_center_closing_jurisdiction ON center_closing (jurisdiction)")
    scope(op, "center_closing")
    op.execute(
        """
        CREATE TABLE transfer (
            id uuid CONSTRAINT pk_transfer PRIMARY KEY,
            case_file_id uuid NOT NULL CONSTRAINT fk_transfer_case_file_id REFERENCES case_file (id),
            number text NOT NULL,
            version integer NOT NULL,
            status text NOT NULL CONSTRAINT ck_transfer_status CHECK (
                status IN ('requested', 'confirmed', 'accepted', 'effective', 'refused', 'withdrawn', 'lapsed')),
            kind text NOT NULL CONSTRAINT ck_transfer_kind CHECK (kind IN ('move', 'rebalancing', 'closing')),
            origin text COLLATE "C" NOT NULL,
            destination text COLLATE "C" NOT NULL,
            asked_from text COLLATE "C" NOT NULL,
            note text,
            open_matters jsonb NOT NULL,
            answer_due_on date,
            escalated_at timestamptz,
            escalated_to text COLLATE "C",
            effective_on date,
            effective_at timestamptz,
            worker text,
            payer_category text,
            refusal_reason text,
            lapse_reason text,
            closing_id uuid CONSTRAINT fk_transfer_closing_id REFERENCES center_closing (id),
            requested_at timestamptz NOT NULL,
            requested_by text NOT NULL,
            CONSTRAINT ck_transfer_goes_somewhere CHECK (origin <> destination),
            CONSTRAINT ck_transfer_effective_on
                CHECK (status NOT IN ('accepted', 'effective') OR effective_on IS NOT NULL),
            CONSTRAINT ck_transfer_effective_at CHECK ((status = 'effective') = (effective_at IS NOT NULL)),
            CONSTRAINT ck_transfer_refused_for_a_reason CHECK ((status = 'refused') = (refusal_reason IS NOT NULL))
        )
        """
    )
    for index in (
        f"UNIQUE INDEX uq_transfer_under_way ON transfer (case_file_id) WHERE {UNDER_WAY}",
        "INDEX ix_transfer_origin ON transfer (origin, id)",
        "INDEX ix_transfer_destination ON transfer (destination, id)",
        "INDEX ix_transfer_case_file_id ON transfer (case_file_id)",
        "INDEX ix_transfer_closing_id ON transfer (closing_id) WHERE closing_id IS NOT NULL",
        "INDEX ix_transfer_due ON transfer (effective_on) WHERE status = 'accepted'",
        "INDEX ix_transfer_unanswered ON transfer (answer_due_on) WHERE escalated_at IS NULL",
    ):
        op.execute(f"CREATE {index}")
    # A transfer is about two places, and the one that the file leaves keeps the row as its stub. So it is seen and
    # written by both sides, before and after, wherever the file is; nothing in it is personal but a note, which the
    # queries keep from a former origin. Which side may take which step is for the rules.
    both = f"(origin >= {FROM} AND origin < {TO}) OR (destination >= {FROM} AND destination < {TO})"
    op.execute("ALTER TABLE transfer ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE transfer FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY both_sides ON transfer USING ({both}) WITH CHECK ({both})")
    op.execute(
        """
        CREATE TABLE transfer_step (
            transfer_id uuid NOT NULL CONSTRAINT fk_transfer_step_transfer_id REFERENCES transfer (id),
            version integer NOT NULL,
            step text NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            reason text,
            note text,
            told_at timestamptz,
            CONSTRAINT pk_transfer_step PRIMARY KEY (transfer_id, version)
        )
        """
    )
    op.execute("CREATE INDEX ix_transfer_step_untold ON transfer_step (at) WHERE told_at IS NULL")
    follow(op, "transfer_step", "transfer", key="transfer_id")
    # Files are closed and moved in many ways, and thousands at a time; whichever it was, no transfer of a file is under
    # way that is not where the transfer begins.
    op.execute(
        f"""
        CREATE FUNCTION lapse_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            WITH lapsed AS (
                UPDATE transfer
                   SET status = 'lapsed', version = transfer.version + 1, answer_due_on = NULL, escalated_at = NULL,
                       escalated_to = NULL,
                       lapse_reason = CASE WHEN new_files.status = 'closed' THEN 'file-closed' ELSE 'file-left' END
                  FROM new_files JOIN old_files USING (id)
                 WHERE transfer.case_file_id = new_files.id AND transfer.{UNDER_WAY}
                   AND (new_files.jurisdiction <> old_files.jurisdiction
                        OR (new_files.status = 'closed' AND old_files.status <> 'closed'))
                RETURNING transfer.id, transfer.version, transfer.lapse_reason, new_files.updated_at,
                          new_files.updated_by
            )
            INSERT INTO transfer_step (transfer_id, version, step, at, actor, jurisdiction, reason)
            SELECT id, version, 'lapsed', updated_at, updated_by, current_setting('app.scope_from'), lapse_reason
              FROM lapsed;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER lapse_transfers AFTER UPDATE ON case_file"
        " REFERENCING OLD TABLE AS old_files NEW TABLE AS new_files"
        " FOR EACH STATEMENT EXECUTE FUNCTION lapse_transfers()"
    )
    # Looks at the whole nation on purpose: a place to which a household has moved cannot see its file. Who knows the
    # file's number and an identity of one of its present members, both, is told where the file is, and nothing else. A
    # temporary identity stands for different persons and proves nothing.
    op.execute(
        """
        CREATE FUNCTION file_of_member(asked_number text, asked_type text, asked_value text)
        RETURNS TABLE (case_file_id uuid, place text)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY
                SELECT file.id, file.jurisdiction
                FROM public.member JOIN public.case_file AS file ON file.id = member.case_file_id
                WHERE member.id_type = asked_type AND member.id_value = asked_value AND member.id_type <> 'temporary'
                  AND member.in_force AND file.number = asked_number AND file.status <> 'closed';
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION file_of_member FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION file_of_member TO "{context.config.attributes["application_role"]}"')
