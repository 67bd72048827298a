"""Migrations of a service: Alembic by the owner role, and the words in which a table says whom its rows belong to.

Every table says one of four things: `scope` (rows belong to a jurisdiction), `follow` (they are seen by whoever sees
the row that they are about), `public_read` (anybody may read, writing is scoped) or `unscoped` (with the reason, kept
as the table's comment). A test refuses a table that says none.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.chassis.settings import refuse
from shared.chassis.tables import new_metadata

if TYPE_CHECKING:  # a process that serves does without Alembic: 11 MB and a second of its start
    from alembic.operations import Operations

    from shared.chassis.service import Service

UNSCOPED = "unscoped: "
LOCK_TIMEOUT = "4s"
"""A migration waits no longer for a lock than the requests behind it can."""

DEFAULT_GRANT = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"

FROM = "(SELECT current_setting('app.scope_from', true))"
TO = "(SELECT current_setting('app.scope_to', true))"
"""In a sub-select, so that they are read once for a statement and not for each row."""


UNBOUND = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = {}"
"""Whether a role is one that no policy holds back, and requests must not be served with."""

_REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]*= *(?:"([^"]+)"|None)""", re.MULTILINE)


def head(service: "Service") -> str | None:
    """The revision that this release is written for."""
    chain = _chain(service.folder)
    return next((revision for revision in chain if revision not in chain.values()), None)


def known(service: "Service") -> frozenset[str]:
    return frozenset(_chain(service.folder))


@cache
def _chain(folder: Path) -> Mapping[str, str]:
    """Each revision with the one before it ("" for the first), as the files say."""
    files = sorted((folder / "migrations" / "versions").glob("*.py"))
    said = [dict(_REVISION.findall(file.read_text())) for file in files]
    return {each["revision"]: each["down_revision"] for each in said}


def upgrade(service: "Service", *, owner_url: str, application_role: str) -> None:
    """Bring the database to this release; several at once wait for each other."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(service.folder / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(url=owner_url, application_role=application_role)
    command.upgrade(config, "head")


def run(service: "Service") -> None:
    """What a service's `migrations/env.py` calls."""
    from alembic import context

    asyncio.run(_migrate(service, **context.config.attributes))


async def _migrate(service: "Service", *, url: str, application_role: str) -> None:
    from alembic import context

    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)

    def work(connection: Connection) -> None:
        if connection.scalar(text(UNBOUND.format(":role")), {"role": application_role}):
            refuse(f"DATABASE_URL: row-level security does not bind the role {application_role}")
        for statement in (
            "SELECT pg_advisory_lock(hashtext('migrations'))",
            f"SET lock_timeout = '{LOCK_TIMEOUT}'",
            # the owner is bound by the policies as well; reference data belongs to the nation
            "SELECT set_config('app.scope_from', '', false), set_config('app.scope_to', ':', false)",
            f'{DEFAULT_GRANT} SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{application_role}"',
            f'{DEFAULT_GRANT} USAGE ON SEQUENCES TO "{application_role}"',
        ):
            connection.execute(text(statement))
        connection.commit()
        context.configure(connection=connection, target_metadata=service.metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()

    async with engine.connect() as connection:
        await connection.run_sync(work)
    await engine.dispose()


def scope(op: "Operations", table: str, column: str = "jurisdiction") -> None:
    """Rows are seen and written only inside the scope of the transaction."""
    covered = f"{column} >= {FROM} AND {column} < {TO}"
    _force(op, table)
    op.execute(f"CREATE POLICY scoped ON {table} USING ({covered}) WITH CHECK ({covered})")


def follow(op: "Operations", table: str, parent: str, *, key: str) -> None:
    """Rows are seen and written by whoever sees the row of `parent` that their column `key` names, wherever it moves.

    A row's own `jurisdiction`, if it has one, then says where it was made.
    """
    # a value and not EXISTS, which the planner may turn into a list of all that is visible of the parent
    seen = f"(SELECT true FROM {parent} WHERE {parent}.id = {table}.{key})"  # noqa: S608 (names that a migration says)
    _force(op, table)
    op.execute(f"CREATE POLICY as_the_{parent} ON {table} USING ({seen}) WITH CHECK ({seen})")


def public_read(op: "Operations", table: str, column: str | None = "jurisdiction", *, reason: str) -> None:
    """Everybody reads; only who has the row's place in scope writes (the whole nation, when there is no column)."""
    covered = f"{column} >= {FROM} AND {column} < {TO}" if column else f"{FROM} = '' AND {TO} = ':'"
    _force(op, table)
    op.execute(f"CREATE POLICY everybody_reads ON {table} FOR SELECT USING (true)")
    op.execute(f"CREATE POLICY scoped_insert ON {table} FOR INSERT WITH CHECK ({covered})")
    op.execute(f"CREATE POLICY scoped_update ON {table} FOR UPDATE USING ({covered}) WITH CHECK ({covered})")
    op.execute(f"CREATE POLICY scoped_delete ON {table} FOR DELETE USING ({covered})")
    _comment(op, table, f"public: {reason}")


def unscoped(op: "Operations", table: str, reason: str) -> None:
    """The table has no place to go by; says why that is safe."""
    _comment(op, table, f"{UNSCOPED}{reason}")


def create_service_tables(op: "Operations") -> None:
    """Outbox, inbox and idempotency keys, with their policies."""
    metadata = new_metadata()
    metadata.create_all(op.get_bind())
    scope(op, "outbox")
    unscoped(op, "inbox", "holds ids of events only; written by consumers, read by nobody else")
    _force(op, "idempotency_key")
    own = f"subject = (SELECT current_setting('app.actor', true)) OR ({FROM} = '' AND {TO} = ':')"
    op.execute(f"CREATE POLICY own ON idempotency_key USING ({own}) WITH CHECK ({own})")


def _force(op: "Operations", table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _comment(op: "Operations", table: str, comment: str) -> None:
    quoted = comment.replace("'", "''")
    op.execute(f"COMMENT ON TABLE {table} IS '{quoted}'")
