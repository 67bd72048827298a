"""Who may connect to the local NATS: each service, the gateway, and a connected system to try integration with."""

from __future__ import annotations

from typing import Any

import nats

from deploy.local.home import SERVICES, Secrets
from deploy.nats.accounts import Client, accounts, provision
from shared.kit.jurisdiction import Jurisdiction

ADMINISTRATOR = "administrator"
CLIENT = Client(name="welfare-database-29", jurisdiction=Jurisdiction("29"))


def configuration(secrets: Secrets) -> dict[str, Any]:
    """What is added to the server's configuration file."""
    services = {name: secrets.password(f"{name}_nats") for name in (*SERVICES, "gateway", ADMINISTRATOR)}
    return {"accounts": accounts(services, {CLIENT: secrets.password(f"{CLIENT.name}_nats")})}


async def prepare(url: str, password: str) -> None:
    """What a connected system reads from; the streams have to be there."""
    connection = await nats.connect(url, user=ADMINISTRATOR, password=password)
    try:
        await provision(connection.jetstream(), [CLIENT])
    finally:
        await connection.close()
