"""Migrates every service in one interpreter: what takes time is to import them, and that is done while servers start.

Reads one line of JSON from standard input: the environment of each service by its name and, when the NATS is ours, its
address and administrator's password.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from deploy.local import brokers
from deploy.local.home import SERVICES

if TYPE_CHECKING:
    from shared.chassis.service import Service


def main() -> None:
    services: dict[str, Service] = {name: import_module(f"svc_{name}.main").service for name in SERVICES}
    import_module("alembic.command")
    inherited = dict(os.environ)
    told = json.loads(sys.stdin.readline())
    for name, environment in told["services"].items():
        os.environ.clear()
        os.environ.update(inherited | environment)
        services[name].main(["migrate"])
    if told["nats"] is not None:
        asyncio.run(brokers.prepare(**told["nats"]))


if __name__ == "__main__":
    main()
