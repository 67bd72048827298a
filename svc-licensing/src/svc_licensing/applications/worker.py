"""Reminds, tells the level above and lets lapse, beside the requests."""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.kit.calendar import today
from shared.kit.problems import Problem
from svc_licensing.applications import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0


async def tend_deadlines(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        done = 0
        try:
            done = await look_once(database)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("licensing deadlines have to wait for the database")
        if done < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)


async def look_once(database: Database) -> int:
    """How many there were. Each is told by itself, under the lock of its application."""
    system = Actor.system("licensing")
    async with database.command(system) as command:
        due = await service.due(command, on=today())
    for deadline_id, application_id in due:
        async with database.command(system) as command:
            await service.tend(command, application_id, deadline_id, on=today())
    return len(due)
