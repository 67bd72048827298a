"""What settlement reads of visits and deliveries, of files that have left as well."""

from alembic import context, op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # What was done for a file is seen by who sees the file, and a center is paid for what it did while it was its own.
    # The functions look at the whole nation on purpose, tell of the work of places inside the caller's scope alone, and
    # nothing of what was found; the owner is bound by the policies as well, so it gives the caller's scope back.
    op.execute(
        """
        CREATE FUNCTION visits_of_centers(
            centers text[], from_time timestamptz, to_time timestamptz, known_after timestamptz)
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
                -- LATERAL: what is known of each by its index, however little the planner knows of the tables
                WITH visit AS (
                    SELECT v.id, v.case_file_id, v.jurisdiction, v.visited_at, v.visited_by, v.outcome,
                           v.place_plausible
                      FROM public.home_visit v
                     WHERE v.jurisdiction = ANY(mine) AND v.visited_at < to_time
                       AND (v.visited_at >= from_time OR v.recorded_at > known_after)
                    UNION
                    -- what came in after the file had left
                    SELECT late.*
                      FROM public.responsibility r CROSS JOIN LATERAL (
                        SELECT v.id, v.case_file_id, v.jurisdiction, v.visited_at, v.visited_by, v.outcome,
                               v.place_plausible
                          FROM public.home_visit v
                         WHERE v.case_file_id = r.case_file_id AND v.visited_at >= r.since AND v.visited_at < r.until
                           AND v.visited_at < to_time AND v.jurisdiction <> r.jurisdiction
                           AND (v.visited_at >= from_time OR v.recorded_at > known_after) OFFSET 0) late
                     WHERE r.jurisdiction = ANY(mine) AND r.next_jurisdiction IS NOT NULL
                )
                SELECT coalesce(r.jurisdiction, v.jurisdiction), v.id, v.case_file_id, v.visited_at, v.visited_by,
                       v.outcome, v.place_plausible, r.status, r.payer_category, r.area_class
                  FROM visit v LEFT JOIN LATERAL (
                    SELECT r.* FROM public.responsibility r
                     WHERE r.case_file_id = v.case_file_id AND r.since <= v.visited_at
                       AND (r.until IS NULL OR r.until > v.visited_at) LIMIT 1) r ON true
                 WHERE coalesce(r.jurisdiction, v.jurisdiction) = ANY(mine);
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION deliveries_of_centers(
            centers text[], from_time timestamptz, to_time timestamptz, known_after timestamptz)
        RETURNS TABLE (center text, id uuid, case_file_id uuid, delivered_at timestamptz, delivered_by text,
                       service_code text, payer_category text, area_class text)
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
                SELECT d.jurisdiction, d.id, d.case_file_id, d.delivered_at, d.delivered_by, d.service_code,
                       r.payer_category, r.area_class
                  FROM public.service_request d
                  LEFT JOIN LATERAL (
                    SELECT r.* FROM public.responsibility r
                     WHERE r.case_file_id = d.case_file_id AND r.since <= d.delivered_at
                       AND (r.until IS NULL OR r.until > d.delivered_at) LIMIT 1) r ON true
                 WHERE d.jurisdiction = ANY(mine) AND d.delivered_at < to_time
                   AND (d.delivered_at >= from_time OR d.closed_at > known_after);
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    application = context.config.attributes["application_role"]
    for name in ("visits_of_centers", "deliveries_of_centers"):
        signature = f"{name}(text[], timestamptz, timestamptz, timestamptz)"
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {signature} TO "{application}"')
