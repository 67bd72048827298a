"""Lets the queue turn with the days, beside the requests. Several processes share the work."""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.chassis.sealing import Seals
from shared.kit.calendar import today
from shared.kit.problems import Problem
from svc_adoption.queue import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 600.0


async def turn_with_the_days(database: Database, stop: asyncio.Event, *, seals: Seals) -> None:
    while not stop.is_set():
        looked = 0
        try:
            async with database.command(Actor.system("adoption")) as command:
                looked = await service.turn(command, on=today(), seals=seals)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("the queue has to wait for the database, or for a rule")
        if looked < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)
