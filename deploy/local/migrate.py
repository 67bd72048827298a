"""Migrates every service in one interpreter: what takes time is to import them, and that is done while servers start.

Reads one line of JSON from standard input: the environment of each service by its name, when the NATS is ours its
address and administrator's password, and whether its events are lost, so that every state has to be announced again.
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

    def command(word: str, name: str) -> None:
        os.environ.clear()
        os.environ.update(inherited | told["services"][name])
        services[name].main([word])

    for name in services:
        command("migrate", name)
    if told["events_lost"]:
        for name in (name for name, service in services.items() if service.announces_state):
            command("republish", name)
    if told["nats"] is not None:
        asyncio.run(brokers.prepare(**told["nats"]))


if __name__ == "__main__":
    main()
