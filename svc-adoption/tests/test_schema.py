"""The database that migrations make is the one that the models describe, and every table says whose its rows are."""

import importlib.util
import pkgutil

import httpx
from adoption_samples import submitted
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from shared.chassis.actor import Actor
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_adoption import __path__ as package


async def test_migrations_and_models_agree(running: Running) -> None:
    for feature in pkgutil.iter_modules(package):
        if feature.ispkg and importlib.util.find_spec(f"svc_adoption.{feature.name}.models"):
            importlib.import_module(f"svc_adoption.{feature.name}.models")
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


async def test_whether_somebody_has_asked_elsewhere_is_yes_or_no_and_no_more(
    running: Running, worker: httpx.AsyncClient
) -> None:
    request = await submitted(worker)
    somebody = Actor(subject="anybody", roles=frozenset(), scope=Jurisdiction("30"))
    async with running.database.query(Actor.system("adoption")) as query:
        identities = await query.fetchval("SELECT identities FROM request")
    asked = "SELECT asked_elsewhere($1, $2::bytea[])"
    async with running.database.query(somebody) as query:
        assert await query.fetchval(asked, new_id(), identities[:1]) is True
        assert await query.fetchval(asked, request["id"], identities) is False, "of the request itself nothing is said"
        assert await query.fetchval(asked, new_id(), [b"x" * 32]) is False
        # and the scope is the caller's again
        assert await query.fetchval("SELECT current_setting('app.scope_from') || current_setting('app.scope_to')") == (
            "3030:"
        )
        assert await query.fetchval("SELECT count(*) FROM request") == 0
        executors = await query.fetchval(
            "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
            " WHERE proname = 'asked_elsewhere' AND grantee <> proowner"
        )
    assert executors == ["adoption_app"]
