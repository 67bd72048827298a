"""The database that the migrations make is the one that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, String
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.sql.sqltypes import AutoString

from shared.testing.plugin import Running


def types_differ(*compared: object) -> bool | None:
    """`text` and `varchar` are the same to PostgreSQL; None leaves the others to Alembic."""
    *_, inspected, described = compared
    return False if isinstance(inspected, String) and isinstance(described, String | AutoString) else None


async def test_migrations_and_models_agree(running: Running) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": types_differ})
        return list(compare_metadata(context, running.service.metadata))

    engine = create_async_engine(
        str(running.settings.database_owner_url).replace("postgresql://", "postgresql+asyncpg://", 1)
    )
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    # comments say whose a table's rows are, and are the migrations' own; so are indexes over expressions and conditions
    own = ("remove_table_comment", "remove_index")
    assert [each for each in found if not (isinstance(each, tuple) and each[0] in own)] == []
