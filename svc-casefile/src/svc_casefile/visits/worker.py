"""Keeps due dates by the rule in force, and brings late visits after their files, beside the requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Command, Database
from shared.chassis.leadership import stopped
from shared.kit.problems import Problem
from svc_casefile.visits import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


async def keep_visits(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            more = [await _step(database, step) for step in (service.follow_rules, service.bring_after)]
        except (Problem, *CONNECTION_ERRORS):
            log.warning("visits have to wait for the database")
            more = []
        if not any(more):
            await stopped(stop, within=LOOK_SECONDS)


async def _step(database: Database, step: Callable[[Command], Awaitable[bool]]) -> bool:
    async with database.command(Actor.system("casefile")) as command:
        return await step(command)
