"""The rules of case files. A file's life: draft → waiting (پشت نوبت) → active ⇄ suspended → closed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.chassis.actor import Actor
from shared.chassis.database import Command
from shared.contracts.permissions import Permission
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, Forbidden, PreconditionFailed, Problem, ScopeForbidden, StepNotAllowed
from svc_casefile import rows
from svc_casefile.households import events, queries, repository
from svc_casefile.households.errors import (
    ActiveOnlyAtCenter,
    CaseFileClosed,
    CenterNotOpen,
    ClosedBeforeOpened,
    HalfAMapPoint,
    LegacyReferenceTaken,
    NotAMember,
    NotAPlaceForFiles,
)
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import (
    CaseFileCreate,
    CaseFileRead,
    CaseFileStatus,
    CaseFileUpdate,
    Closing,
    HeadChange,
    HistoryAction,
    Suspension,
)
from svc_casefile.members import repository as members
from svc_casefile.members.schemas import Relation
from svc_casefile.staff import service as staff
from svc_casefile.staff.errors import WorkerNotPosted

STEPS: Mapping[str, tuple[frozenset[CaseFileStatus], CaseFileStatus]] = {
    "submit": (frozenset({CaseFileStatus.DRAFT}), CaseFileStatus.WAITING),
    "activate": (frozenset({CaseFileStatus.DRAFT, CaseFileStatus.WAITING}), CaseFileStatus.ACTIVE),
    "suspend": (frozenset({CaseFileStatus.ACTIVE}), CaseFileStatus.SUSPENDED),
    "resume": (frozenset({CaseFileStatus.SUSPENDED}), CaseFileStatus.ACTIVE),
    "close": (
        frozenset({CaseFileStatus.DRAFT, CaseFileStatus.WAITING, CaseFileStatus.ACTIVE, CaseFileStatus.SUSPENDED}),
        CaseFileStatus.CLOSED,
    ),
}
"""Operation → from where it leads where."""


def sees_restricted(actor: Actor) -> bool:
    """Addiction, prison and missing are for those who work on the file; who only reads or audits it is not told."""
    return Permission.CASE_FILE_WRITE in actor.permissions


async def open_case_file(command: Command, body: CaseFileCreate) -> CaseFileRead:
    """Open a file where the body says, or in the caller's own place.

    Raises ScopeForbidden, NotAPlaceForFiles, CenterNotOpen, ActiveOnlyAtCenter, Forbidden, WorkerNotPosted, WorkerFull,
    PersonAlreadyInCaseFile and LegacyReferenceTaken.
    """
    place = await _place(command, body.jurisdiction)
    if body.assigned_worker is not None:
        await _require_worker(command, body.assigned_worker, place=place)
    new = rows.new_case_file(rows.said(body), jurisdiction=place, opened_by=command.actor.subject, now=command.now)
    added = await repository.add(command.connection, [new])
    if not added.numbers:
        raise _at("/legacy_number", LegacyReferenceTaken)
    if len(added.members) < len(new.members):
        pointers = [
            f"/members/{position}/identity"
            for position, member in enumerate(new.members)
            if member["id"] not in added.members
        ]
        await members.refuse_taken(
            command.connection,
            [
                (f"/members/{position}/identity", asked.identity)
                for position, asked in enumerate(body.members)
                if asked.identity is not None and new.members[position]["id"] not in added.members
            ],
        )
        raise members.already_in_case_file(pointers)  # the other file was closed this very moment
    file = represent(body, new, number=added.numbers[new.file["id"]])
    command.publish(events.opened(file))
    return file


async def _place(command: Command, wished: Jurisdiction | None) -> Jurisdiction:
    place = command.scope if wished is None else wished
    if not command.scope.covers(place):
        raise ScopeForbidden
    if place.level not in {Level.COUNTY, Level.CENTER}:
        raise _at("/jurisdiction", NotAPlaceForFiles)
    if place.level == Level.CENTER and not await queries.is_open(command.connection, place):
        raise _at("/jurisdiction", CenterNotOpen)
    return place


async def _require_worker(command: Command, worker: str, *, place: Jurisdiction) -> None:
    if worker != command.actor.subject and Permission.CASE_FILE_ASSIGN not in command.actor.permissions:
        raise Forbidden
    if place.level != Level.CENTER:
        raise _at("/assigned_worker", WorkerNotPosted)
    await staff.require_room(command, worker, center=place.code, files=1, pointer="/assigned_worker")


def represent(body: CaseFileCreate, new: rows.NewCaseFile, *, number: str) -> CaseFileRead:
    """A file just opened, as reading it will show it to whoever opened it."""
    persons = [
        {**vars(asked), "id": row["id"], "version": 1} for asked, row in zip(body.members, new.members, strict=True)
    ]
    persons.sort(key=lambda person: (person["relation"] != Relation.HEAD, person["id"]))
    known = {**new.file, "number": number, "members": persons}
    return CaseFileRead.model_validate({**dict.fromkeys(CaseFileRead.model_fields), **known})


async def change(command: Command, case_file_id: UUID, *, version: int, body: CaseFileUpdate) -> CaseFileRead:
    """Change what the body names. Raises NotFound, PreconditionFailed, CaseFileClosed and HalfAMapPoint."""
    file = await editable(command, case_file_id, version=version)
    changes = differences(file, body.model_dump(exclude_unset=True))
    for name, (_, after) in changes.items():
        setattr(file, name, after)
    if (file.latitude is None) != (file.longitude is None):
        raise HalfAMapPoint
    if not changes:
        return await read(command, file)
    return await settle(command, file, action=HistoryAction.CHANGED, changes=changes)


def differences(row: object, wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Field → (before, after), of what would be another value."""
    return {name: (before, after) for name, after in wanted.items() if (before := getattr(row, name)) != after}


async def submit(command: Command, case_file_id: UUID, *, version: int) -> CaseFileRead:
    return await _step(command, case_file_id, "submit", version=version)


async def activate(command: Command, case_file_id: UUID, *, version: int) -> CaseFileRead:
    return await _step(command, case_file_id, "activate", version=version)


async def suspend(command: Command, case_file_id: UUID, *, version: int, body: Suspension) -> CaseFileRead:
    return await _step(command, case_file_id, "suspend", version=version, reason=body.reason, note=body.note)


async def resume(command: Command, case_file_id: UUID, *, version: int) -> CaseFileRead:
    return await _step(command, case_file_id, "resume", version=version)


async def close(command: Command, case_file_id: UUID, *, version: int, body: Closing) -> CaseFileRead:
    """End the file; its members are free for another. Raises as any step, and ClosedBeforeOpened."""
    file = await _at_step(command, case_file_id, "close", version=version)
    closed_on = body.closed_on or today()
    if closed_on < file.opened_on:
        raise _at("/closed_on", ClosedBeforeOpened)
    changes = _move(command, file, "close", reason=body.reason)
    file.closed_on, changes["closed_on"] = closed_on, (None, closed_on)
    await repository.release_members(command, file)
    repository.next_version(command, file, action=HistoryAction.STATUS_CHANGED, changes=changes, note=body.note)
    await command.session.flush()
    closed = await read(command, file)
    command.publish(events.closed(closed))
    return closed


async def _step(
    command: Command, case_file_id: UUID, step: str, *, version: int, reason: str | None = None, note: str | None = None
) -> CaseFileRead:
    """Raises NotFound, PreconditionFailed, StepNotAllowed and ActiveOnlyAtCenter."""
    file = await _at_step(command, case_file_id, step, version=version)
    changes = _move(command, file, step, reason=reason)
    return await settle(command, file, action=HistoryAction.STATUS_CHANGED, changes=changes, note=note)


async def _at_step(command: Command, case_file_id: UUID, step: str, *, version: int) -> CaseFile:
    file = await _current(command, case_file_id, version=version)
    sources, target = STEPS[step]
    if file.status not in sources:
        allowed = [name for name, (possible, _) in STEPS.items() if file.status in possible]
        raise StepNotAllowed(present=file.status, allowed=allowed)
    if target == CaseFileStatus.ACTIVE and len(file.jurisdiction) < 7:
        raise ActiveOnlyAtCenter
    return file


def _move(command: Command, file: CaseFile, step: str, *, reason: str | None) -> dict[str, tuple[object, object]]:
    changes: dict[str, tuple[object, object]] = differences(file, {"status": STEPS[step][1], "status_reason": reason})
    file.status, file.status_reason, file.status_since = STEPS[step][1], reason, command.now
    return changes


async def change_head(command: Command, case_file_id: UUID, *, version: int, body: HeadChange) -> CaseFileRead:
    """Make another member the head. Raises NotFound, PreconditionFailed, CaseFileClosed and NotAMember."""
    file = await editable(command, case_file_id, version=version)
    former = await members.head(command, case_file_id)
    head = await members.find(command, case_file_id, body.head)
    if head is None or head is former:
        raise _at("/head", NotAMember)
    changes: dict[str, tuple[object, object]] = {
        "head": (former.id, head.id),
        "relation": (head.relation, Relation.HEAD),
        "former_head": (Relation.HEAD, body.former_head),
    }
    # one after the other: there is one head at any time
    former.relation, former.version = body.former_head, former.version + 1
    await command.session.flush()
    head.relation, head.version = Relation.HEAD, head.version + 1
    return await settle(command, file, action=HistoryAction.HEAD_CHANGED, changes=changes, member_id=head.id)


async def announce_all(command: Command) -> None:
    """Announce every file as it is, for those who keep a copy and have lost or never had it.

    Whoever holds the same version already has nothing to do.
    """
    announced = 0
    async for file in queries.everything(command.connection):
        command.publish(events.changed(file, ()))
        announced += 1
        if announced % 500 == 0:
            await command.flush()


async def editable(command: Command, case_file_id: UUID, *, version: int | None) -> CaseFile:
    """The file, locked, as the caller has read it (whatever its version, for None), and not closed.

    Raises NotFound, PreconditionFailed and CaseFileClosed.
    """
    file = await _current(command, case_file_id, version=version)
    if file.status == CaseFileStatus.CLOSED:
        raise CaseFileClosed
    return file


async def _current(command: Command, case_file_id: UUID, *, version: int | None) -> CaseFile:
    file = await repository.locked(command, case_file_id)
    if version is not None and file.version != version:
        raise PreconditionFailed
    return file


async def settle(
    command: Command,
    file: CaseFile,
    *,
    action: HistoryAction,
    changes: Mapping[str, tuple[object, object]],
    member_id: UUID | None = None,
    note: str | None = None,
) -> CaseFileRead:
    """Make what was changed the next version of the file, with its history and its event."""
    repository.next_version(command, file, action=action, changes=changes, member_id=member_id, note=note)
    await command.session.flush()
    settled = await read(command, file)
    command.publish(events.changed(settled, ["members"] if member_id is not None else [*changes]))
    return settled


async def settle_many(command: Command, files: Sequence[repository.ChangedCaseFile], *, action: HistoryAction) -> None:
    """`settle` for files that the caller holds locked, in as many statements as for one."""
    await repository.change_many(command, files, action=action)
    changes = {file.id: file.changes for file in files}
    for settled in await queries.case_files(command.connection, [*changes], scope=command.scope_range):
        command.publish(events.changed(settled, [*changes[settled.id]]))


async def read(command: Command, file: CaseFile) -> CaseFileRead:
    """The file as this transaction leaves it."""
    return await queries.case_file(
        command.connection, file.id, scope=command.scope_range, restricted=sees_restricted(command.actor)
    )


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title)])
