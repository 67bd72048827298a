"""Tells counties and provinces of whom nobody has seen, beside the requests. Several processes share the work."""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.kit.calendar import today
from shared.kit.problems import Problem
from svc_screening.referrals import service

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0


async def escalate_overdue_referrals(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        escalated = 0
        try:
            async with database.command(Actor.system("screening")) as command:
                escalated = await service.escalate(command, on=today())
        except (Problem, *CONNECTION_ERRORS):
            log.warning("overdue referrals have to wait for the database")
        if escalated < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)
