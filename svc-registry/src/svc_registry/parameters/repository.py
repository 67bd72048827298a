"""Writes to parameters."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from shared.chassis.database import Command
from svc_registry.parameters.errors import ParameterOverlaps
from svc_registry.parameters.models import Parameter


async def save(command: Command, *added: Parameter) -> None:
    """Write what is new or changed; raises ParameterOverlaps."""
    command.session.add_all(added)
    try:
        await command.session.flush()
    except IntegrityError as error:
        if "parameter_once" in str(error.orig):
            raise ParameterOverlaps from error
        raise


async def hold(command: Command, parameter_id: UUID) -> Parameter | None:
    """The parameter, if it is in the scope, locked until the command ends."""
    return await command.session.get(Parameter, parameter_id, with_for_update=True)


async def hold_all(command: Command, *, name: str, jurisdiction: str) -> Sequence[Parameter]:
    """Every value of a parameter in one jurisdiction, in the order of time, locked until the command ends."""
    statement = (
        select(Parameter)
        .where(Parameter.name == name, Parameter.jurisdiction == jurisdiction)
        .order_by(col(Parameter.valid_from))
        .with_for_update()
    )
    return (await command.session.exec(statement)).all()


async def national_unit(command: Command, name: str) -> str | None:
    """The unit in which the nation counts a parameter; None when there is no such parameter."""
    statement = select(Parameter.unit).where(Parameter.name == name, Parameter.jurisdiction == "")
    return (await command.session.exec(statement.limit(1))).first()


async def every(command: Command) -> Sequence[Parameter]:
    return (await command.session.exec(select(Parameter).order_by(col(Parameter.id)))).all()


async def unannounced(command: Command) -> Sequence[Parameter]:
    statement = select(Parameter).where(col(Parameter.announced_at).is_(None)).with_for_update()
    return (await command.session.exec(statement)).all()
