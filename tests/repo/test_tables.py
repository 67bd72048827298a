"""Every table says whom its rows belong to: a forced policy, or the reason why it needs none."""

import importlib

import asyncpg
import pytest

from shared.chassis.service import Service
from shared.testing.plugin import Cluster

TABLES = """
    SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
           coalesce(obj_description(c.oid), '') AS comment,
           (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
    ORDER BY c.relname
"""
PLACES = """
    SELECT table_name, is_nullable, collation_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'jurisdiction'
"""


@pytest.fixture
async def connection(each_service: Service, cluster: Cluster):  # type: ignore[no-untyped-def]
    async with cluster.database(each_service) as settings:
        connection = await asyncpg.connect(str(settings.database_owner_url))
        yield connection
        await connection.close()


async def test_every_table_has_a_forced_policy_or_a_written_reason(
    each_service: Service, connection: asyncpg.Connection
) -> None:
    tables = await connection.fetch(TABLES)
    assert {"outbox", "inbox", "idempotency_key"} <= {table["name"] for table in tables}
    for table in tables:
        protected = table["enabled"] and table["forced"] and table["policies"]
        reason = table["comment"].partition("unscoped: ")[2]
        assert protected or len(reason) > 20, f"{each_service.name}.{table['name']} has neither policy nor reason"


async def test_everyone_may_read_only_for_a_written_reason(
    each_service: Service, connection: asyncpg.Connection
) -> None:
    for row in await connection.fetch(
        "SELECT c.relname, coalesce(obj_description(c.oid), '') AS comment FROM pg_policy p"
        " JOIN pg_class c ON c.oid = p.polrelid WHERE pg_get_expr(p.polqual, p.polrelid) = 'true'"
    ):
        assert len(row["comment"].partition("public: ")[2]) > 20, f"{each_service.name}.{row['relname']}"


async def test_a_place_is_never_missing_and_compares_by_bytes(
    each_service: Service, connection: asyncpg.Connection
) -> None:
    for column in await connection.fetch(PLACES):
        assert column["is_nullable"] == "NO", f"{each_service.name}.{column['table_name']}"
        assert column["collation_name"] == "C", f"{each_service.name}.{column['table_name']}"


async def test_the_application_role_is_bound(each_service: Service, connection: asyncpg.Connection) -> None:
    role = await connection.fetchrow(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = $1", f"{each_service.name}_app"
    )
    assert (role["rolsuper"], role["rolbypassrls"]) == (False, False)
    owned = await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = $1::regrole", f"{each_service.name}_app"
    )
    assert owned == 0


async def test_models_and_migrations_agree(each_service: Service, connection: asyncpg.Connection) -> None:
    columns = await connection.fetch(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    migrated = {(row["table_name"], row["column_name"]) for row in columns if row["table_name"] != "alembic_version"}
    for models in each_service.folder.glob("src/*/*/models.py"):
        importlib.import_module(".".join(models.relative_to(each_service.folder / "src").with_suffix("").parts))
    declared = {(table.name, column.name) for table in each_service.metadata.sorted_tables for column in table.columns}
    assert declared == migrated
