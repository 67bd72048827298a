"""Who belongs to a place, present or not: figures and worklists of a place begin with its people."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # without the id: with it PostgreSQL would look up in here whether one person is visible, and skip through the index
    op.execute("CREATE INDEX ix_person_jurisdiction ON person (jurisdiction)")
