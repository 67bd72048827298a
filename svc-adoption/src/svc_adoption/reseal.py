"""`python -m svc_adoption.reseal`: what an earlier key has sealed is sealed with the present one, so that the earlier
can go.

In steps that commit one by one, beside a service that runs; broken off, it goes on where it was. It says how many rows
it sealed anew, and has done all when it says none.
"""

import asyncio
import sys

from shared.chassis.actor import Actor
from shared.chassis.database import Database
from shared.chassis.sealing import SealingSettings
from shared.chassis.settings import load
from svc_adoption.main import service
from svc_adoption.sealed import seal_anew

AT_ONCE = 500


async def reseal(database: Database, settings: SealingSettings) -> int:
    """How many rows another key had sealed. Raises SealBroken when a key is not there any more."""
    done = 0
    while True:
        async with database.command(Actor.system(service.name)) as command:
            sealed = await seal_anew(command, seals=settings.seals, at_most=AT_ONCE)
        done += sealed
        if not sealed:
            return done


async def _main(settings: SealingSettings) -> int:
    database = Database(settings, owner=service.name)
    await database.start()
    try:
        return await reseal(database, settings)
    finally:
        await database.stop()


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(_main(load(SealingSettings)))} rows sealed anew\n")
