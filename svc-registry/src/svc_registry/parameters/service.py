"""How a rule changes: by a new dated value, never by forgetting the old one."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.jurisdiction import NATION, Jurisdiction
from shared.kit.problems import NotFound, PreconditionFailed, ScopeForbidden
from svc_registry.centers import service as centers
from svc_registry.parameters import events, repository
from svc_registry.parameters.errors import (
    ParameterOverlaps,
    ParameterUnknown,
    UnitDiffers,
    UnitMissing,
    ValidToTooEarly,
)
from svc_registry.parameters.models import Parameter
from svc_registry.parameters.schemas import ParameterCreate, ParameterRead, ParameterUpdate

DAY = timedelta(days=1)


async def set_value(command: Command, wanted: ParameterCreate) -> ParameterRead:
    """Let a value hold from a day; the value before it ends the day before.

    A value with a last day is an exception: what held before holds again after it.
    Raises ScopeForbidden, PlaceUnknown, ParameterUnknown, UnitMissing, UnitDiffers, ParameterOverlaps.
    """
    if not command.scope.covers(wanted.jurisdiction):
        raise ScopeForbidden
    await centers.require_place(command, wanted.jurisdiction)
    unit = await _unit(command, wanted)
    known = await repository.hold_all(command, name=wanted.name, jurisdiction=wanted.jurisdiction.code)
    valid_to = _until(wanted, known)
    parameter = _new(command, wanted, unit=unit, value=wanted.value, valid_from=wanted.valid_from, valid_to=valid_to)
    before = next((each for each in known if each.valid_from < wanted.valid_from <= (each.valid_to or date.max)), None)
    added = [parameter]
    if before is not None:
        ended, before.valid_to = before.valid_to, wanted.valid_from - DAY
        before.version += 1
        await repository.save(command)
        command.publish(events.was_set(before))
        if valid_to is not None and valid_to < (ended or date.max):
            added.append(
                _new(command, before, unit=unit, value=before.value, valid_from=valid_to + DAY, valid_to=ended)
            )
    await repository.save(command, *added)
    command.publish_many([events.was_set(each) for each in added])
    return _read(parameter)


async def correct(command: Command, parameter_id: UUID, changes: ParameterUpdate, *, if_match: int) -> ParameterRead:
    """Raises NotFound, PreconditionFailed, ValidToTooEarly, ParameterOverlaps."""
    parameter = await repository.hold(command, parameter_id)
    if parameter is None:
        raise NotFound
    if parameter.version != if_match:
        raise PreconditionFailed
    wanted = changes.model_dump(include=changes.model_fields_set)
    if all(getattr(parameter, name) == value for name, value in wanted.items()):
        return _read(parameter)
    for name, value in wanted.items():
        setattr(parameter, name, value)
    if parameter.valid_to is not None and parameter.valid_to < parameter.valid_from:
        raise ValidToTooEarly
    parameter.version += 1
    await repository.save(command)
    command.publish(events.was_set(parameter))
    return _read(parameter)


async def announce_new(command: Command) -> None:
    """Publish what a migration brought and nobody has announced yet."""
    for parameter in await repository.unannounced(command):
        parameter.announced_at = command.now
        command.publish(events.was_set(parameter))


async def announce_all(command: Command) -> None:
    """Publish every value of every parameter again."""
    command.publish_many([events.was_set(parameter) for parameter in await repository.every(command)])


async def _unit(command: Command, wanted: ParameterCreate) -> str:
    national = await repository.national_unit(command, wanted.name)
    if national is None:
        # a name that only a province knows would be a rule that nothing reads
        if wanted.jurisdiction != NATION:
            raise ParameterUnknown
        if wanted.unit is None:
            raise UnitMissing
        return wanted.unit
    if wanted.unit not in (None, national):
        raise UnitDiffers(unit=national)
    return national


def _until(wanted: ParameterCreate, known: Sequence[Parameter]) -> date | None:
    later = [each.valid_from for each in known if each.valid_from >= wanted.valid_from]
    following = min(later, default=None)
    if following is None or (wanted.valid_to is not None and wanted.valid_to < following):
        return wanted.valid_to
    if wanted.valid_to is not None or following == wanted.valid_from:
        raise ParameterOverlaps
    return following - DAY


def _new(
    command: Command,
    like: ParameterCreate | Parameter,
    *,
    unit: str,
    value: int,
    valid_from: date,
    valid_to: date | None,
) -> Parameter:
    return Parameter(
        id=new_id(),
        name=like.name,
        jurisdiction=Jurisdiction(like.jurisdiction or "IR").code,
        value=value,
        unit=unit,
        valid_from=valid_from,
        valid_to=valid_to,
        source=like.source,
        set_by=command.actor.subject,
        set_at=command.now,
        announced_at=command.now,
    )


def _read(parameter: Parameter) -> ParameterRead:
    fields = parameter.model_dump()
    return ParameterRead(**fields | {"jurisdiction": Jurisdiction.from_code(parameter.jurisdiction)})
