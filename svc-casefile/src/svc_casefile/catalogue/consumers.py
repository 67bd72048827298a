"""What the registry announces of the catalogue."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.registry import CatalogueServiceChangedV1
from svc_casefile.catalogue import repository

on = Handlers()


@on(CatalogueServiceChangedV1)
async def remember_service(command: Command, event: CatalogueServiceChangedV1) -> None:
    await repository.keep_service(command, event)
