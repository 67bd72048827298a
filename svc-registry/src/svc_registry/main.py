"""Registry: where centers are, who works where, and which rules, services and tariffs hold."""

from typing import Any

from shared.chassis.database import Command
from shared.chassis.service import Service
from svc_registry.catalogue import service as catalogue
from svc_registry.catalogue.endpoints import router as catalogue_router
from svc_registry.centers import service as centers
from svc_registry.centers.consumers import on
from svc_registry.centers.endpoints import router as centers_router
from svc_registry.db import metadata
from svc_registry.divisions.endpoints import router as divisions_router
from svc_registry.parameters import service as parameters
from svc_registry.parameters.endpoints import router as parameters_router
from svc_registry.postings import service as postings
from svc_registry.postings.endpoints import router as postings_router
from svc_registry.settings import RegistrySettings
from svc_registry.tariffs import service as tariffs
from svc_registry.tariffs.endpoints import router as tariffs_router


async def prepare(command: Command, settings: Any) -> None:
    """After migrating: announce the reference data that came with it, and appoint the first administrator."""
    await catalogue.announce_new(command)
    await parameters.announce_new(command)
    if settings.first_administrator is not None:
        await postings.appoint_first_administrator(command, settings.first_administrator)


async def republish(command: Command) -> None:
    """Announce the present state of everything that others keep a copy of."""
    await centers.announce_all(command)
    await postings.announce_all(command)
    await catalogue.announce_all(command)
    await parameters.announce_all(command)
    await tariffs.announce_all(command)


service = Service(
    name="registry",
    title="Registry",
    description="Centers, staff postings, the service catalogue, dated rules and tariffs.",
    package="svc_registry",
    settings=RegistrySettings,
    metadata=metadata,
    routers=[divisions_router, centers_router, postings_router, catalogue_router, parameters_router, tariffs_router],
    consumers=[on],
    on_start=prepare,
    republish=republish,
)
app = service.app

if __name__ == "__main__":
    service.main()
