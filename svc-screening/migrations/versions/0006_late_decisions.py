"""By which state of its protocol an encounter was decided, so that what was undecided is decided later."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # a release that does not know the column yet writes the default: whatever it left undecided is looked at again
    op.execute(
        """
        ALTER TABLE encounter
            ADD COLUMN rules_as_of timestamptz NOT NULL DEFAULT '-infinity',
            ADD COLUMN decided_at timestamptz
        """
    )
    op.execute(
        "CREATE INDEX ix_encounter_undecided ON encounter (protocol_id, rules_as_of)"
        " WHERE outcome = 'undecided' AND corrected_by IS NULL"
    )
