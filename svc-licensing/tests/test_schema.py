"""The database that migrations make is the one that the models describe."""

import importlib.util
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from shared.testing.plugin import Running
from svc_licensing import __path__ as package


async def test_migrations_and_models_agree(running: Running) -> None:
    for feature in pkgutil.iter_modules(package):
        if feature.ispkg and importlib.util.find_spec(f"svc_licensing.{feature.name}.models"):
            importlib.import_module(f"svc_licensing.{feature.name}.models")
    url = str(running.settings.database_owner_url).replace("postgresql://", "postgresql+asyncpg://", 1)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, running.service.metadata))

    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    # comments say to whom a table's rows belong, and are the migrations' own
    assert [each for each in found if not isinstance(each, tuple) or each[0] != "remove_table_comment"] == []
