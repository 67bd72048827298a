"""Reading a file: its timeline by kind, who read it, and reading one in an emergency from elsewhere."""

from alembic import context, op

from shared.chassis.migrations import FROM, TO, scope

revision = "0013"
down_revision = "0012"

COVERED = f"jurisdiction >= {FROM} AND jurisdiction < {TO}"
ACTOR = "(SELECT current_setting('app.actor', true))"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_timeline_entry_kind ON timeline_entry (case_file_id, kind, at, id)")
    op.execute(
        """
        CREATE TABLE break_glass (
            id uuid CONSTRAINT pk_break_glass PRIMARY KEY,
            case_file_id uuid NOT NULL CONSTRAINT fk_break_glass_case_file_id REFERENCES case_file (id),
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            actor text NOT NULL,
            opened_from text COLLATE "C" NOT NULL,
            reason text NOT NULL,
            opened_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            revoked_by text,
            CONSTRAINT ck_break_glass_ends CHECK (expires_at > opened_at),
            CONSTRAINT ck_break_glass_revoked_whole CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
        )
        """
    )
    for index in (
        "INDEX ix_break_glass_actor ON break_glass (actor, opened_from, expires_at)",
        "INDEX ix_break_glass_jurisdiction_opened ON break_glass (jurisdiction, opened_at, id)",
        "INDEX ix_break_glass_case_file_id ON break_glass (case_file_id, opened_at)",
    ):
        op.execute(f"CREATE {index}")
    # those whose file it is, and whoever it was opened for; not `follow`: the files' own policy looks here
    scope(op, "break_glass")
    op.execute(f"CREATE POLICY whose_it_is ON break_glass FOR SELECT USING (actor = {ACTOR} AND opened_from = {FROM})")
    # A function, so that ordinary reads do not have all this in their plans. In a transaction that may write it finds
    # nothing: behind broken glass nothing is changed.
    op.execute(
        """
        CREATE FUNCTION files_behind_broken_glass() RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
        BEGIN
            RETURN ARRAY(
                SELECT case_file_id FROM break_glass
                 WHERE actor = current_setting('app.actor', true)
                   AND opened_from = current_setting('app.scope_from', true)
                   AND expires_at > now() AND revoked_at IS NULL
                   AND current_setting('transaction_read_only') = 'on');
        END
        $$
        """
    )
    # CASE, and not a policy beside `scoped`: an ordinary read is let through by its scope and looks no further. And the
    # planner takes a range of unknown ends for half a per cent of a table, and then sorts what an index has in order.
    for table, file in (("case_file", "id"), ("member", "case_file_id")):
        op.execute(f"DROP POLICY scoped ON {table}")
        op.execute(
            f"CREATE POLICY seen ON {table} FOR SELECT"
            f" USING (CASE WHEN {COVERED} THEN true"
            f" ELSE {file} = ANY ((SELECT files_behind_broken_glass())::uuid[]) END)"
        )
        op.execute(f"CREATE POLICY scoped_insert ON {table} FOR INSERT WITH CHECK ({COVERED})")
        op.execute(f"CREATE POLICY scoped_update ON {table} FOR UPDATE USING ({COVERED}) WITH CHECK ({COVERED})")
        op.execute(f"CREATE POLICY scoped_delete ON {table} FOR DELETE USING ({COVERED})")
    # Looks at the whole nation on purpose. To who knows a member's identity and the birth date or the file's number it
    # tells which file it is, and takes the transaction to the place of that file, so that the owner gets to know.
    # For anything else the answer is nothing, whether or not there is such a person, and the scope is the caller's.
    op.execute(
        """
        CREATE FUNCTION come_to_the_file(
            asked_type text, asked_value text, asked_birth_date date, asked_number text,
            OUT case_file_id uuid, OUT jurisdiction text
        )
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            SELECT file.id, file.jurisdiction INTO case_file_id, jurisdiction
              FROM public.member JOIN public.case_file AS file ON file.id = member.case_file_id
             WHERE member.id_type = asked_type AND member.id_value = asked_value
               AND member.in_force AND member.id_type <> 'temporary' AND file.status <> 'closed'
               AND coalesce(asked_birth_date::text, asked_number) IS NOT NULL
               AND (asked_birth_date IS NULL OR member.birth_date = asked_birth_date)
               AND (asked_number IS NULL OR file.number = asked_number);
            IF case_file_id IS NOT NULL THEN
                scope_from := jurisdiction;
                scope_to := jurisdiction || chr(58);
            END IF;
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION come_to_the_file FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION come_to_the_file TO "{context.config.attributes["application_role"]}"')
    op.execute(
        """
        CREATE TABLE personal_read (
            id uuid CONSTRAINT pk_personal_read PRIMARY KEY,
            at timestamptz NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            case_file_id uuid CONSTRAINT fk_personal_read_case_file_id REFERENCES case_file (id),
            reader text NOT NULL,
            roles text[] NOT NULL,
            reader_scope text COLLATE "C" NOT NULL,
            operation text NOT NULL,
            resource text NOT NULL,
            status smallint NOT NULL,
            request_id text NOT NULL,
            purpose text,
            break_glass_id uuid CONSTRAINT fk_personal_read_break_glass_id REFERENCES break_glass (id)
        )
        """
    )
    for index in (
        "INDEX ix_personal_read_jurisdiction_at ON personal_read (jurisdiction, at, id)",
        "INDEX ix_personal_read_case_file_id_at ON personal_read (case_file_id, at, id)",
        "INDEX ix_personal_read_reader_at ON personal_read (reader, at, id)",
    ):
        op.execute(f"CREATE {index}")
    # rows are added, and nothing else
    op.execute("ALTER TABLE personal_read ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE personal_read FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scoped ON personal_read FOR SELECT USING (CASE WHEN {COVERED} THEN true ELSE false END)")
    op.execute(f"CREATE POLICY added_in_scope ON personal_read FOR INSERT WITH CHECK ({COVERED})")
