"""Writes of licences."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.ids import new_id
from svc_licensing.applications.models import Application
from svc_licensing.licences.models import HELD, Licence, LicenceStep, Status

FIRST = 1


async def hold(command: Command, licence_id: UUID) -> Licence | None:
    """The licence, if it is in the scope, locked until the command ends."""
    return await command.session.get(Licence, licence_id, with_for_update=True)


async def agreement_of(command: Command, holder_id: UUID, *, clause: int, center: str | None) -> Licence | None:
    """The holder's agreement in principle in force, for that center if it is for one; locked."""
    statement = (
        select(Licence)
        .where(
            Licence.holder_id == holder_id,
            Licence.kind == "agreement-in-principle",
            Licence.clause == clause,
            Licence.status == Status.IN_FORCE,
            Licence.center == center if center is not None else col(Licence.center).is_(None),
        )
        .order_by(col(Licence.valid_to).desc())
        .limit(1)
        .with_for_update()
    )
    return (await command.session.exec(statement)).first()


async def decided(command: Command, application_id: UUID) -> Application | None:
    """The application, if it is in the scope, locked until the command ends."""
    return await command.session.get(Application, application_id, with_for_update=True)


async def name_of(command: Command, person_id: UUID | None) -> str | None:
    """Somebody of an institution, in full."""
    if person_id is None:
        return None
    name: str = await command.connection.fetchval(
        "SELECT given_name || ' ' || family_name FROM institution_person WHERE id = $1", person_id
    )
    return name


async def next_serial(command: Command, series: str) -> int:
    """The serial that follows in a series (`29-1405`); nobody else numbers there until the command ends."""
    await command.connection.execute("SELECT pg_advisory_xact_lock(hashtext('licence numbers ' || $1))", series)
    last = await command.connection.fetchval(
        "SELECT max(number) FROM licence WHERE number > $1 || '-' AND number < $1 || '.'", series
    )
    return FIRST if last is None else int(last.rpartition("-")[2]) + 1


async def is_held(command: Command, *, center: str, kind: str) -> bool:
    return bool(
        await command.connection.fetchval(
            "SELECT EXISTS (SELECT FROM licence WHERE center = $1 AND kind = $2 AND status = ANY($3))",
            center,
            kind,
            [*HELD],
        )
    )


async def had_its_effect(command: Command, application_id: UUID) -> bool:
    return bool(
        await command.connection.fetchval(
            "SELECT EXISTS (SELECT FROM licence_step WHERE application_id = $1)", application_id
        )
    )


async def take_expired(command: Command, *, on: date, limit: int) -> list[Licence]:
    """Licences that are held and whose last day is over, locked; what somebody else works on is left for later."""
    statement = (
        select(Licence)
        .where(col(Licence.status).in_([*HELD]), col(Licence.valid_to) < on)
        .order_by(col(Licence.valid_to), col(Licence.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [*(await command.session.exec(statement)).all()]


async def take_renewable(command: Command, *, on: date, limit: int) -> list[Licence]:
    """Licences in force of which nobody was told yet that they can be renewed now, locked."""
    statement = (
        select(Licence)
        .where(
            Licence.status == Status.IN_FORCE,
            col(Licence.renewal_announced_at).is_(None),
            col(Licence.renewal_opens_on) <= on,
        )
        .order_by(col(Licence.renewal_opens_on), col(Licence.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [*(await command.session.exec(statement)).all()]


async def every(command: Command) -> Sequence[Licence]:
    return (await command.session.exec(select(Licence).order_by(col(Licence.id)))).all()


async def add(command: Command, licence: Licence) -> None:
    command.session.add(licence)
    await command.session.flush()


def add_step(
    command: Command, licence: Licence, kind: str, about: Mapping[str, Any], *, application_id: UUID | None = None
) -> None:
    command.session.add(
        LicenceStep(
            id=new_id(),
            licence_id=licence.id,
            kind=kind,
            at=command.now,
            actor=command.actor.subject,
            application_id=application_id,
            about=dict(about),
        )
    )
