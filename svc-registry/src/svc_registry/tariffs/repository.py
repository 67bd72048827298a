"""Writes to tariffs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from shared.chassis.database import Command
from svc_registry.tariffs.errors import TariffOverlaps
from svc_registry.tariffs.models import Tariff, TariffStatus


def add(command: Command, tariff: Tariff) -> None:
    command.session.add(tariff)


async def save(command: Command) -> None:
    """Write what has changed; raises TariffOverlaps."""
    try:
        await command.session.flush()
    except IntegrityError as error:
        if "tariff_once" in str(error.orig):
            raise TariffOverlaps from error
        raise


async def hold(command: Command, tariff_id: UUID) -> Tariff | None:
    """The tariff, if it is in the scope, locked until the command ends."""
    return await command.session.get(Tariff, tariff_id, with_for_update=True)


async def hold_signed_off(command: Command, like: Tariff) -> Sequence[Tariff]:
    """The signed-off tariffs of the same service, area class and jurisdiction, in the order of time, locked."""
    statement = (
        select(Tariff)
        .where(
            Tariff.status == TariffStatus.SIGNED_OFF,
            Tariff.service_code == like.service_code,
            Tariff.area_class == like.area_class,
            Tariff.jurisdiction == like.jurisdiction,
        )
        .order_by(col(Tariff.valid_from))
        .with_for_update()
    )
    return (await command.session.exec(statement)).all()


async def every_signed_off(command: Command) -> Sequence[Tariff]:
    statement = select(Tariff).where(Tariff.status == TariffStatus.SIGNED_OFF).order_by(col(Tariff.id))
    return (await command.session.exec(statement)).all()
