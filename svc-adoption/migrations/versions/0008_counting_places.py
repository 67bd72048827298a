"""Count a place from an index alone: the policy asks for the jurisdiction, and without it leading a plan reads rows."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_queue_entry_place ON queue_entry (jurisdiction, queue, form, rank, senior, since, id)"
        " WHERE state = 'waiting'"
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION queue_position(request uuid) RETURNS TABLE (ahead bigint, waiting bigint)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
            mine record;
        BEGIN
            SELECT e.* INTO mine FROM public.queue_entry e WHERE e.id = request;
            IF NOT FOUND THEN
                RETURN;
            END IF;
            -- the province's, whose queue it is: so much of the index is read, and no more
            PERFORM set_config('app.scope_from', mine.queue, true),
                    set_config('app.scope_to', mine.queue || chr(58), true);
            RETURN QUERY SELECT
                CASE WHEN mine.state = 'waiting' THEN
                    (SELECT count(*) FROM public.queue_entry e
                      WHERE e.queue = mine.queue AND e.form = mine.form AND e.state = 'waiting'
                        AND (e.rank, e.senior, e.since, e.id) < (mine.rank, mine.senior, mine.since, mine.id))
                END,
                (SELECT count(*) FROM public.queue_entry e
                  WHERE e.queue = mine.queue AND e.form = mine.form AND e.state = 'waiting');
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
