"""That somebody was examined at another center: their own center cannot see it, and is to know."""

from alembic import op

from shared.chassis.migrations import follow

revision = "0007"
down_revision = "0006"

# Both functions look at the whole nation on purpose, and keep of it when somebody was examined, for which programme.
# The owner is bound by the policies as well, so they take the nation's scope and give the caller's back.
_BEGIN = """
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        scope_from text := current_setting('app.scope_from', true);
        scope_to text := current_setting('app.scope_to', true);
        groups uuid[];
    BEGIN
        PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
"""
_END = "PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE screened_elsewhere (
            person_id uuid NOT NULL CONSTRAINT fk_screened_elsewhere_person_id REFERENCES person (id),
            programme_code text NOT NULL,
            programme_year integer NOT NULL,
            last_at timestamptz NOT NULL,
            CONSTRAINT pk_screened_elsewhere PRIMARY KEY (person_id, programme_code, programme_year)
        )
        """
    )
    follow(op, "screened_elsewhere", "person", key="person_id")
    op.execute("CREATE INDEX ix_person_counts_as ON person (counts_as)")
    # of persons who are counted as one, each is told what the others were examined for
    op.execute(
        f"""
        CREATE FUNCTION tell_screened_elsewhere(counted uuid[]) RETURNS void {_BEGIN}
            DELETE FROM public.screened_elsewhere AS told USING public.person AS one
             WHERE told.person_id = one.id AND one.counts_as = ANY(counted);
            INSERT INTO public.screened_elsewhere AS told (person_id, programme_code, programme_year, last_at)
            SELECT one.id, screening.programme_code, screening.programme_year, max(screening.last_at)
              FROM public.person AS one
              JOIN public.person AS other ON other.counts_as = one.counts_as AND other.id <> one.id
              JOIN public.screening ON screening.person_id = other.id AND screening.examined
             WHERE one.counts_as = ANY(counted) AND one.merged_into IS NULL
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            ON CONFLICT (person_id, programme_code, programme_year)
            DO UPDATE SET last_at = greatest(told.last_at, EXCLUDED.last_at);
            {_END}
        END $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION screened() RETURNS trigger {_BEGIN}
            SELECT array_agg(DISTINCT person.counts_as) INTO groups
              FROM changed
              JOIN public.person ON person.id = changed.person_id
              JOIN public.person AS other ON other.counts_as = person.counts_as AND other.id <> person.id;
            {_END}
            IF groups IS NOT NULL THEN
                PERFORM public.tell_screened_elsewhere(groups);
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION counted_anew() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            PERFORM public.tell_screened_elsewhere(
                CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.counts_as] ELSE ARRAY[OLD.counts_as, NEW.counts_as] END);
            RETURN NULL;
        END $$
        """
    )
    for function in ("tell_screened_elsewhere", "screened", "counted_anew"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER screened_{event.lower()} AFTER {event} ON screening"
            " REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION screened()"
        )
    op.execute(
        "CREATE TRIGGER counted_insert AFTER INSERT ON person FOR EACH ROW"
        " WHEN (NEW.counts_as <> NEW.id) EXECUTE FUNCTION counted_anew()"
    )
    op.execute(
        "CREATE TRIGGER counted_update AFTER UPDATE OF counts_as ON person FOR EACH ROW"
        " WHEN (OLD.counts_as <> NEW.counts_as) EXECUTE FUNCTION counted_anew()"
    )
    op.execute("SELECT tell_screened_elsewhere(array_agg(DISTINCT counts_as)) FROM person WHERE counts_as <> id")
