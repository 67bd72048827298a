"""The rules of distribution.

A plan is a proposal: several may exist for the same place, to compare the rules of two days for instance. Applying one
outruns the others, which is noticed when they are applied in turn. It moves nothing, or everything as it was read.
"""

import asyncio
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.kit.problems import FieldError, PreconditionFailed, ScopeForbidden
from svc_casefile.centers.queries import rules_in_force
from svc_casefile.distributions import events, queries, repository
from svc_casefile.distributions.errors import (
    DistributionDecided,
    DistributionOutdated,
    NoRuleInForce,
    NotACountyOrProvince,
)
from svc_casefile.distributions.models import Distribution
from svc_casefile.distributions.schemas import DistributionCreate, DistributionRead, DistributionStatus, Reason
from svc_casefile.households import repository as households

if TYPE_CHECKING:
    from svc_casefile.allocation import Allocation, Destination, Floats, Mask, Words

MINIMUM, MAXIMUM = "files-per-center-minimum", "files-per-center-maximum"
"""The registry's names for the rules on how many files a center has."""
OWN_PROCESS_FROM = 500_000
"""Pairs of file and center from which a county is solved in another process: the solver holds the interpreter lock,
and this many keep it from everybody else for a third of a second."""
CHANGES_LISTED = 50
NO_FILES: Mapping[str, Sequence[Any]] = {"ids": [], "versions": [], "latitudes": [], "longitudes": []}
EVENTS_AT_ONCE = 200
"""Events written without letting other requests in: some 20 ms."""


async def plan(command: Command, wanted: DistributionCreate) -> DistributionRead:
    """Find the best center for each waiting file of a county or province; nothing moves yet.

    Raises ScopeForbidden, NotACountyOrProvince and NoRuleInForce.
    """
    if not command.scope.covers(wanted.jurisdiction):
        raise ScopeForbidden
    if wanted.jurisdiction.level not in {Level.PROVINCE, Level.COUNTY}:
        raise NotACountyOrProvince(
            errors=[
                FieldError(pointer="/jurisdiction", code=NotACountyOrProvince.code, message=NotACountyOrProvince.title)
            ]
        )
    connection = command.connection
    waiting = await queries.waiting_files(connection, wanted.jurisdiction)
    centers = await queries.open_centers(connection, wanted.jurisdiction)
    rules = await rules_in_force(
        connection, centers=[center["code"] for center in centers], names=[MINIMUM, MAXIMUM], on=wanted.on
    )
    unruled = [code for code, values in rules.items() if MAXIMUM not in values]
    if unruled:
        raise NoRuleInForce(centers=unruled)

    solution = await asyncio.to_thread(_solve, waiting, centers, rules)
    plan_id, code = new_id(), wanted.jurisdiction.code
    files = sum(len(county["ids"]) for county in waiting)
    placed = sum(center.load_after - center.load_before for center in solution.centers)
    row = Distribution(
        id=plan_id,
        jurisdiction=code,
        version=1,
        status=DistributionStatus.PLANNED,
        rules_on=wanted.on,
        files=files,
        placed=placed,
        unplaced=files - placed,
        total_metres=solution.total_metres,
        created_at=command.now,
        created_by=command.actor.subject,
    )
    await repository.add(command, row, centers=solution.centers, placements=solution.placements)
    return await _settled(command, plan_id)


async def apply(command: Command, distribution_id: UUID, *, version: int) -> DistributionRead:
    """Give every placed file to its center, all in this transaction or none.

    Raises NotFound, PreconditionFailed, DistributionDecided, and DistributionOutdated when a file, a center or a rule
    is not as the plan saw it.
    """
    current = await _undecided(command, distribution_id, version=version)
    await repository.one_at_a_time(command, current.jurisdiction.code)
    changes = await _changed_centers(command, current)
    if changes:
        raise _outdated(changes, total=len(changes))
    files = await repository.move_files(command, distribution_id, expected=current.placed)
    if files is None:
        changed, total = await queries.what_changed(command.connection, distribution_id, limit=CHANGES_LISTED)
        raise _outdated(
            [{"kind": "file-changed", "case_file_id": str(row["case_file_id"])} for row in changed], total=total
        )
    await repository.follow_files(command, distribution_id)
    persons = await queries.persons_of(command.connection, distribution_id)
    facts = events.moves(files, persons, distribution_id=distribution_id, at=command.now)
    for position, event in enumerate(facts, start=1):
        command.publish(event)
        if position % EVENTS_AT_ONCE == 0:
            await command.flush()
    await repository.decide(command, distribution_id, status=DistributionStatus.APPLIED)
    await households.refresh_statistics(command)
    return await _settled(command, distribution_id)


async def drop(command: Command, distribution_id: UUID, *, version: int) -> DistributionRead:
    """Give the plan up. Raises NotFound, PreconditionFailed and DistributionDecided."""
    await _undecided(command, distribution_id, version=version)
    await repository.decide(command, distribution_id, status=DistributionStatus.DROPPED)
    return await _settled(command, distribution_id)


async def _undecided(command: Command, distribution_id: UUID, *, version: int) -> DistributionRead:
    current = await queries.distribution(command.connection, distribution_id, scope=command.scope_range, lock=True)
    if current.version != version:
        raise PreconditionFailed
    if current.status != DistributionStatus.PLANNED:
        raise DistributionDecided(decision=current.status)
    return current


async def _settled(command: Command, distribution_id: UUID) -> DistributionRead:
    settled = await queries.distribution(command.connection, distribution_id, scope=command.scope_range)
    command.publish(events.fact(settled))
    return settled


async def _changed_centers(command: Command, plan: DistributionRead) -> list[dict[str, Any]]:
    loads = await queries.planned_loads(command.connection, plan.id)
    rules = await rules_in_force(
        command.connection, centers=[load["center"] for load in loads], names=[MINIMUM, MAXIMUM], on=plan.on
    )
    changes = []
    for load in loads:
        now = rules[load["center"]]
        if load["status"] != "open":
            kind = "center-not-open"
        elif (now.get(MINIMUM, 0), now.get(MAXIMUM)) != (load["minimum"], load["maximum"]):
            kind = "rule-changed"
        elif load["load"] + load["gain"] > load["maximum"]:
            kind = "no-room"
        else:
            continue
        changes.append({"kind": kind, "center": load["center"]})
    return changes


def _outdated(changes: Sequence[dict[str, Any]], *, total: int) -> DistributionOutdated:
    listed = changes[:CHANGES_LISTED]
    return DistributionOutdated(changes=listed, more=max(0, total - len(listed)))


# solving, on a thread of its own


@dataclass(slots=True)
class _Solution:
    centers: list[repository.Center]
    placements: list[repository.Placement]
    total_metres: int


def _solve(waiting: Sequence[Any], centers: Sequence[Any], rules: Mapping[str, Mapping[str, int]]) -> _Solution:
    solution = _Solution(centers=[], placements=[], total_metres=0)
    files = {county["county"]: county for county in waiting}
    opened = {code: [*rows] for code, rows in groupby(centers, key=lambda center: center["code"][:4])}
    for code in sorted(files.keys() | opened.keys()):
        destinations = [destination(center, rules[center["code"]]) for center in opened.get(code, [])]
        _solve_county(solution, code, files.get(code, NO_FILES), destinations)
    return solution


def destination(center: Any, rules: Mapping[str, int]) -> "Destination":
    from svc_casefile.allocation import Destination

    return Destination(
        code=center["code"],
        latitude=center["latitude"],
        longitude=center["longitude"],
        load=center["load"],
        minimum=rules.get(MINIMUM, 0),
        maximum=rules[MAXIMUM],
    )


def _solve_county(
    solution: _Solution, county: str, files: Mapping[str, Any], destinations: "Sequence[Destination]"
) -> None:
    # here and not at the top: a process that makes no plan does without NumPy and OR-Tools
    import numpy as np

    ids = np.array(files["ids"], np.object_)
    as_opened = ids.argsort(kind="stable")  # that equal input gives an equal plan; ids begin with the time
    ids, versions = ids[as_opened], np.array(files["versions"], np.int64)[as_opened]
    latitudes = np.array(files["latitudes"], np.float64)[as_opened]
    longitudes = np.array(files["longitudes"], np.float64)[as_opened]
    allocation = _allocated(latitudes, longitudes, destinations)
    reasons = _reasons(allocation, any_center=bool(destinations))
    need = sum(destination.need for destination in destinations)
    solution.total_metres += int(allocation.metres[allocation.metres > 0].sum())

    def place(code: str, here: "Mask") -> None:
        if here.any():
            solution.placements.append(
                repository.Placement(
                    place=code,
                    case_file_ids=ids[here].tolist(),
                    file_versions=versions[here].tolist(),
                    metres=allocation.metres[here].tolist(),
                    choices=allocation.choice[here].tolist(),
                    reasons=reasons[here].tolist(),
                )
            )

    place(county, allocation.destination < 0)
    for index, destination in enumerate(destinations):
        here = allocation.destination == index
        place(destination.code, here)
        metres = allocation.metres[here & (allocation.metres >= 0)]
        solution.centers.append(
            repository.Center(
                center=destination.code,
                minimum=destination.minimum,
                maximum=destination.maximum,
                load_before=destination.load,
                load_after=destination.load + int(here.sum()),
                nearest_metres=int(metres.min()) if len(metres) else None,
                mean_metres=round(float(metres.mean())) if len(metres) else None,
                farthest_metres=int(metres.max()) if len(metres) else None,
                county_files=len(ids),
                county_need=need,
            )
        )


def _allocated(latitudes: "Floats", longitudes: "Floats", destinations: "Sequence[Destination]") -> "Allocation":
    from svc_casefile.allocation import allocate

    if len(latitudes) * len(destinations) < OWN_PROCESS_FROM:
        return allocate(latitudes, longitudes, destinations)
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as another:
        return another.submit(allocate, latitudes, longitudes, destinations).result()


def _reasons(allocation: "Allocation", *, any_center: bool) -> "Words":
    """Why each file goes where it goes."""
    import numpy as np

    unplaced = Reason.NO_ROOM if any_center else Reason.NO_OPEN_CENTER
    return np.select(
        [allocation.destination < 0, allocation.choice == 0, allocation.choice == 1, allocation.nearest_full],
        [unplaced, Reason.NO_MAP_POINT, Reason.NEAREST, Reason.NEAREST_FULL],
        # an optimum sends a household past a center that has room only where another would miss its minimum
        default=Reason.MINIMUM,
    )
