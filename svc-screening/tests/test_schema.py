"""The database that migrations make is the one that the models describe, and every table says whose its rows are."""

import importlib.util
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from shared.chassis.actor import Actor
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_screening import __path__ as package


async def test_migrations_and_models_agree(running: Running) -> None:
    for feature in pkgutil.iter_modules(package):
        if feature.ispkg and importlib.util.find_spec(f"svc_screening.{feature.name}.models"):
            importlib.import_module(f"svc_screening.{feature.name}.models")
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


async def test_whether_somebody_is_known_elsewhere_is_an_opaque_id_and_no_more(running: Running) -> None:
    person, somebody = new_id(), Actor(subject="anybody", roles=frozenset(), scope=Jurisdiction("30"))
    async with running.database.command(Actor.system("screening")) as command:
        await command.connection.execute(
            "INSERT INTO person (id, jurisdiction, version, origin, present, birth_date, id_type, id_value, counts_as,"
            " registered_at, registered_by)"
            " SELECT id, '2901003', 1, 'on-the-spot', true, '2021-04-01', type, '0499370899', id, now(), 'test'"
            " FROM (VALUES ($1::uuid, 'national'), (gen_random_uuid(), 'temporary')) AS person (id, type)",
            person,
        )
    asked = "SELECT person_with_identity($1, '0499370899')"
    async with running.database.query(somebody) as query:
        assert await query.fetchval(asked, "national") == person
        assert await query.fetchval(asked, "temporary") is None, "a temporary id may stand for different persons"
        # and the scope is the caller's again
        assert await query.fetchval("SELECT current_setting('app.scope_from') || current_setting('app.scope_to')") == (
            "3030:"
        )
        assert await query.fetchval("SELECT count(*) FROM person") == 0
        executors = await query.fetchval(
            "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
            " WHERE proname = 'person_with_identity' AND grantee <> proowner"
        )
    assert executors == ["screening_app"]
