"""How an amount comes to count: drafted by one person, signed off by another."""

from datetime import date, timedelta
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, NotFound, ScopeForbidden
from svc_registry.catalogue import service as catalogue
from svc_registry.centers import service as centers
from svc_registry.tariffs import events, repository
from svc_registry.tariffs.errors import SecondPersonNeeded, ServiceUnknown, TariffNotDraft, TariffOverlaps
from svc_registry.tariffs.models import Tariff, TariffStatus
from svc_registry.tariffs.schemas import TariffCreate, TariffRead

DAY = timedelta(days=1)


async def draft(command: Command, wanted: TariffCreate) -> TariffRead:
    """Raises ScopeForbidden, PlaceUnknown, ServiceUnknown."""
    if not command.scope.covers(wanted.jurisdiction):
        raise ScopeForbidden
    await centers.require_place(command, wanted.jurisdiction)
    if not await catalogue.exists(command, wanted.service_code):
        raise ServiceUnknown(errors=[FieldError("/service_code", ServiceUnknown.code, ServiceUnknown.title)])
    tariff = Tariff(
        **wanted.model_dump(exclude={"jurisdiction"}),
        id=new_id(),
        jurisdiction=wanted.jurisdiction.code,
        drafted_by=command.actor.subject,
        drafted_at=command.now,
    )
    repository.add(command, tariff)
    return _read(tariff)


async def sign_off(command: Command, tariff_id: UUID) -> TariffRead:
    """Let a draft count; the tariff before it ends the day before.

    Raises NotFound, TariffNotDraft, SecondPersonNeeded, TariffOverlaps.
    """
    tariff = await _hold_draft(command, tariff_id)
    if tariff.drafted_by == command.actor.subject:
        raise SecondPersonNeeded
    for before in await repository.hold_signed_off(command, tariff):
        ended = before.valid_to or date.max
        if before.valid_from < tariff.valid_from <= ended:
            if (tariff.valid_to or date.max) < ended:
                raise TariffOverlaps
            before.valid_to = tariff.valid_from - DAY
            before.version += 1
            await repository.save(command)
            command.publish(events.signed_off(before))
    tariff.status = TariffStatus.SIGNED_OFF
    tariff.signed_off_by, tariff.signed_off_at = command.actor.subject, command.now
    tariff.version += 1
    await repository.save(command)
    command.publish(events.signed_off(tariff))
    return _read(tariff)


async def withdraw(command: Command, tariff_id: UUID) -> TariffRead:
    """Raises NotFound, TariffNotDraft."""
    tariff = await _hold_draft(command, tariff_id)
    tariff.status = TariffStatus.WITHDRAWN
    tariff.version += 1
    return _read(tariff)


async def announce_all(command: Command) -> None:
    """Publish every signed-off tariff again."""
    command.publish_many([events.signed_off(tariff) for tariff in await repository.every_signed_off(command)])


async def _hold_draft(command: Command, tariff_id: UUID) -> Tariff:
    tariff = await repository.hold(command, tariff_id)
    if tariff is None:
        raise NotFound
    if tariff.status != TariffStatus.DRAFT:
        raise TariffNotDraft(current=tariff.status)
    return tariff


def _read(tariff: Tariff) -> TariffRead:
    fields = tariff.model_dump()
    return TariffRead(**fields | {"jurisdiction": Jurisdiction.from_code(tariff.jurisdiction)})
