"""The dated rules that the registry announces."""

from alembic import op

from shared.chassis.migrations import public_read

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE parameter (
            id uuid CONSTRAINT pk_parameter PRIMARY KEY,
            version integer NOT NULL,
            name text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            value integer NOT NULL,
            valid_from date NOT NULL,
            valid_to date
        )
        """
    )
    op.execute("CREATE INDEX ix_parameter_name_jurisdiction ON parameter (name, jurisdiction)")
    public_read(op, "parameter", reason="the rules that everybody works by, as the registry publishes them")
