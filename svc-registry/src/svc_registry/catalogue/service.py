"""The rules of the service catalogue."""

from shared.chassis.database import Command
from shared.kit.jurisdiction import NATION
from shared.kit.problems import NotFound, PreconditionFailed, ScopeForbidden
from svc_registry.catalogue import events, repository
from svc_registry.catalogue.errors import ActiveToTooEarly
from svc_registry.catalogue.models import CatalogueService
from svc_registry.catalogue.schemas import CatalogueServiceCreate, CatalogueServiceRead, CatalogueServiceUpdate


async def add(command: Command, wanted: CatalogueServiceCreate) -> CatalogueServiceRead:
    """Raises ScopeForbidden, ServiceCodeTaken, ActiveToTooEarly."""
    _require_nation(command)
    service = CatalogueService(**wanted.model_dump(), announced_at=command.now)
    _require_order(service)
    await repository.add(command, service)
    return _announced(command, service)


async def change(
    command: Command, code: str, changes: CatalogueServiceUpdate, *, if_match: int
) -> CatalogueServiceRead:
    """Raises ScopeForbidden, NotFound, PreconditionFailed, ActiveToTooEarly."""
    _require_nation(command)
    service = await repository.hold(command, code)
    if service is None:
        raise NotFound
    if service.version != if_match:
        raise PreconditionFailed
    wanted = changes.model_dump(include=changes.model_fields_set)
    if all(getattr(service, name) == value for name, value in wanted.items()):
        return _read(service)
    for name, value in wanted.items():
        setattr(service, name, value)
    _require_order(service)
    service.version += 1
    return _announced(command, service)


async def exists(command: Command, code: str) -> bool:
    return await repository.exists(command, code)


async def announce_new(command: Command) -> None:
    """Publish what a migration brought and nobody has announced yet."""
    for service in await repository.unannounced(command):
        service.announced_at = command.now
        command.publish(events.changed(service))


async def announce_all(command: Command) -> None:
    """Publish the present state of the whole catalogue again."""
    command.publish_many([events.changed(service) for service in await repository.every(command)])


def _require_nation(command: Command) -> None:
    if not command.scope.covers(NATION):
        raise ScopeForbidden


def _require_order(service: CatalogueService) -> None:
    if service.active_to is not None and service.active_to < service.active_from:
        raise ActiveToTooEarly


def _announced(command: Command, service: CatalogueService) -> CatalogueServiceRead:
    command.publish(events.changed(service))
    return _read(service)


def _read(service: CatalogueService) -> CatalogueServiceRead:
    return CatalogueServiceRead.model_validate(service)
