"""The rules of who looks after which file.

A worker is a social worker who is posted at the file's center on the day, and has no more files there than the rule in
force allows. A plan gives away what nobody has who is posted and stays. It never takes a file from a worker who stays:
a household keeps its worker. It levels the loads first, and gives each worker what is near their files second.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, PreconditionFailed, Problem, ScopeForbidden
from svc_casefile.assignments import queries, repository
from svc_casefile.assignments.errors import (
    AssignmentPlanDecided,
    AssignmentPlanOutdated,
    CaseFilesChanged,
    CaseFilesUnknown,
    NotACenter,
)
from svc_casefile.assignments.models import AssignmentPlan
from svc_casefile.assignments.repository import Share
from svc_casefile.assignments.schemas import (
    Assigned,
    Assignment,
    AssignmentPlanCreate,
    AssignmentPlanRead,
    FileVersion,
    HandOver,
    PlanStatus,
    Reason,
)
from svc_casefile.households import events as households_events
from svc_casefile.households import queries as households_queries
from svc_casefile.households import repository as households
from svc_casefile.households.errors import CaseFileClosed
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import CaseFileStatus, HistoryAction
from svc_casefile.staff import queries as staff_queries
from svc_casefile.staff import repository as staff_repository
from svc_casefile.staff import service as staff
from svc_casefile.staff.errors import WorkerNotPosted
from svc_casefile.timeline.repository import happened

if TYPE_CHECKING:
    from svc_casefile.allocation import Destination, Floats

ROUNDS = 8
"""How often the middles of the workers' files are found anew; they hardly move after the third time."""


async def assign(command: Command, body: Assignment) -> Assigned:
    """Give the files to a worker, or to nobody.

    Raises CaseFilesUnknown, CaseFilesChanged, CaseFileClosed, WorkerNotPosted and WorkerFull.
    """
    ids = [file.id for file in body.files]
    centers = await queries.centers_of(command.connection, ids, scope=command.scope_range)
    for center in centers:  # before any file is locked, as everybody does it: none waits for the other
        await staff_repository.one_giver_at_a_time(command, center)
    found = {file.id: file for file in await households.locked_many(command, ids)}
    _refuse(CaseFilesUnknown, (place for place, file in enumerate(body.files) if file.id not in found))
    _refuse(
        CaseFilesChanged,
        (place for place, file in enumerate(body.files) if found[file.id].version != file.version),
    )
    files = [found[file_id] for file_id in ids]
    _refuse(CaseFileClosed, (place for place, file in enumerate(files) if file.status == CaseFileStatus.CLOSED))
    if body.worker is not None:
        _refuse(WorkerNotPosted, (place for place, file in enumerate(files) if file.jurisdiction not in centers))
        for center in centers:
            gained = [file for file in files if file.jurisdiction == center and file.assigned_worker != body.worker]
            await staff.require_room(command, body.worker, center=center, files=len(gained), pointer="/worker")
    return await _give(command, files, dict.fromkeys(ids, body.worker))


async def hand_over(command: Command, body: HandOver) -> Assigned:
    """Give all that one worker has at a center to another. Raises ScopeForbidden, WorkerNotPosted and WorkerFull."""
    center = _center(command, body.center)
    await staff_repository.one_giver_at_a_time(command, center)
    ids = await queries.files_of(command.connection, center, worker=body.from_worker)
    files = [
        file
        for file in await households.locked_many(command, ids)
        if (file.jurisdiction, file.assigned_worker) == (center, body.from_worker)
    ]
    gained = 0 if body.to_worker == body.from_worker else len(files)
    await staff.require_room(command, body.to_worker, center=center, files=gained, pointer="/to_worker")
    return await _give(command, files, dict.fromkeys(ids, body.to_worker))


async def _give(command: Command, files: Iterable[CaseFile], workers: Mapping[UUID, str | None]) -> Assigned:
    """Each locked file to its worker: a version, a line of history, a line of the timeline and an event for each."""
    changing = [file for file in files if file.assigned_worker != workers[file.id]]
    persons = await households_queries.persons_of(command.connection, [file.id for file in changing])
    for file in changing:
        before, after = file.assigned_worker, workers[file.id]
        file.assigned_worker = after
        households.next_version(
            command, file, action=HistoryAction.CHANGED, changes={"assigned_worker": (before, after)}
        )
        kind = "worker-released" if after is None else "worker-assigned"
        happened(command, file, kind=kind, about={"worker": after, "former_worker": before})
        command.publish(households_events.assigned(file, persons[file.id]))
    return Assigned(files=[FileVersion(id=file.id, version=file.version) for file in changing])


def _refuse(problem: type[Problem], places: Iterable[int]) -> None:
    errors = [FieldError(pointer=f"/files/{place}", code=problem.code, message=problem.title) for place in places]
    if errors:
        raise problem(errors=errors)


def _center(command: Command, place: Jurisdiction) -> str:
    if not command.scope.covers(place):
        raise ScopeForbidden
    if place.level != Level.CENTER:
        raise NotACenter(errors=[FieldError(pointer="/center", code=NotACenter.code, message=NotACenter.title)])
    return place.code


# plans


async def plan(command: Command, wanted: AssignmentPlanCreate) -> AssignmentPlanRead:
    """Find a worker for each file of the center that needs one; nothing changes yet.

    Raises ScopeForbidden and NotACenter.
    """
    center, on = _center(command, wanted.center), today()
    posted = await staff_queries.social_workers(command.connection, center, on=on)
    staying = [worker for worker in posted if worker not in wanted.leaving]
    maximum = await staff_queries.files_per_worker(command.connection, center, on=on)
    open_files, kept = await queries.files_by_worker(command.connection, center, staying=staying)
    shares = await asyncio.to_thread(_shared_out, open_files, kept, staying, maximum)
    placed = sum(len(share.case_file_ids) for share in shares if share.worker)
    row = AssignmentPlan(
        id=new_id(),
        jurisdiction=center,
        version=1,
        status=PlanStatus.PLANNED,
        leaving=wanted.leaving,
        rules_on=on,
        maximum=maximum,
        files=len(open_files),
        placed=placed,
        unplaced=len(open_files) - placed,
        created_at=command.now,
        created_by=command.actor.subject,
    )
    await repository.add(command, row, shares)
    return await queries.plan(command.connection, row.id, scope=command.scope_range)


async def apply(command: Command, plan_id: UUID, *, version: int) -> AssignmentPlanRead:
    """Give every planned file to its worker, or none.

    Raises NotFound, PreconditionFailed, AssignmentPlanDecided, AssignmentPlanOutdated, WorkerNotPosted and WorkerFull.
    """
    current = await _undecided(command, plan_id, version=version)
    await staff_repository.one_giver_at_a_time(command, current.center.code)
    given = {row["id"]: row for row in await queries.given_by(command.connection, plan_id)}
    files = await households.locked_many(command, [*given])
    same = {
        file.id
        for file in files
        if file.version == given[file.id]["version"] and file.jurisdiction == current.center.code
    }
    changed = sorted(str(each) for each in given.keys() - same)
    if changed:
        raise AssignmentPlanOutdated(case_files=changed)
    for share in current.workers:
        await staff.require_room(
            command,
            share.worker,
            center=current.center.code,
            files=share.load_after - share.load_before,
            pointer="/workers",
        )
    await _give(command, files, {file_id: row["worker"] for file_id, row in given.items()})
    return await _decided(command, plan_id, PlanStatus.APPLIED)


async def drop(command: Command, plan_id: UUID, *, version: int) -> AssignmentPlanRead:
    """Give the plan up. Raises NotFound, PreconditionFailed and AssignmentPlanDecided."""
    await _undecided(command, plan_id, version=version)
    return await _decided(command, plan_id, PlanStatus.DROPPED)


async def _undecided(command: Command, plan_id: UUID, *, version: int) -> AssignmentPlanRead:
    current = await queries.plan(command.connection, plan_id, scope=command.scope_range, lock=True)
    if current.version != version:
        raise PreconditionFailed
    if current.status != PlanStatus.PLANNED:
        raise AssignmentPlanDecided(decision=current.status)
    return current


async def _decided(command: Command, plan_id: UUID, status: PlanStatus) -> AssignmentPlanRead:
    await repository.decide(command, plan_id, status=status)
    return await queries.plan(command.connection, plan_id, scope=command.scope_range)


# sharing out, on a thread of its own


def _shared_out(
    open_files: Sequence[Any], kept: Sequence[Any], workers: Sequence[str], maximum: int | None
) -> list[Share]:
    """The fairest shares, and among those the nearest. Equal input gives equal shares."""
    # here and not at the top: a process that makes no plan does without NumPy and OR-Tools
    import numpy as np

    from svc_casefile.allocation import allocate

    before = {worker: sum(row["assigned_worker"] == worker for row in kept) for worker in workers}
    shares = {worker: Share(worker=worker, load_before=before.get(worker, 0)) for worker in ("", *workers)}
    own = {worker: _points(row for row in kept if row["assigned_worker"] == worker) for worker in workers}
    points = _points(open_files)
    level = _level([*before.values()], len(open_files), maximum)
    middles = _first_middles(own, points)
    allocation = None
    for _ in range(ROUNDS):
        destinations = [_destination(worker, middles[worker], before[worker], level, maximum) for worker in workers]
        found = allocate(points[:, 0], points[:, 1], destinations)
        settled = allocation is not None and np.array_equal(found.destination, allocation.destination)
        allocation = found
        if settled:
            break
        for index, worker in enumerate(workers):
            reached = np.concatenate([own[worker], points[found.destination == index]])
            middles[worker] = _middle(reached, otherwise=middles[worker])
    assert allocation is not None
    for place, row in enumerate(open_files):
        chosen = int(allocation.destination[place])
        share = shares[workers[chosen] if chosen >= 0 else ""]
        share.case_file_ids.append(row["id"])
        share.file_versions.append(row["version"])
        share.metres.append(int(allocation.metres[place]))
        if chosen < 0:
            reason = Reason.NO_ROOM if workers else Reason.NO_WORKER
        elif allocation.choice[place] == 0:
            reason = Reason.NO_MAP_POINT
        else:
            reason = Reason.NEAR_THEIR_FILES if allocation.choice[place] == 1 else Reason.NEARER_WORKER_HAS_SHARE
        share.reasons.append(reason)
    return [share for share in shares.values() if share.worker or share.case_file_ids]


def _level(loads: Sequence[int], files: int, maximum: int | None) -> int:
    """How many files each worker has at the most, when the files are shared out as evenly as the loads allow."""
    if not loads:
        return 0
    room = files if maximum is None else sum(max(0, maximum - load) for load in loads)
    to_place, level = min(files, room), min(loads)
    while sum(max(0, level - load) for load in loads) < to_place:
        level += 1
    return level


def _destination(worker: str, middle: "Floats", load: int, level: int, maximum: int | None) -> "Destination":
    from svc_casefile.allocation import Destination

    most = level if maximum is None else min(level, maximum)
    return Destination(
        code=worker,
        latitude=float(middle[0]),
        longitude=float(middle[1]),
        load=load,
        minimum=max(0, most - 1),
        maximum=most,
    )


def _points(rows: Iterable[Any]) -> "Floats":
    """Latitude and longitude, NaN where unknown; a row for each file."""
    import numpy as np

    return np.array([(row["latitude"], row["longitude"]) for row in rows], np.float64).reshape(-1, 2)


def _middle(points: "Floats", *, otherwise: "Floats") -> "Floats":
    import numpy as np

    located = points[~np.isnan(points[:, 0])]
    return located.mean(axis=0) if len(located) else otherwise


def _first_middles(own: Mapping[str, "Floats"], points: "Floats") -> dict[str, "Floats"]:
    """Where each worker's files are; who has none on the map begins with a sector of the files to be given."""
    import numpy as np

    located = points[~np.isnan(points[:, 0])]
    center = _middle(points, otherwise=np.zeros(2))
    turned = located[np.argsort(np.arctan2(*(located - center).T), kind="stable")]
    newcomers = [worker for worker, theirs in own.items() if np.isnan(theirs[:, 0]).all()]
    sectors = dict(zip(newcomers, np.array_split(turned, max(1, len(newcomers))), strict=False))
    return {worker: _middle(sectors.get(worker, theirs), otherwise=center) for worker, theirs in own.items()}
