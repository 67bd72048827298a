"""Which bases there are, for what and from when to when."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem
from svc_screening.bases import queries, repository
from svc_screening.bases.errors import BaseClosedBeforeOpened, CampaignElsewhere, InstrumentUnknown
from svc_screening.bases.models import Base, Device
from svc_screening.bases.schemas import BaseCreate, BaseRead, BaseUpdate, DeviceCreate, DeviceRead, DeviceUpdate
from svc_screening.campaigns import queries as campaigns
from svc_screening.centers import service as centers
from svc_screening.programmes import queries as programmes
from svc_screening.programmes.errors import ProgrammeUnknown


async def open_base(command: Command, body: BaseCreate) -> BaseRead:
    """Raises ScopeForbidden, CenterNotOpen, ProgrammeUnknown and CampaignElsewhere."""
    center = await centers.place(command, body.center)
    await _require_programmes(command, body.programmes)
    if body.campaign_id is not None:
        try:
            campaign = await campaigns.read_campaign(command.connection, body.campaign_id)
        except NotFound:
            raise _at("/campaign_id", CampaignElsewhere) from None
        if not campaign.jurisdiction.covers(center) or campaign.programme not in body.programmes:
            raise _at("/campaign_id", CampaignElsewhere)
    base = Base(
        **body.model_dump(exclude={"center"}),
        id=new_id(),
        version=1,
        jurisdiction=center.code,
        created_at=command.now,
        created_by=command.actor.subject,
    )
    await repository.add(command, base)
    return await queries.read_base(command.connection, base.id, scope=command.scope_range)


async def change(command: Command, base_id: UUID, *, version: int, body: BaseUpdate) -> BaseRead:
    """Raises NotFound, PreconditionFailed, ProgrammeUnknown and BaseClosedBeforeOpened."""
    base = await _current(command, base_id, version=version)
    changes = body.model_dump(exclude_unset=True)
    await _require_programmes(command, changes.get("programmes", []))
    if (changes.get("closes_on") or base.opens_on) < base.opens_on:
        raise _at("/closes_on", BaseClosedBeforeOpened)
    if any(getattr(base, name) != value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(base, name, value)
        base.version += 1
    await command.session.flush()
    return await queries.read_base(command.connection, base_id, scope=command.scope_range)


async def add_device(command: Command, base_id: UUID, body: DeviceCreate) -> DeviceRead:
    """Raises NotFound, InstrumentUnknown and SerialNumberTaken."""
    base = await repository.hold(command, base_id)
    known: set[str] = set()
    for code in base.programmes:
        protocol = await programmes.in_force(command.connection, code, today())
        known |= {each.code for each in protocol.instruments} if protocol is not None else set()
    if body.instrument not in known:
        raise _at("/instrument", InstrumentUnknown)
    device = Device(
        **body.model_dump(),
        id=new_id(),
        version=1,
        base_id=base_id,
        jurisdiction=base.jurisdiction,
        created_at=command.now,
        created_by=command.actor.subject,
    )
    await repository.save(command, device)
    return await queries.read_device(command.connection, base_id, device.id)


async def change_device(
    command: Command, base_id: UUID, device_id: UUID, *, version: int, body: DeviceUpdate
) -> DeviceRead:
    """Raises NotFound and PreconditionFailed."""
    device = await repository.device(command, await repository.hold(command, base_id), device_id)
    if device.version != version:
        raise PreconditionFailed
    changes = body.model_dump(exclude_unset=True)
    if any(getattr(device, name) != value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(device, name, value)
        device.version += 1
        await repository.save(command, device)
    return await queries.read_device(command.connection, base_id, device_id)


async def _require_programmes(command: Command, codes: list[str]) -> None:
    known = {each.code for each in (await programmes.list_programmes(command.connection)).items} if codes else set()
    for position, code in enumerate(codes):
        if code not in known:
            raise _at(f"/programmes/{position}", ProgrammeUnknown)


async def _current(command: Command, base_id: UUID, *, version: int) -> Base:
    base = await repository.hold(command, base_id)
    if base.version != version:
        raise PreconditionFailed
    return base


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer, problem.code, problem.title)])
