"""The rules of clearing a center that closes: all its files at once, in one operation that names its reason.

The center has to be suspended first, so that it is given nothing while it is cleared. Its files are placed by the same
optimum as a distribution: as many as the maxima in force allow, then the least distance. A file is never without
somebody responsible, so by default nothing moves unless everything finds room; who decides that the rest waits makes
the county responsible for it, and says so. When the last file has gone, registry lets the center close.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from shared.chassis.database import Command
from shared.contracts.casefile import CenterClearedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, Problem, ScopeForbidden
from svc_casefile.assignments.errors import NotACenter
from svc_casefile.centers.queries import rules_in_force
from svc_casefile.closings import queries, repository
from svc_casefile.closings.errors import CenterStillOpen, CenterUnknown, NoRoomForAll
from svc_casefile.closings.models import CenterClosing
from svc_casefile.closings.schemas import CenterClosingCreate, CenterClosingRead, Rest
from svc_casefile.distributions import queries as distributions_queries
from svc_casefile.distributions import repository as distributions
from svc_casefile.distributions.errors import NoRuleInForce
from svc_casefile.distributions.service import MAXIMUM, MINIMUM, destination
from svc_casefile.households import repository as households
from svc_casefile.households.errors import CenterNotOpen
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import CaseFileStatus
from svc_casefile.transfers import service as transfers
from svc_casefile.transfers.repository import Going


async def clear(command: Command, body: CenterClosingCreate) -> CenterClosingRead:
    """Let all the files of a center go to others.

    Raises ScopeForbidden, NotACenter, CenterUnknown, CenterStillOpen, CenterNotOpen, NoRuleInForce and NoRoomForAll.
    """
    if not command.scope.covers(body.center):
        raise ScopeForbidden
    if body.center.level != Level.CENTER:
        raise _at("/center", NotACenter)
    within = body.destination or body.center.parent or body.center
    if not command.scope.covers(within):
        raise ScopeForbidden
    await distributions.one_at_a_time(command, body.center.code)
    status = await queries.status_of(command.connection, body.center)
    if status is None:
        raise _at("/center", CenterUnknown)
    if status == "open":
        raise CenterStillOpen
    on = today()
    await repository.hasten_accepted(command, body.center.code, on=on)
    files = await households.locked_many(command, await queries.files_of(command.connection, body.center))
    centers = await distributions_queries.open_centers(command.connection, within)
    if not centers:
        raise _at("/destination", CenterNotOpen)
    rules = await rules_in_force(
        command.connection, centers=[center["code"] for center in centers], names=[MINIMUM, MAXIMUM], on=on
    )
    unruled = [code for code, values in rules.items() if MAXIMUM not in values]
    if unruled:
        raise NoRuleInForce(centers=unruled)
    places, metres = await asyncio.to_thread(_placed, files, centers, rules)
    waiting = places.count(None)
    if waiting and body.rest == Rest.REFUSE:
        raise NoRoomForAll(files=len(files), room=len(files) - waiting)
    closing = CenterClosing(
        id=new_id(),
        jurisdiction=body.center.code,
        destination=within.code,
        reason=body.reason,
        rules_on=on,
        files=len(files),
        placed=len(files) - waiting,
        waiting=waiting,
        total_metres=metres,
        done_at=command.now,
        done_by=command.actor.subject,
    )
    await repository.add(command, closing)
    going = {file.id: _going(file, place, center=body.center) for file, place in zip(files, places, strict=True)}
    # the files first: what is under way for them lapses, and the closing's own transfers come after
    await transfers.move(command, files, going)
    await repository.add_transfers(command, closing, files, going)
    command.publish(
        CenterClearedV1(
            closing_id=closing.id,
            jurisdiction=body.center,
            center=body.center,
            files=closing.files,
            placed=closing.placed,
            waiting=closing.waiting,
        )
    )
    command.after_commit.append(transfers.changes.ring)
    return await queries.closing(command.connection, closing.id, scope=command.scope_range)


def _going(file: CaseFile, place: str | None, *, center: Jurisdiction) -> Going:
    status = file.status
    if place is None and status != CaseFileStatus.DRAFT:
        status = CaseFileStatus.WAITING
    return Going(
        place=place or center.code[:4],
        status=status,
        worker=None,
        payer_category=file.payer_category,
        transfer_id=new_id(),
    )


def _placed(files: Sequence[CaseFile], centers: Sequence[Any], rules: Any) -> tuple[list[str | None], int]:
    """The center of each file, None where there is no room, and the metres of them all."""
    # here and not at the top: a process that clears no center does without NumPy and OR-Tools
    import numpy as np

    from svc_casefile.allocation import allocate

    destinations = [destination(center, rules[center["code"]]) for center in centers]
    allocation = allocate(
        np.array([file.latitude for file in files], np.float64),
        np.array([file.longitude for file in files], np.float64),
        destinations,
    )
    places = [destinations[index].code if index >= 0 else None for index in allocation.destination]
    return places, int(allocation.metres[allocation.metres > 0].sum())


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title)])
