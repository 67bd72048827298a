"""Centers, as the registry announces them."""

from alembic import op

from shared.chassis.migrations import public_read

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE center (
            code text COLLATE "C" CONSTRAINT pk_center PRIMARY KEY,
            version integer NOT NULL,
            status text NOT NULL,
            name_fa text NOT NULL,
            name_en text,
            area_class text NOT NULL
        )
        """
    )
    public_read(op, "center", column="code", reason="which centers there are is public; registry tells it to everyone")
