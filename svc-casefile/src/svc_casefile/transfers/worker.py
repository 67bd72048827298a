"""Makes accepted transfers effective when their day has come, beside the requests."""

import asyncio
import logging

from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.kit.problems import Problem
from svc_casefile.transfers import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


async def move_transfers_on(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            worked = await service.work(database)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("transfers have to wait for the database")
            worked = False
        if not worked:
            await service.changes.wait(stop, seconds=LOOK_SECONDS)
