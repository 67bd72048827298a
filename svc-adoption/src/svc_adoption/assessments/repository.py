"""Writes of checks."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.kit.ids import new_id
from shared.kit.problems import NotFound
from svc_adoption import sealed
from svc_adoption.assessments.models import Assessment, CheckState
from svc_adoption.assessments.schemas import CheckKept

TABLE: Final = sealed.sealing("assessment")


async def await_checks(
    command: Command, request_id: UUID, kinds: Collection[str], *, on: date, seals: Seals
) -> Sequence[Assessment]:
    """Open the checks that a request needs; those that were passed and are valid still stand. All of them."""
    known = {each.kind: each for each in await of_request(command, request_id)}
    for kind in kinds:
        check = known.get(kind)
        if check is None:
            check = Assessment(
                id=new_id(), request_id=request_id, kind=kind, state=CheckState.AWAITED, key_id="", sealed=b""
            )
            keep(check, CheckKept(), seals=seals)
            known[kind] = check
            command.session.add(check)
        elif not stands(check, on):
            check.state, check.valid_until = CheckState.AWAITED, None
            check.answered_on = check.answered_by = None
    await command.session.flush()
    return [*known.values()]


def stands(check: Assessment, on: date) -> bool:
    """Whether it was passed, and the paper is valid."""
    return check.state == CheckState.PASSED and (check.valid_until is None or check.valid_until >= on)


def keep(check: Assessment, document: CheckKept, *, seals: Seals) -> None:
    check.key_id, check.sealed = sealed.seal(TABLE, check.id, document, seals=seals)


async def of_request(command: Command, request_id: UUID) -> Sequence[Assessment]:
    """All checks of a request that is locked."""
    statement = select(Assessment).where(Assessment.request_id == request_id).order_by(col(Assessment.id))
    return (await command.session.exec(statement)).all()


async def check_of(command: Command, request_id: UUID, kind: str) -> Assessment:
    """Raises NotFound while the request awaits no such check."""
    statement = select(Assessment).where(Assessment.request_id == request_id, Assessment.kind == kind)
    found = (await command.session.exec(statement)).one_or_none()
    if found is None:
        raise NotFound
    return found
