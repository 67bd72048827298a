"""What the gateway tells of reads of personal files."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.gateway import PersonalFileReadV1
from svc_casefile.read_audit import repository

on = Handlers()


@on(PersonalFileReadV1)
async def keep_read(command: Command, event: PersonalFileReadV1) -> None:
    await repository.keep(command, event)
