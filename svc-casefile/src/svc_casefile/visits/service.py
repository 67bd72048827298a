"""The rules of home visits (بازدید منزل): every active file is due one by rule, and what a visit reports is kept.

Visits made offline come in late, twice and in any order; what is left in the end is the same. So nothing here depends
on what came first: a visit is known by its id, what all visits of a file say together is worked out anew, and of two
that speak of the same field of the file the one made later stands. What somebody else has changed since the visitor saw
the file is not overwritten: the changes of that visit wait until a person decides.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from math import asin, cos, radians, sin, sqrt
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import to_json, to_jsonable_python

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem, field_errors
from svc_casefile.centers.queries import rules_in_force
from svc_casefile.households import repository as case_files
from svc_casefile.households import service as households
from svc_casefile.households.errors import CaseFileClosed
from svc_casefile.households.schemas import CaseFileStatus, CaseFileUpdate, HistoryAction
from svc_casefile.timeline.repository import Line, happened_to_many
from svc_casefile.visits import events, queries, repository
from svc_casefile.visits.errors import (
    NotAmongTheChanges,
    NothingToResolve,
    NotOfTheHousehold,
    VersionUnknown,
    VisitIdTaken,
)
from svc_casefile.visits.schemas import (
    BatchItem,
    BatchOutcome,
    BatchResult,
    ChangesState,
    OfflineVisit,
    Resolution,
    VisitBatch,
    VisitCreate,
    VisitDue,
    VisitError,
    VisitPlan,
    VisitWithConflict,
)

INTERVAL = "home-visit-interval-months"
"""The registry's name for the rule on how often a file is visited. Without it no date is due."""
ALLOWANCE = "home-visit-distance-metres"
"""The registry's name for the rule on how far from the home, beyond the accuracy of both points, a visit may be."""
MISSES = 2
"""Visits in a row at which nobody was at home, and after which a file is to be looked for."""
CENTERS_AT_ONCE = 50
"""Whose due dates are worked out in one transaction: some 20,000 files."""
LATE_AT_ONCE = 100
EARTH_RADIUS_METRES = 6_371_008.8  # mean radius, IUGG


@dataclass(slots=True, eq=False)
class _Reported:
    """A visit as it came in, and what is decided about it."""

    visit: OfflineVisit
    visited_by: str
    digest: bytes
    outcome: BatchOutcome = BatchOutcome.REFUSED
    errors: list[FieldError] = field(default_factory=list)
    changes: dict[str, Any] | None = None
    """As JSON."""
    changes_state: ChangesState = ChangesState.NONE
    applied_version: int | None = None

    @property
    def order(self) -> tuple[datetime, UUID]:
        return self.visit.visited_at, self.visit.id

    def refuse(self, problem: type[Problem], pointer: str = "") -> None:
        self.outcome = BatchOutcome.REFUSED
        self.errors.append(FieldError(pointer=pointer, code=problem.code, message=problem.title))


def _reported(visit: OfflineVisit, *, visited_by: str) -> _Reported:
    changes = None if visit.changes is None else visit.changes.model_dump(mode="json", exclude_unset=True)
    said = visit.model_dump(mode="json", exclude={"changes"}) | {"changes": changes, "visited_by": visited_by}
    digest = hashlib.sha256(to_json(sorted(said.items()))).digest()
    return _Reported(visit=visit, visited_by=visited_by, digest=digest, changes=changes)


async def record(command: Command, case_file_id: UUID, body: VisitCreate) -> VisitWithConflict:
    """Record a visit that the caller has just made.

    The same visit again is the one that is there. Raises NotFound, CaseFileClosed, VisitIdTaken, NotOfTheHousehold, and
    PreconditionFailed when the file is not at the version that the changes are for.
    """
    visit = OfflineVisit.model_construct(**{**vars(body), "id": body.id or new_id(), "case_file_id": case_file_id})
    reported = _reported(visit, visited_by=command.actor.subject)
    await _take_in(command, [reported], online=True)
    return await queries.visit(command.connection, visit.id, scope=command.scope_range)


async def record_batch(command: Command, body: VisitBatch) -> BatchResult:
    """Record visits made without a connection: each that is right, whatever the others are."""
    items: list[BatchItem | _Reported] = []
    for raw in body.visits:
        try:
            visit = OfflineVisit.model_validate(raw)
        except ValidationError as error:
            items.append(_invalid(raw, error))
        else:
            items.append(_reported(visit, visited_by=command.actor.subject))
    reported = [item for item in items if isinstance(item, _Reported)]
    await _take_in(command, [*_once_each(reported)], online=False)
    shown = [item if isinstance(item, BatchItem) else _item(item) for item in items]
    count = {outcome: sum(item.outcome == outcome for item in shown) for outcome in BatchOutcome}
    return BatchResult(
        recorded=count[BatchOutcome.RECORDED],
        unchanged=count[BatchOutcome.UNCHANGED],
        conflicts=count[BatchOutcome.CONFLICT],
        forwarded=count[BatchOutcome.FORWARDED],
        refused=count[BatchOutcome.REFUSED],
        items=shown,
    )


def _invalid(raw: Mapping[str, Any], error: ValidationError) -> BatchItem:
    try:
        visit_id = UUID(raw["id"])
    except (KeyError, ValueError, TypeError, AttributeError):
        visit_id = None
    wrong = [
        VisitError(pointer=each.pointer, code=each.code, message=dict(each.message))
        for each in field_errors(error.errors())
    ]
    return BatchItem(id=visit_id, outcome=BatchOutcome.REFUSED, errors=wrong)


def _item(reported: _Reported) -> BatchItem:
    wrong = [VisitError(pointer=each.pointer, code=each.code, message=dict(each.message)) for each in reported.errors]
    return BatchItem(id=reported.visit.id, outcome=reported.outcome, errors=wrong)


def _once_each(reported: Iterable[_Reported]) -> Iterable[_Reported]:
    """Each visit once. The same again is unchanged; of different ones under one id none is right."""
    by_id: dict[UUID, list[_Reported]] = defaultdict(list)
    for each in reported:
        by_id[each.visit.id].append(each)
    for same_id in by_id.values():
        if len({each.digest for each in same_id}) > 1:
            for each in same_id:
                each.refuse(VisitIdTaken, "/id")
            continue
        for each in same_id[1:]:
            each.outcome = BatchOutcome.UNCHANGED
        yield same_id[0]


async def _take_in(command: Command, reported: Sequence[_Reported], *, online: bool, late: bool = False) -> None:
    """Decide about each visit and keep it, in as many statements for hundreds as for one.

    `online`: the caller waits for the answer, and is told what is wrong instead of having it kept as a conflict.
    `late`: the visits were made by a former place, whose changes the present one has to decide on.
    """
    files = await repository.locked_files(command, [*{each.visit.case_file_id for each in reported}])
    known = await queries.known(command.connection, [each.visit.id for each in reported])
    fresh: list[_Reported] = []
    left: list[_Reported] = []
    for each in reported:
        if each.visit.id in known:
            _recognise(each, known[each.visit.id])
        elif each.visit.case_file_id not in files:
            left.append(each)
        else:
            fresh.append(each)
    await _check(command, fresh, files)
    if online:
        _insist(reported, left, files)
    elif left:
        await _forward(command, left)
    fresh = [each for each in fresh if not each.errors]
    if fresh:
        await _keep(command, fresh, files, late=late)


def _recognise(reported: _Reported, known: Mapping[str, Any]) -> None:
    if known["digest"] != reported.digest:
        reported.refuse(VisitIdTaken, "/id")
    elif known["changes_state"] == ChangesState.CONFLICT:
        reported.outcome = BatchOutcome.CONFLICT
    else:
        reported.outcome = BatchOutcome.UNCHANGED


async def _check(command: Command, fresh: Sequence[_Reported], files: Mapping[UUID, Any]) -> None:
    of_whom = [each for each in fresh if each.visit.met_members]
    persons = await queries.persons(command.connection, [*{each.visit.case_file_id for each in of_whom}])
    for each in of_whom:
        for position, member_id in enumerate(each.visit.met_members):
            if (each.visit.case_file_id, member_id) not in persons:
                each.refuse(NotOfTheHousehold, f"/met_members/{position}")
    for each in fresh:
        if (each.visit.file_version or 0) > files[each.visit.case_file_id]["version"]:
            each.refuse(VersionUnknown, "/file_version")


def _insist(reported: Sequence[_Reported], left: Sequence[_Reported], files: Mapping[UUID, Any]) -> None:
    for each in reported:
        if each in left:
            raise NotFound
        for problem in (VisitIdTaken, NotOfTheHousehold, VersionUnknown):
            wrong = [error for error in each.errors if error.code == problem.code]
            if wrong:
                raise problem(errors=wrong)
        if each.outcome in {BatchOutcome.UNCHANGED, BatchOutcome.CONFLICT}:
            continue
        file = files[each.visit.case_file_id]
        if file["status"] == CaseFileStatus.CLOSED:
            raise CaseFileClosed
        if each.changes is not None and each.visit.file_version != file["version"]:
            raise PreconditionFailed


async def _forward(command: Command, left: Sequence[_Reported]) -> None:
    """Visits of files that are not here: what was made before the file left goes after it."""
    places = await queries.was_here(
        command.connection, [each.visit.case_file_id for each in left], scope=command.scope_range
    )
    going = []
    for each in left:
        place = places.get(each.visit.case_file_id)
        if place is not None and each.visit.visited_at < place["until"]:
            going.append(each)
        else:
            each.refuse(NotFound, "/case_file_id")
    if not going:
        return
    there = await repository.add_late(
        command,
        [
            {
                "id": each.visit.id,
                "jurisdiction": places[each.visit.case_file_id]["jurisdiction"],
                "case_file_id": each.visit.case_file_id,
                "body": each.visit.model_dump(mode="json", exclude_unset=True),
                "digest": _bytea(each.digest),
                "received_at": command.now,
                "received_by": each.visited_by,
            }
            for each in going
        ],
    )
    for each in going:
        if there.get(each.visit.id) == each.digest:
            each.outcome = BatchOutcome.FORWARDED
        else:
            each.refuse(VisitIdTaken, "/id")


async def _keep(command: Command, fresh: list[_Reported], files: Mapping[UUID, Any], *, late: bool) -> None:
    changed = await _decide(command, fresh, files, late=late)
    rows = await _rows(command, fresh, files)
    taken = await repository.add(command, rows)
    if len(taken) < len(rows):  # an id is taken by a visit outside the scope: once more without it
        await repository.remove(command, taken)
        for each in fresh:
            if each.visit.id not in taken:
                each.refuse(VisitIdTaken, "/id")
        if late or len(fresh) > 1:
            remaining = [each for each in fresh if each.visit.id in taken]
            if remaining:
                await _keep(command, remaining, files, late=late)
            return
        raise VisitIdTaken(errors=fresh[0].errors)
    if changed:
        await households.settle_many(command, changed, action=HistoryAction.VISITED)
    await _carry_over(command, rows, files)
    for each, row in zip(fresh, rows, strict=True):
        place = Jurisdiction(row["jurisdiction"])
        command.publish(events.recorded(row, place=place))
        each.outcome = BatchOutcome.RECORDED
        if each.changes_state == ChangesState.CONFLICT:
            each.outcome = BatchOutcome.CONFLICT
            command.publish(events.conflicted(row, place=place))


async def _decide(
    command: Command, fresh: Sequence[_Reported], files: Mapping[UUID, Any], *, late: bool
) -> list[case_files.ChangedCaseFile]:
    """What becomes of the changes that visits ask for, in the order in which the visits were made."""
    asking = sorted((each for each in fresh if each.changes is not None), key=lambda each: each.order)
    by_file: dict[UUID, list[_Reported]] = defaultdict(list)
    for each in asking:
        by_file[each.visit.case_file_id].append(each)
    seen = {id_: min(each.visit.file_version or 0 for each in visits) for id_, visits in by_file.items()}
    stale = {id_: version for id_, version in seen.items() if version < files[id_]["version"]}
    otherwise = await queries.changed_otherwise(command.connection, stale) if stale else {}
    first = {id_: visits[0].visit.visited_at for id_, visits in by_file.items()}
    said = await queries.said_by_visits(command.connection, first) if first else {}
    changed = []
    for case_file_id, visits in by_file.items():
        file = files[case_file_id]
        wanted: dict[str, Any] = {}
        for each in visits:
            if late or file["status"] == CaseFileStatus.CLOSED or _contradicts(each, otherwise.get(case_file_id, ())):
                each.changes_state = ChangesState.CONFLICT
                continue
            each.changes_state = ChangesState.APPLIED
            later = {name for row in said[case_file_id] if (row["visited_at"], row["id"]) > each.order
                     for name in row["fields"]}  # fmt: skip
            wanted |= {name: value for name, value in each.visit.wanted().items() if name not in later}
        changes = {name: (file[name], value) for name, value in wanted.items() if file[name] != value}
        version = file["version"] + bool(changes)
        for each in visits:
            if each.changes_state == ChangesState.APPLIED:
                each.applied_version = version
        if changes:
            values = {name: wanted.get(name, file[name]) for name in CaseFileUpdate.model_fields}
            changed.append(
                case_files.ChangedCaseFile(
                    id=case_file_id, version=version, jurisdiction=file["jurisdiction"], values=values, changes=changes
                )
            )
    return changed


def _contradicts(reported: _Reported, otherwise: Iterable[Mapping[str, Any]]) -> bool:
    """Whether somebody has given a field another value since the visitor saw the file."""
    now = {
        name: after
        for change in otherwise
        if change["version"] > (reported.visit.file_version or 0)
        for name, (_, after) in change["changes"].items()
    }
    return any(name in now and now[name] != value for name, value in (reported.changes or {}).items())


async def _rows(command: Command, fresh: Sequence[_Reported], files: Mapping[UUID, Any]) -> list[dict[str, Any]]:
    """As HomeVisit has them."""
    somewhere = {files[each.visit.case_file_id]["jurisdiction"] for each in fresh if each.visit.latitude is not None}
    rules = (
        await rules_in_force(command.connection, centers=[*somewhere], names=[ALLOWANCE], on=today())
        if somewhere
        else {}
    )
    rows = []
    for each in fresh:
        visit, file = each.visit, files[each.visit.case_file_id]
        distance = _metres_from_home(visit, file)
        rows.append(
            vars(visit)
            | {
                "version": 1,
                "jurisdiction": file["jurisdiction"],
                "visited_by": each.visited_by,
                "distance_m": distance,
                "place_plausible": _plausible(
                    visit, file, distance, rules.get(file["jurisdiction"], {}).get(ALLOWANCE)
                ),
                "changes": each.changes,
                "changes_state": each.changes_state,
                "applied_version": each.applied_version,
                "digest": _bytea(each.digest),
                "recorded_at": command.now,
                "recorded_by": each.visited_by,
            }
        )
    return rows


def _bytea(digest: bytes) -> str:
    return f"\\x{digest.hex()}"


def _metres_from_home(visit: VisitCreate, file: Mapping[str, Any]) -> int | None:
    """By the haversine formula on a sphere."""
    if visit.latitude is None or visit.longitude is None or file["latitude"] is None:
        return None
    north, to_north = radians(visit.latitude), radians(file["latitude"])
    east = radians(file["longitude"] - visit.longitude)
    haversine = sin((to_north - north) / 2) ** 2 + cos(north) * cos(to_north) * sin(east / 2) ** 2
    return round(2 * EARTH_RADIUS_METRES * asin(sqrt(min(haversine, 1))))


def _plausible(visit: VisitCreate, file: Mapping[str, Any], distance: int | None, allowance: int | None) -> bool | None:
    """Whether the accuracy of both points and the allowance explain the distance; None when nothing says how far."""
    if distance is None or (visit.accuracy_m is None and file["accuracy_m"] is None and allowance is None):
        return None
    return distance <= (visit.accuracy_m or 0) + (file["accuracy_m"] or 0) + (allowance or 0)


async def _carry_over(command: Command, rows: Sequence[Mapping[str, Any]], files: Mapping[UUID, Any]) -> None:
    """Keep with the files, and in their timelines, what was reported of them."""
    lines = [
        Line(
            case_file_id=row["case_file_id"],
            jurisdiction=row["jurisdiction"],
            kind="visit-recorded",
            at=row["visited_at"],
            ref=row["id"],
            about={"outcome": row["outcome"], "planned": row["planned"]}
            | ({"conflict": True} if row["changes_state"] == ChangesState.CONFLICT else {}),
        )
        for row in rows
    ]
    visited = [*{row["case_file_id"] for row in rows}]
    for case_file_id, since in (await repository.carry_over(command, visited, misses=MISSES)).items():
        before, place = files[case_file_id]["look_for_since"], files[case_file_id]["jurisdiction"]
        if (before is None) == (since is None):
            continue
        if since is not None:
            command.publish(events.to_look_for(case_file_id, place=Jurisdiction(place), since=since))
        else:
            command.publish(events.found(case_file_id, place=Jurisdiction(place)))
        kind, about = ("household-found", {}) if since is None else ("marked-to-look-for", {"since": since})
        lines.append(
            Line(
                case_file_id=case_file_id,
                jurisdiction=place,
                kind=kind,
                at=command.now,
                about=to_jsonable_python(about),
            )
        )
    await happened_to_many(command, lines)


async def resolve(command: Command, visit_id: UUID, *, version: int, body: Resolution) -> VisitWithConflict:
    """Decide on the changes of a visit that somebody else had been ahead of.

    Raises NotFound, PreconditionFailed when visit or file are not as they were read, NothingToResolve,
    NotAmongTheChanges and CaseFileClosed.
    """
    visit = await repository.locked(command, visit_id)
    if visit["version"] != version:
        raise PreconditionFailed
    if visit["changes_state"] != ChangesState.CONFLICT:
        raise NothingToResolve
    unknown = [position for position, name in enumerate(body.take) if name not in visit["changes"]]
    if unknown:
        raise NotAmongTheChanges(
            errors=[
                FieldError(pointer=f"/take/{position}", code=NotAmongTheChanges.code, message=NotAmongTheChanges.title)
                for position in unknown
            ]
        )
    if body.take:
        changes = CaseFileUpdate.model_validate({name: visit["changes"][name] for name in body.take})
        await households.change(command, visit["case_file_id"], version=body.file_version, body=changes)
    elif (await case_files.locked(command, visit["case_file_id"])).version != body.file_version:
        raise PreconditionFailed
    await repository.resolve(command, visit_id, taken=sorted(set(body.take)), note=body.note)
    place = Jurisdiction(visit["jurisdiction"])
    command.publish(events.resolved(visit_id, visit["case_file_id"], place=place, taken=set(body.take)))
    await happened_to_many(
        command,
        [
            Line(
                case_file_id=visit["case_file_id"],
                jurisdiction=visit["jurisdiction"],
                kind="visit-conflict-resolved",
                at=command.now,
                ref=visit_id,
                about={"taken": sorted(set(body.take))},
            )
        ],
    )
    return await queries.visit(command.connection, visit_id, scope=command.scope_range)


async def plan(command: Command, case_file_id: UUID, body: VisitPlan) -> VisitDue:
    """Plan the next visit, or give the plan up. No version of the file. Raises NotFound and CaseFileClosed."""
    file = await households.editable(command, case_file_id, version=None)
    if file.visit_planned_on != body.planned_on:
        await repository.plan(command, case_file_id, body.planned_on)
        kind = "visit-planned" if body.planned_on else "visit-plan-dropped"
        about = {"planned_on": body.planned_on.isoformat()} if body.planned_on else {}
        await happened_to_many(
            command,
            [
                Line(
                    case_file_id=case_file_id,
                    jurisdiction=file.jurisdiction,
                    kind=kind,
                    at=command.now,
                    about=about,
                )
            ],
        )
    return await queries.when_due(command.connection, case_file_id, scope=command.scope_range)


# beside the requests


async def follow_rules(command: Command) -> bool:
    """Let due dates follow the rule in force today, for some of the centers that it has changed for.

    Every center once a day, whatever has changed. Answers whether there is more to do.
    """
    if not await repository.one_at_a_time(command):
        return False
    day = today()
    worked_out = await queries.centers(command.connection)
    rules = await rules_in_force(command.connection, centers=[*worked_out], names=[INTERVAL], on=day)
    behind = {
        code: rules[code].get(INTERVAL)
        for code, row in worked_out.items()
        if row["worked_out_on"] is None or row["worked_out_on"] < day or row["months"] != rules[code].get(INTERVAL)
    }
    if behind:
        await repository.work_out(command, dict(islice(behind.items(), CENTERS_AT_ONCE)), on=day)
    return len(behind) > CENTERS_AT_ONCE


async def bring_after(command: Command) -> bool:
    """Record visits whose files had left before they came in. Answers whether there may be more.

    Runs for the whole nation: where a file went is nothing that its former place is told.
    """
    waiting = await repository.late_visits(command, limit=LATE_AT_ONCE)
    if not waiting:
        return False
    reported = [_reported(OfflineVisit.model_validate(row["body"]), visited_by=row["received_by"]) for row in waiting]
    await _take_in(command, reported, online=False, late=True)
    await repository.settle_late(command, {each.visit.id: _became(each) for each in reported})
    return len(waiting) == LATE_AT_ONCE


def _became(reported: _Reported) -> str:
    codes = sorted({error.code for error in reported.errors})
    return ": ".join([reported.outcome, ", ".join(codes)]) if codes else reported.outcome
