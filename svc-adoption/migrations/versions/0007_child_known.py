"""Whether a child is registered anywhere already: yes or no, and no more."""

from alembic import context, op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Looks at the whole nation on purpose, so that no child is placed twice. The owner is bound by the policies as
    # well, so the function takes the nation's scope and gives the caller's back.
    op.execute(
        """
        CREATE FUNCTION child_known(indexes bytea[]) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
            found boolean;
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            found := EXISTS (
                SELECT FROM public.child c WHERE c.identities && indexes AND c.state <> 'withdrawn');
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
            RETURN found;
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION child_known FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION child_known TO "{context.config.attributes["application_role"]}"')
