"""Migrates every service in one interpreter: what takes time is to import them, and that is done while servers start.

Reads one line of JSON, the environment of each service by its name, from standard input.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from deploy.local.home import SERVICES

if TYPE_CHECKING:
    from shared.chassis.service import Service


def main() -> None:
    services: dict[str, Service] = {name: import_module(f"svc_{name}.main").service for name in SERVICES}
    import_module("alembic.command")
    inherited = dict(os.environ)
    for name, environment in json.loads(sys.stdin.readline()).items():
        os.environ.clear()
        os.environ.update(inherited | environment)
        services[name].main(["migrate"])


if __name__ == "__main__":
    main()
