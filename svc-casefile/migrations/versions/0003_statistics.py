"""A way for the application to tell the planner how much there is, without owning the tables."""

from alembic import context, op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # ANALYZE is for owners. It reads a sample of the tables into statistics, and shows nothing of them to the caller.
    op.execute(
        """
        CREATE FUNCTION refresh_statistics() RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$ BEGIN ANALYZE public.case_file, public.member; END $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION refresh_statistics FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION refresh_statistics TO "{context.config.attributes["application_role"]}"')
