"""Who counts the files waits for nobody: a request must not, while an operator's VACUUM is at the same table."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute(
        """
        CREATE OR REPLACE FUNCTION refresh_statistics() RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$ BEGIN ANALYZE (SKIP_LOCKED) public.case_file, public.member; END $$
        """
    )
