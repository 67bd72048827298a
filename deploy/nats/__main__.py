"""`python -m deploy.nats accounts FILE` prints the server's accounts, `provision FILE` keeps the clients' consumers.

FILE lists the connected systems (clients.json is an example). Passwords come from the environment: NATS_PASSWORD_ and
the name in capitals with underscores, as NATS_PASSWORD_CASEFILE or NATS_PASSWORD_WELFARE_DATABASE_29; for `accounts`
a bcrypt hash does as well. `provision` connects to NATS_URL as `administrator`.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import nats
from nats.errors import Error
from nats.js.errors import NotFoundError
from pydantic import TypeAdapter, ValidationError

from deploy.nats.accounts import Client, accounts, provision
from shared.chassis.streams import OWNERS

ADMINISTRATOR = "administrator"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.nats", description=__doc__)
    parser.add_argument("command", choices=["accounts", "provision"])
    parser.add_argument("clients", type=Path, metavar="FILE")
    arguments = parser.parse_args(words)
    try:
        clients = TypeAdapter(list[Client]).validate_json(arguments.clients.read_bytes())
        if arguments.command == "accounts":
            services = {name: _password(name) for name in (*OWNERS, ADMINISTRATOR)}
            passwords = {client: _password(client.name) for client in clients}
            json.dump({"accounts": accounts(services, passwords)}, sys.stdout, indent=2)
        else:
            asyncio.run(_provision(clients))
    except NotFoundError:
        sys.stderr.write("a stream is not there yet: run the services' `migrate` first\n")
        return 1
    except (OSError, ValidationError, Error) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyError as error:
        sys.stderr.write(f"the environment lacks {error.args[0]}\n")
        return 1
    return 0


async def _provision(clients: list[Client]) -> None:
    connection = await nats.connect(
        os.environ["NATS_URL"], user=ADMINISTRATOR, password=_password(ADMINISTRATOR), max_reconnect_attempts=3
    )
    try:
        await provision(connection.jetstream(), clients)
    finally:
        await connection.close()


def _password(name: str) -> str:
    return os.environ[f"NATS_PASSWORD_{name.upper().replace('-', '_')}"]


if __name__ == "__main__":
    sys.exit(main())
