"""Complaints go on by themselves, beside the requests. Several processes share the work."""

import asyncio
import logging
from contextlib import suppress

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.kit.problems import Problem
from svc_casefile.complaints import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0


async def let_complaints_go_on(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        more = False
        try:
            async with database.command(Actor.system("casefile")) as command:
                more = await service.go_on(command)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("complaints have to wait for the database")
        if not more:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=LOOK_SECONDS)
