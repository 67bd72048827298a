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
