"""A final placement may end: the court decides anew after a death, a separation or a divorce (Article 20)."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE placement DROP CONSTRAINT ck_placement_state, ADD CONSTRAINT ck_placement_state"
        " CHECK (state IN ('trial', 'final', 'revoked', 'ended'))"
    )
