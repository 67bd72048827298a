"""Notes."""

from alembic import op

from shared.chassis.migrations import create_service_tables, scope

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_service_tables(op)
    op.execute(
        """
        CREATE TABLE note (
            id uuid PRIMARY KEY, jurisdiction text COLLATE "C" NOT NULL, text text NOT NULL UNIQUE,
            level integer NOT NULL DEFAULT 0, version integer NOT NULL DEFAULT 1
        )
        """
    )
    scope(op, "note")
    # what a code tells to whoever has it, wherever its note is: one number
    op.execute(
        """
        CREATE FUNCTION level_of(code text) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            found integer;
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            SELECT level INTO found FROM public.note WHERE note.text = code;
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
            RETURN found;
        END
        $$
        """
    )
