"""Announces on the day what ends and what can be renewed, beside the requests. Several processes share the work."""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.kit.calendar import today
from shared.kit.problems import Problem
from svc_licensing.licences import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0


async def announce_licences(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        most = 0
        try:
            async with database.command(Actor.system("licensing")) as command:
                ended = await service.announce_ended(command, on=today())
                most = max(ended, await service.remind_of_renewal(command, on=today()))
        except (Problem, *CONNECTION_ERRORS):
            log.warning("what ends or can be renewed has to wait for the database")
        if most < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)
