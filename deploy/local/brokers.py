"""Who may connect to the local NATS: each service, the gateway, a connected system to try integration with, and the
national bodies that are asked about founders."""

from __future__ import annotations

from typing import Any

import nats

from deploy.local.home import NATIONAL_BODIES, SERVICES, Secrets
from deploy.nats.accounts import Client, accounts, provision
from shared.kit.jurisdiction import Jurisdiction

ADMINISTRATOR = "administrator"
CLIENT = Client(name="welfare-database-29", jurisdiction=Jurisdiction("29"))
BODIES = tuple(Client(name=name, jurisdiction=Jurisdiction("IR"), owners=(), answers=name) for name in NATIONAL_BODIES)
"""Those that are asked by events, each with a user of its own; `deploy.local.national_bodies` stands in for them."""
CLIENTS = (CLIENT, *BODIES)


def configuration(secrets: Secrets) -> dict[str, Any]:
    """What is added to the server's configuration file."""
    services = {name: secrets.password(f"{name}_nats") for name in (*SERVICES, "gateway", ADMINISTRATOR)}
    return {"accounts": accounts(services, {client: secrets.password(f"{client.name}_nats") for client in CLIENTS})}


async def prepare(url: str, password: str) -> None:
    """What a connected system reads from; the streams have to be there."""
    connection = await nats.connect(url, user=ADMINISTRATOR, password=password)
    try:
        await provision(connection.jetstream(), CLIENTS)
    finally:
        await connection.close()
