"""Decides on encounters whose rules were signed off after they had been recorded, beside the requests.

Several processes share the work.
"""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.kit.problems import Problem
from svc_screening.encounters import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0


async def decide_undecided_encounters(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        looked_at = 0
        try:
            async with database.command(Actor.system("screening")) as command:
                looked_at = await service.decide_undecided(command)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("undecided encounters have to wait for the database")
        if looked_at < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)
