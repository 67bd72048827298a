"""What is decided at once about one file: its story is told in the order in which it happened."""

from alembic import op

revision = "0016"
down_revision = "0015"

_TERMS = ("jurisdiction", "status", "assigned_worker", "payer_category", "area_class")
NEW = ", ".join(f"new_files.{term}" for term in _TERMS)
CHANGED = f"({NEW}) IS DISTINCT FROM ({', '.join(f'old_files.{term}' for term in _TERMS)})"


def upgrade() -> None:
    # A command says when it began, and may have waited for another that began later: what it did came after all the
    # same, by a microsecond. Of what one command does in several steps only the last is told.
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION pass_responsibility() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            WITH ended AS (
                UPDATE responsibility AS present
                   SET until = CASE WHEN new_files.updated_at < present.since
                                    THEN present.since + interval '1 microsecond' ELSE new_files.updated_at END,
                       next_jurisdiction = nullif(new_files.jurisdiction, present.jurisdiction)
                  FROM new_files JOIN old_files USING (id)
                 WHERE {CHANGED} AND present.case_file_id = new_files.id AND present.until IS NULL
                   AND (present.since <> new_files.updated_at OR new_files.status = 'closed')
                RETURNING present.case_file_id, present.until
            )
            INSERT INTO responsibility
                   (case_file_id, since, jurisdiction, status, worker, payer_category, area_class)
            SELECT new_files.id, coalesce(ended.until, new_files.updated_at), {NEW}
              FROM new_files JOIN old_files USING (id) LEFT JOIN ended ON ended.case_file_id = new_files.id
             WHERE {CHANGED} AND new_files.status <> 'closed'
            ON CONFLICT (case_file_id, since) DO UPDATE
               SET jurisdiction = EXCLUDED.jurisdiction, status = EXCLUDED.status, worker = EXCLUDED.worker,
                   payer_category = EXCLUDED.payer_category, area_class = EXCLUDED.area_class;
            RETURN NULL;
        END $$
        """
    )
    # As it was, and naming its table in full: a row that changed while somebody waited for it is looked at once more,
    # policies and all, and that may be inside a function with a search path of its own.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION files_behind_broken_glass() RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
        BEGIN
            RETURN ARRAY(
                SELECT case_file_id FROM public.break_glass
                 WHERE actor = current_setting('app.actor', true)
                   AND opened_from = current_setting('app.scope_from', true)
                   AND expires_at > now() AND revoked_at IS NULL
                   AND current_setting('transaction_read_only') = 'on');
        END
        $$
        """
    )
    # As it was, and the file is held: who names it by its number must not ask for it where it has just left.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION file_of_member(asked_number text, asked_type text, asked_value text)
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
                  AND member.in_force AND file.number = asked_number AND file.status <> 'closed'
                FOR SHARE OF file;
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
