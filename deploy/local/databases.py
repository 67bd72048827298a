"""A database and two roles for each service, on any PostgreSQL of which an administrator's address is given."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.home import SERVICES, Refusal, Secrets

OLDEST = 15


async def create(administrator_url: str, secrets: Secrets) -> str:
    """Make what is missing, give all roles the passwords of `secrets`. Returns the server's version."""
    try:
        connection = await asyncpg.connect(administrator_url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise Refusal(f"PostgreSQL at {without_password(administrator_url)} does not let us in: {error}.") from None
    try:
        major = connection.get_server_version().major
        if major < OLDEST:
            raise Refusal(f"PostgreSQL {OLDEST} or newer is needed, this is {major}.")
        for service in SERVICES:
            for role in (f"{service}_owner", f"{service}_app"):
                await _role(connection, role, secrets.password(role))
            await _database(connection, service)
        version = str(await connection.fetchval("SHOW server_version")).split()[0]
    except asyncpg.PostgresError as error:
        raise Refusal(f"PostgreSQL does not let us create databases and roles: {error}.") from None
    finally:
        await connection.close()
    return version


async def _role(connection: asyncpg.Connection, role: str, password: str) -> None:
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    # DDL takes no parameters, and the server does the quoting
    statement = await connection.fetchval(
        "SELECT format('%s ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD %L',"
        " $1::text, $2::text, $3::text)",
        "ALTER" if exists else "CREATE",
        role,
        password,
    )
    await connection.execute(statement)


async def _database(connection: asyncpg.Connection, service: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", service):
        await connection.execute(f"GRANT {service}_owner TO CURRENT_USER")
        await connection.execute(f"CREATE DATABASE {service} OWNER {service}_owner TEMPLATE template0 ENCODING 'UTF8'")
    await connection.execute(f"REVOKE ALL ON DATABASE {service} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {service} TO {service}_app")


def address(administrator_url: str, *, database: str, user: str, password: str) -> str:
    """The same server and options, for another role and database."""
    parts = urlsplit(administrator_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        parts._replace(scheme="postgresql", netloc=f"{user}:{quote(password, safe='')}@{host}", path=f"/{database}")
    )


def without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))
