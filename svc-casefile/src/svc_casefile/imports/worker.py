"""Takes in what has been received, beside the requests. Several processes share the work."""

import asyncio
import logging
from contextlib import aclosing

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.kit.problems import Problem
from svc_casefile.households import repository
from svc_casefile.imports import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


async def take_in_imports(database: Database, stop: asyncio.Event) -> None:
    async with aclosing(service.Intake(database, service="casefile")) as intake:
        grown = False
        while not stop.is_set():
            try:
                worked = await intake.take_in()
                if grown and not worked:  # until they are counted, queries of the new files are planned as if for a few
                    async with database.command(Actor.system("casefile")) as command:
                        await repository.refresh_statistics(command)
                grown = worked
            except (Problem, *CONNECTION_ERRORS):
                log.warning("imports have to wait for the database")
                worked = False
            if not worked:
                await service.arrivals.wait(stop, seconds=LOOK_SECONDS)
