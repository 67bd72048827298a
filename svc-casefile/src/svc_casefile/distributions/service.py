"""The rules of distribution.

A plan is a proposal: several may exist for the same place, to compare the rules of two days for instance. Applying one
outruns the others, which is noticed when they are applied in turn. It moves nothing, or everything as it was read.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
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
from svc_casefile.distributions.models import Distribution, DistributionCenter
from svc_casefile.distributions.schemas import DistributionCreate, DistributionRead, Reason, Status

if TYPE_CHECKING:
    from svc_casefile.allocation import Allocation, Destination, Floats

MINIMUM, MAXIMUM = "files-per-center-minimum", "files-per-center-maximum"
"""The registry's names for the rules on how many files a center has."""
OWN_PROCESS_FROM = 500_000
"""Pairs of file and center from which a county is solved in another process: the solver holds the interpreter lock,
and this many keep it from everybody else for a third of a second."""
CHANGES_LISTED = 50
EVENTS_AT_ONCE = 200
"""Events written without letting other requests in: some 20 ms."""


@dataclass(frozen=True, slots=True)
class _County:
    """Files that wait in a county, by column, and its open centers."""

    code: str
    case_file_ids: list[UUID]
    versions: list[int]
    latitudes: "Floats"
    longitudes: "Floats"
    destinations: "list[Destination]"


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
    files = await queries.waiting_files(connection, wanted.jurisdiction)
    centers = await queries.open_centers(connection, wanted.jurisdiction)
    rules = await rules_in_force(
        connection, centers=[center["code"] for center in centers], names=[MINIMUM, MAXIMUM], on=wanted.on
    )
    unruled = [code for code, values in rules.items() if MAXIMUM not in values]
    if unruled:
        raise NoRuleInForce(centers=unruled)

    counties = await asyncio.to_thread(_counties, files, centers, rules)
    allocations = [await _allocate(county) for county in counties]
    plan_id, code = new_id(), wanted.jurisdiction.code
    placements = _placements(counties, allocations)
    placed = sum(center is not None for center in placements.center)
    row = Distribution(
        id=plan_id,
        jurisdiction=code,
        version=1,
        status=Status.PLANNED,
        rules_on=wanted.on,
        files=len(files),
        placed=placed,
        unplaced=len(files) - placed,
        total_metres=sum(metres for metres in placements.metres if metres is not None),
        created_at=command.now,
        created_by=command.actor.subject,
    )
    loads = [
        load
        for county, allocation in zip(counties, allocations, strict=True)
        for load in _loads(county, allocation, distribution_id=plan_id, jurisdiction=code)
    ]
    await repository.add(command, row, centers=loads, placements=placements)
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
    await repository.decide(command, distribution_id, status=Status.APPLIED)
    return await _settled(command, distribution_id)


async def drop(command: Command, distribution_id: UUID, *, version: int) -> DistributionRead:
    """Give the plan up. Raises NotFound, PreconditionFailed and DistributionDecided."""
    await _undecided(command, distribution_id, version=version)
    await repository.decide(command, distribution_id, status=Status.DROPPED)
    return await _settled(command, distribution_id)


async def _undecided(command: Command, distribution_id: UUID, *, version: int) -> DistributionRead:
    current = await queries.distribution(command.connection, distribution_id, scope=command.scope_range, lock=True)
    if current.version != version:
        raise PreconditionFailed
    if current.status != Status.PLANNED:
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


def _counties(files: Sequence[Any], centers: Sequence[Any], rules: dict[str, dict[str, int]]) -> list[_County]:
    # here and not at the top: a process that makes no plan does without NumPy and OR-Tools
    import numpy as np

    from svc_casefile.allocation import Destination

    waiting = {code: [*rows] for code, rows in groupby(files, key=itemgetter("jurisdiction"))}
    destinations = {
        code: [
            Destination(
                code=center["code"],
                latitude=center["latitude"],
                longitude=center["longitude"],
                load=center["load"],
                minimum=rules[center["code"]].get(MINIMUM, 0),
                maximum=rules[center["code"]][MAXIMUM],
            )
            for center in rows
        ]
        for code, rows in groupby(centers, key=lambda center: center["code"][:4])
    }
    counties = []
    for code in sorted(waiting.keys() | destinations.keys()):
        rows = waiting.get(code, [])
        counties.append(
            _County(
                code=code,
                case_file_ids=[row["id"] for row in rows],
                versions=[row["version"] for row in rows],
                latitudes=np.array([row["latitude"] for row in rows], np.float64),
                longitudes=np.array([row["longitude"] for row in rows], np.float64),
                destinations=destinations.get(code, []),
            )
        )
    return counties


async def _allocate(county: _County) -> "Allocation":
    from svc_casefile.allocation import allocate

    arguments = (county.latitudes, county.longitudes, county.destinations)
    if len(county.case_file_ids) * len(county.destinations) < OWN_PROCESS_FROM:
        return await asyncio.to_thread(allocate, *arguments)
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as another:
        return await asyncio.get_running_loop().run_in_executor(another, allocate, *arguments)


def _placements(counties: Sequence[_County], allocations: "Sequence[Allocation]") -> repository.Placements:
    placements = repository.Placements([], [], [], [], [], [], [])
    for county, allocation in zip(counties, allocations, strict=True):
        codes = [destination.code for destination in county.destinations]
        chosen, choices = allocation.destination.tolist(), allocation.choice.tolist()
        placements.county.extend([county.code] * len(chosen))
        placements.case_file_id.extend(county.case_file_ids)
        placements.file_version.extend(county.versions)
        placements.center.extend(codes[at] if at >= 0 else None for at in chosen)
        placements.metres.extend(metres if metres >= 0 else None for metres in allocation.metres.tolist())
        placements.choice.extend(choice or None for choice in choices)
        placements.reason.extend(_reasons(chosen, choices, allocation.nearest_full.tolist(), any_center=bool(codes)))
    return placements


def _reasons(
    chosen: Sequence[int], choices: Sequence[int], nearest_full: Sequence[bool], *, any_center: bool
) -> Iterator[Reason]:
    for at, choice, full in zip(chosen, choices, nearest_full, strict=True):
        if at < 0:
            yield Reason.NO_ROOM if any_center else Reason.NO_OPEN_CENTER
        elif choice == 0:
            yield Reason.NO_MAP_POINT
        elif choice == 1:
            yield Reason.NEAREST
        else:
            # an optimum sends a household past a center that has room only where another would miss its minimum
            yield Reason.NEAREST_FULL if full else Reason.MINIMUM


def _loads(
    county: _County, allocation: "Allocation", *, distribution_id: UUID, jurisdiction: str
) -> Iterator[DistributionCenter]:
    need = sum(destination.need for destination in county.destinations)
    for index, destination in enumerate(county.destinations):
        here = allocation.destination == index
        metres = allocation.metres[here & (allocation.metres >= 0)]
        yield DistributionCenter(
            distribution_id=distribution_id,
            center=destination.code,
            jurisdiction=jurisdiction,
            minimum=destination.minimum,
            maximum=destination.maximum,
            load_before=destination.load,
            load_after=destination.load + int(here.sum()),
            nearest_metres=int(metres.min()) if len(metres) else None,
            mean_metres=round(float(metres.mean())) if len(metres) else None,
            farthest_metres=int(metres.max()) if len(metres) else None,
            county_files=len(county.case_file_ids),
            county_need=need,
        )
