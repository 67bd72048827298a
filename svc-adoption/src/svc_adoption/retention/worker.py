"""Ends what was not renewed and erases what has ended, each on its day, beside the requests. Several processes share
the work."""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.kit.problems import Problem
from svc_adoption.retention import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 600.0


async def erase_what_has_ended(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        erased = 0
        try:
            async with database.command(Actor.system("adoption")) as command:
                erased = max(await service.expire(command), await service.erase(command))
        except (Problem, *CONNECTION_ERRORS):
            log.warning("expiring and erasing have to wait for the database")
        if erased < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)
