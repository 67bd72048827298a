"""Asks what waits for a system, tells of what is overdue, asks again what has expired and seals what another release
left in the clear, beside the requests.

Several processes share the work.
"""

import asyncio
import logging

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Database
from shared.chassis.leadership import stopped
from shared.chassis.sealing import Seals
from shared.kit.calendar import today
from shared.kit.problems import Problem
from svc_licensing.inquiries import repository, service

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0


async def tend_inquiries(database: Database, stop: asyncio.Event, *, seals: Seals) -> None:
    while not stop.is_set():
        done = 0
        try:
            done = await look_once(database, seals=seals)
        except (Problem, *CONNECTION_ERRORS):
            log.warning("inquiries have to wait for the database")
        if done < service.AT_ONCE:
            await stopped(stop, within=LOOK_SECONDS)


async def look_once(database: Database, *, seals: Seals) -> int:
    """How much of what is most there was to do."""
    system = Actor.system("licensing")
    async with database.command(system) as command:
        sealed = await service.seal(command, seals=seals)
    async with database.command(system) as command:
        sent = await service.send_queued(command)
    async with database.command(system) as command:
        late = await service.tell_overdue(command, on=today())
    async with database.command(system) as command:
        expired = await repository.expired(command, on=today(), limit=service.AT_ONCE)
    for inquiry_id, application_id in expired:
        # each by itself, so that the application is locked before its inquiry and no other waits for it
        async with database.command(system) as command:
            await service.renew_expired(command, inquiry_id, application_id)
    return max(sealed, sent, late, len(expired))
