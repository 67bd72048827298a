"""Tells the counties what is overdue, beside the requests. Several processes share the work."""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.kit.calendar import today
from shared.kit.problems import Problem
from svc_casefile.requests import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
AT_ONCE = 100


async def escalate_overdue_requests(database: Database, stop: asyncio.Event) -> None:
    actor = Actor.system("casefile")
    while not stop.is_set():
        try:
            async with database.command(actor) as command:
                escalated = await service.escalate(command, on=today(), limit=AT_ONCE)
                await service.forget_tries(command)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("overdue requests have to wait for the database")
            escalated = 0
        if escalated < AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)
