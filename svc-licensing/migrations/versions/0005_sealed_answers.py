"""What security and selection answered is kept sealed.

The release before this one goes on beside it: what it writes in the clear is sealed by the first look of the new
release's worker, and a sealed answer is to it a question that is still open, so that it approves nothing on one.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE inquiry ADD key_id text, ADD sealed bytea, DROP CONSTRAINT ck_inquiry_settled")
    op.execute(
        """
        ALTER TABLE inquiry
            ADD CONSTRAINT ck_inquiry_settled CHECK (
                sealed IS NOT NULL
                OR (state IN ('ok', 'mismatch', 'manual-evidence')) = (settled_at IS NOT NULL)),
            ADD CONSTRAINT ck_inquiry_sealed CHECK (
                (key_id IS NULL) = (sealed IS NULL)
                AND (sealed IS NULL
                     OR state IN ('queued', 'asked', 'no-answer') AND num_nonnulls(result, reference, note) = 0))
        """
    )
    # what is sealed and settled is overdue no more, whatever its state says
    op.execute("DROP INDEX ix_inquiry_due_on")
    op.execute(
        "CREATE INDEX ix_inquiry_due_on ON inquiry (due_on, jurisdiction, system)"
        " WHERE state IN ('queued', 'asked', 'no-answer', 'evidence-given') AND settled_at IS NULL"
        " AND replaced_by IS NULL"
    )
    op.execute(
        "CREATE INDEX ix_inquiry_unsealed ON inquiry (id)"
        " WHERE stage = 'vetting' AND sealed IS NULL AND result IS NOT NULL"
    )
