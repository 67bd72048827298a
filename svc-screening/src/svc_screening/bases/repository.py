"""Writes of bases and devices."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_screening.bases.errors import SerialNumberTaken
from svc_screening.bases.models import Base, Device


async def add(command: Command, base: Base) -> None:
    command.session.add(base)
    await command.session.flush()


async def hold(command: Command, base_id: UUID) -> Base:
    """The base, locked until the command ends. Raises NotFound when it is not in the scope."""
    base = await command.session.get(Base, base_id, with_for_update=True)
    if base is None:
        raise NotFound
    return base


async def save(command: Command, device: Device) -> None:
    """Write a new or changed device. Raises SerialNumberTaken."""
    command.session.add(device)
    try:
        await command.session.flush()
    except IntegrityError as error:
        if "uq_device_serial" in str(error.orig):
            raise SerialNumberTaken from error
        raise


async def device(command: Command, base: Base, device_id: UUID) -> Device:
    """A device of a base that is locked. Raises NotFound."""
    statement = select(Device).where(Device.base_id == base.id, Device.id == device_id)
    found = (await command.session.exec(statement)).one_or_none()
    if found is None:
        raise NotFound
    return found
