"""Writes to the catalogue."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from shared.chassis.database import Command
from svc_registry.catalogue.errors import ServiceCodeTaken
from svc_registry.catalogue.models import CatalogueService


async def add(command: Command, service: CatalogueService) -> None:
    """Raises ServiceCodeTaken."""
    command.session.add(service)
    try:
        await command.session.flush()
    except IntegrityError as error:
        raise ServiceCodeTaken from error


async def hold(command: Command, code: str) -> CatalogueService | None:
    """The service, locked until the command ends."""
    return await command.session.get(CatalogueService, code, with_for_update=True)


async def exists(command: Command, code: str) -> bool:
    return await command.session.get(CatalogueService, code) is not None


async def every(command: Command) -> Sequence[CatalogueService]:
    return (await command.session.exec(select(CatalogueService).order_by(col(CatalogueService.code)))).all()


async def unannounced(command: Command) -> Sequence[CatalogueService]:
    statement = select(CatalogueService).where(col(CatalogueService.announced_at).is_(None)).with_for_update()
    return (await command.session.exec(statement)).all()
