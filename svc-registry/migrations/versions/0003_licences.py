"""The licences of centers, as licensing announces them."""

from alembic import op

from shared.chassis.migrations import scope

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE center_licence (
            licence_id uuid PRIMARY KEY,
            version integer NOT NULL,
            center text COLLATE "C" NOT NULL,
            number text NOT NULL,
            status text NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_center_licence_center ON center_licence (center)")
    scope(op, "center_licence", column="center")
