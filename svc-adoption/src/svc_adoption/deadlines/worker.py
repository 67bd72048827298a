"""Tells whose day is over, beside the requests. Several processes share the work."""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.kit.problems import Problem
from svc_adoption.deadlines import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0


async def tell_passed_deadlines(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        told = 0
        try:
            async with database.command(Actor.system("adoption")) as command:
                told = await service.tell(command)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("deadlines that passed have to wait for the database")
        if told < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)
