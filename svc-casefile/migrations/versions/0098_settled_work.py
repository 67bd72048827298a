"""What settlement reads of visits, of files that have left as well."""

from alembic import context, op

revision = "0098"
down_revision = "0011"


def upgrade() -> None:
    # A visit is seen by who sees the file, and a center is paid for what it did while the file was its own. The
    # function looks at the whole nation on purpose, tells of the work of places inside the caller's scope alone, and
    # nothing of what was found; the owner is bound by the policies as well, so it gives the caller's scope back.
    op.execute(
        """
        CREATE FUNCTION visits_of_centers(centers text[], since timestamptz, until timestamptz, known_after timestamptz)
        RETURNS TABLE (center text, id uuid, case_file_id uuid, visited_at timestamptz, visited_by text, outcome text,
                       place_plausible boolean, status text, payer_category text, area_class text)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        #variable_conflict use_column
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
            mine text[] := ARRAY(SELECT code FROM unnest(centers) AS code
                                  WHERE code COLLATE "C" >= scope_from AND code COLLATE "C" < scope_to);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY
                WITH made (id) AS (
                    SELECT v.id FROM public.home_visit v
                     WHERE v.jurisdiction = ANY(mine) AND v.visited_at < until
                       AND (v.visited_at >= since OR v.recorded_at > known_after)
                    UNION
                    -- what came in after the file had left
                    SELECT v.id FROM public.responsibility r
                      JOIN public.home_visit v ON v.case_file_id = r.case_file_id AND v.jurisdiction <> r.jurisdiction
                           AND v.visited_at >= r.since AND v.visited_at < r.until AND v.visited_at < until
                     WHERE r.jurisdiction = ANY(mine) AND r.next_jurisdiction IS NOT NULL
                       AND (v.visited_at >= since OR v.recorded_at > known_after)
                )
                SELECT coalesce(r.jurisdiction, v.jurisdiction), v.id, v.case_file_id, v.visited_at, v.visited_by,
                       v.outcome, v.place_plausible, r.status, r.payer_category, r.area_class
                  FROM made JOIN public.home_visit v ON v.id = made.id
                  LEFT JOIN public.responsibility r ON r.case_file_id = v.case_file_id AND r.since <= v.visited_at
                            AND (r.until IS NULL OR r.until > v.visited_at)
                 WHERE coalesce(r.jurisdiction, v.jurisdiction) = ANY(mine);
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    signature = "visits_of_centers(text[], timestamptz, timestamptz, timestamptz)"
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION {signature} TO "{context.config.attributes["application_role"]}"')
