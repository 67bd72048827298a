"""The rules of life events: who may let which take effect, and what each does to the file.

An effect is made by the services of households and members, so that it is versions of the file like any other, with
their history and their events; what it replaces is never lost, and the life event says which versions it made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem
from svc_casefile.households import repository as case_files
from svc_casefile.households import service as households
from svc_casefile.households.errors import NotAMember
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import CaseFileUpdate, Closing, ClosingReason, HeadChange
from svc_casefile.life_events import events, queries, repository
from svc_casefile.life_events.errors import (
    HappenedBeforeBirth,
    HeadStays,
    LastMember,
    LifeEventDecided,
    LifeEventOutdated,
    NewHeadNeeded,
    OthersReport,
    OwnReport,
)
from svc_casefile.life_events.models import LifeEvent
from svc_casefile.life_events.schemas import (
    Approval,
    Birth,
    Death,
    Disability,
    Divorce,
    Guardianship,
    Home,
    Job,
    JobChange,
    Joining,
    LifeEventCreate,
    LifeEventKind,
    LifeEventRead,
    LifeEventStatus,
    Marriage,
    Missing,
    MissingChange,
    Move,
    Prison,
    PrisonChange,
    Refusal,
    School,
)
from svc_casefile.members import repository as member_rows
from svc_casefile.members import service as members
from svc_casefile.members.models import Member
from svc_casefile.members.schemas import (
    LeavingReason,
    MaritalStatus,
    MemberCreate,
    MemberRemoval,
    MemberUpdate,
    Relation,
    Restricted,
)
from svc_casefile.timeline.repository import happened

NEEDS_APPROVAL: Mapping[LifeEventKind, bool] = {
    LifeEventKind.BIRTH: True,
    LifeEventKind.DEATH: True,
    LifeEventKind.MARRIAGE: True,
    LifeEventKind.DIVORCE: True,
    LifeEventKind.MOVE: False,
    LifeEventKind.DISABILITY: True,
    LifeEventKind.SCHOOL: False,
    LifeEventKind.JOB: True,
    LifeEventKind.PRISON: True,
    LifeEventKind.MISSING: True,
    LifeEventKind.GUARDIANSHIP: True,
}
"""Whether somebody else approves before the file changes: what decides on the size of the household, on who heads it
or on what it is paid does; where it lives and how far somebody got at school does not."""
RESTRICTED = frozenset({LifeEventKind.PRISON, LifeEventKind.MISSING})
"""Shown to those who work on the file only, and neither announced nor written into its timeline."""
FORMER_HEAD: Mapping[Relation, Relation] = {
    Relation.SPOUSE: Relation.SPOUSE,
    Relation.CHILD: Relation.PARENT,
    Relation.PARENT: Relation.CHILD,
    Relation.SIBLING: Relation.SIBLING,
    Relation.GRANDCHILD: Relation.GRANDPARENT,
    Relation.GRANDPARENT: Relation.GRANDCHILD,
    Relation.OTHER_RELATIVE: Relation.OTHER_RELATIVE,
    Relation.NON_RELATIVE: Relation.NON_RELATIVE,
}
"""What the new head was to the former one → what the former is to the new."""
ADULT = 18


@dataclass(frozen=True, kw_only=True)
class _Effect:
    """What an event does to a file."""

    changes: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    """Member → the columns that take another value."""
    joining: Joining | None = None
    leaving: tuple[UUID, LeavingReason] | None = None
    head_of: UUID | None = None
    """Who would be followed by a new head, if it is the head."""
    new_head: UUID | None = None
    home: Home | None = None

    @property
    def persons(self) -> Iterator[tuple[str, UUID]]:
        """Who is named, with the field that names them."""
        for place, person in enumerate(self.changes or ([self.leaving[0]] if self.leaving else [])):
            yield "former_spouse" if place else "member_id", person
        if self.new_head is not None:
            yield "new_head", self.new_head


def _effect(details: Any, *, happened_on: date) -> _Effect:
    match details:
        case Birth(child=child):
            return _Effect(joining=child.model_copy(update={"birth_date": happened_on}))
        case Death(member_id=who, new_head=head):
            return _Effect(leaving=(who, LeavingReason.DECEASED), head_of=who, new_head=head)
        case Marriage(member_id=who, leaves=leaves, spouse=spouse, new_head=head):
            return _Effect(
                changes={who: {"marital_status": MaritalStatus.MARRIED}},
                joining=spouse,
                leaving=(who, LeavingReason.MARRIED) if leaves else None,
                head_of=who if leaves else None,
                new_head=head,
            )
        case Divorce(member_id=who, former_spouse=other, leaves=leaves, new_head=head):
            return _Effect(
                changes={
                    person: {"marital_status": MaritalStatus.DIVORCED} for person in (who, other) if person is not None
                },
                leaving=(who, LeavingReason.DIVORCED) if leaves else None,
                head_of=who if leaves else None,
                new_head=head,
            )
        case Move(home=home, member_id=who, new_head=head):
            leaving = None if who is None else (who, LeavingReason.MOVED_OUT)
            return _Effect(home=home, leaving=leaving, head_of=who, new_head=head)
        case Disability(member_id=who):
            return _Effect(changes={who: details.model_dump(exclude={"member_id"})})
        case School(member_id=who, education=education):
            return _Effect(changes={who: {} if education is None else {"education": education}})
        case Job(member_id=who, change=change, occupation=occupation, insurance=insurance):
            work = {"occupation": occupation if change == JobChange.STARTED else None}
            return _Effect(changes={who: work if insurance is None else work | {"insurance": insurance}})
        case Prison(member_id=who, change=change, new_head=head):
            flag = {"prison": change == PrisonChange.IMPRISONED}
            return _Effect(changes={who: flag}, head_of=who, new_head=head)
        case Missing(member_id=who, change=change, new_head=head):
            flag = {"missing": change == MissingChange.MISSING}
            return _Effect(changes={who: flag}, head_of=who, new_head=head)
        case Guardianship(member_id=who, guardian=guardian):
            return _Effect(changes={who: {"guardian": guardian}})
        case _:
            raise TypeError(f"{type(details).__name__} is no life event")


async def record(command: Command, case_file_id: UUID, *, body: LifeEventCreate) -> LifeEventRead:
    """Report an event. It takes effect at once where nobody has to approve it.

    Raises NotFound, CaseFileClosed, NotAMember, HappenedBeforeBirth, HeadStays, LastMember, PersonAlreadyInCaseFile;
    and where it takes effect, NewHeadNeeded.
    """
    file = await households.editable(command, case_file_id, version=None)
    persons = await repository.household(command, case_file_id)
    kind, effect = body.kind, _effect(body.details, happened_on=body.happened_on)
    await _possible(command, persons, effect, body)
    event = LifeEvent(
        id=new_id(),
        case_file_id=file.id,
        jurisdiction=file.jurisdiction,
        version=1,
        kind=kind,
        status=LifeEventStatus.PENDING,
        member_id=getattr(body.details, "member_id", None),
        happened_on=body.happened_on,
        reported_on=body.reported_on or today(),
        source=body.source,
        evidence=body.evidence,
        note=body.note,
        details=body.details.model_dump(mode="json"),
        seen=_replaced(persons, effect),
        proposed_head=_proposed(persons, effect) if _loses_its_head(persons, effect) else None,
        recorded_at=command.now,
        recorded_by=command.actor.subject,
    )
    if not NEEDS_APPROVAL[kind]:
        await _take_effect(command, file, event, persons, effect)
    await repository.add(command, event)
    return _settled(command, file, event, fact="recorded")


async def _possible(command: Command, persons: Mapping[UUID, Member], effect: _Effect, body: LifeEventCreate) -> None:
    for name, person in effect.persons:
        if person not in persons or (name == "new_head" and person == effect.head_of):
            raise _at(f"/{body.kind}/{name}", NotAMember)
        born = persons[person].birth_date
        if name != "new_head" and born is not None and body.happened_on < born:
            raise _at("/happened_on", HappenedBeforeBirth)
    if effect.new_head is not None:
        _require_head_to_follow(persons, effect, pointer=f"/{body.kind}/new_head")
    if effect.leaving is not None and len(persons) == 1 and effect.leaving[1] != LeavingReason.DECEASED:
        raise _at(f"/{body.kind}/member_id", LastMember)
    if effect.joining is not None and effect.joining.identity is not None:
        name = "child" if body.kind == LifeEventKind.BIRTH else "spouse"
        await member_rows.refuse_taken(command.connection, [(f"/{body.kind}/{name}/identity", effect.joining.identity)])


def _require_head_to_follow(persons: Mapping[UUID, Member], effect: _Effect, *, pointer: str) -> None:
    if effect.head_of is None or persons[effect.head_of].relation != Relation.HEAD:
        raise _at(pointer, HeadStays)


async def approve(
    command: Command, case_file_id: UUID, life_event_id: UUID, *, version: int, body: Approval
) -> LifeEventRead:
    """Let an event take effect on the file.

    Raises NotFound, PreconditionFailed, LifeEventDecided, CaseFileClosed, OwnReport, LifeEventOutdated when what it
    replaces is not what was there when it was recorded, NewHeadNeeded, NotAMember, HeadStays, and as adding a member.
    """
    file, event = await _pending(command, case_file_id, life_event_id, version=version)
    await households.editable(command, case_file_id, version=None)
    if event.recorded_by == command.actor.subject:
        raise OwnReport
    details = queries.details_of(event.kind, event.details)
    effect = _effect(details, happened_on=event.happened_on)
    persons = await repository.household(command, case_file_id)
    gone = [name for name, person in effect.persons if person not in persons]
    changed = gone or sorted(_differing(event.seen, _replaced(persons, effect)))
    if changed:
        raise LifeEventOutdated(changed=changed)
    if body.new_head is not None:
        _require_head_to_follow(persons, effect, pointer="/new_head")
        if body.new_head not in persons or body.new_head == effect.head_of:
            raise _at("/new_head", NotAMember)
    event.approved_by = command.actor.subject
    event.version += 1
    await _take_effect(command, file, event, persons, effect, new_head=body.new_head)
    await repository.save(command, event)
    return _settled(command, file, event, fact="approved")


async def refuse(
    command: Command, case_file_id: UUID, life_event_id: UUID, *, version: int, body: Refusal
) -> LifeEventRead:
    """Raises NotFound, PreconditionFailed, LifeEventDecided and OwnReport."""
    file, event = await _pending(command, case_file_id, life_event_id, version=version)
    if event.recorded_by == command.actor.subject:
        raise OwnReport
    event.refused_by = command.actor.subject
    return await _given_up(command, file, event, status=LifeEventStatus.REFUSED, reason=body.reason)


async def withdraw(
    command: Command, case_file_id: UUID, life_event_id: UUID, *, version: int, body: Refusal
) -> LifeEventRead:
    """Raises NotFound, PreconditionFailed, LifeEventDecided and OthersReport."""
    file, event = await _pending(command, case_file_id, life_event_id, version=version)
    if event.recorded_by != command.actor.subject:
        raise OthersReport
    return await _given_up(command, file, event, status=LifeEventStatus.WITHDRAWN, reason=body.reason)


async def _given_up(
    command: Command, file: CaseFile, event: LifeEvent, *, status: LifeEventStatus, reason: str
) -> LifeEventRead:
    event.status, event.reason, event.settled_at = status, reason, command.now
    event.version += 1
    await repository.save(command, event)
    return _settled(command, file, event, fact=status)


async def _pending(
    command: Command, case_file_id: UUID, life_event_id: UUID, *, version: int
) -> tuple[CaseFile, LifeEvent]:
    """File and event, locked in this order."""
    file = await case_files.locked(command, case_file_id)
    event = await repository.locked(command, case_file_id, life_event_id)
    if event is None or (event.kind in RESTRICTED and not households.sees_restricted(command.actor)):
        raise NotFound
    if event.version != version:
        raise PreconditionFailed
    if event.status != LifeEventStatus.PENDING:
        raise LifeEventDecided(decision=event.status)
    return file, event


async def _take_effect(
    command: Command,
    file: CaseFile,
    event: LifeEvent,
    persons: Mapping[UUID, Member],
    effect: _Effect,
    *,
    new_head: UUID | None = None,
) -> None:
    before = file.version
    head = new_head or effect.new_head
    if _loses_its_head(persons, effect) and head is None:
        proposed = _proposed(persons, effect)
        raise NewHeadNeeded(proposed=None if proposed is None else str(proposed))
    for person, columns in effect.changes.items():
        if columns:
            await members.change(
                command, file.id, person, version=persons[person].version, body=_update(persons[person], columns)
            )
    if head is not None:
        body = HeadChange(head=head, former_head=FORMER_HEAD[Relation(persons[head].relation)])
        await households.change_head(command, file.id, version=file.version, body=body)
    if effect.leaving is not None:
        await _leave(command, file, persons, *effect.leaving, on=event.happened_on)
    if effect.joining is not None:
        await members.add(command, file.id, body=MemberCreate(**dict(effect.joining)))
    if effect.home is not None:
        await households.change(
            command, file.id, version=file.version, body=_moved(effect.home, since=event.happened_on)
        )
    event.status, event.settled_at = LifeEventStatus.APPLIED, command.now
    if file.version > before:
        event.first_version, event.last_version = before + 1, file.version


async def _leave(
    command: Command, file: CaseFile, persons: Mapping[UUID, Member], who: UUID, reason: LeavingReason, *, on: date
) -> None:
    if len(persons) == 1:  # of all that were there, the last
        await households.close(command, file.id, version=file.version, body=Closing(reason=ClosingReason.DECEASED))
        return
    await members.remove(
        command, file.id, who, version=persons[who].version, body=MemberRemoval(reason=reason, left_on=on)
    )


def _update(member: Member, columns: Mapping[str, Any]) -> MemberUpdate:
    flags = {name: columns.get(name, getattr(member, name)) for name in Restricted.model_fields}
    if flags.keys() & columns.keys():
        return MemberUpdate(restricted=Restricted(**flags))
    return MemberUpdate(**columns)


def _moved(home: Home, *, since: date) -> CaseFileUpdate:
    """All of a new home, what is unknown of it included."""
    kept = {name for name in ("area_class", "mobile") if getattr(home, name) is None}
    return CaseFileUpdate(**home.model_dump(exclude=kept), residence_since=since)


def _loses_its_head(persons: Mapping[UUID, Member], effect: _Effect) -> bool:
    return effect.leaving is not None and len(persons) > 1 and persons[effect.leaving[0]].relation == Relation.HEAD


def _proposed(persons: Mapping[UUID, Member], effect: _Effect) -> UUID | None:
    """The spouse, or else the eldest adult, or else the eldest: for somebody to confirm."""
    others = [member for person, member in persons.items() if person != effect.head_of]
    others.sort(
        key=lambda member: (
            member.relation != Relation.SPOUSE,
            not _is_adult(member.birth_date),
            member.birth_date or date.max,
            member.id,
        )
    )
    return others[0].id if others else None


def _is_adult(born: date | None) -> bool:
    now = today()
    return born is not None and now.year - born.year - ((now.month, now.day) < (born.month, born.day)) >= ADULT


def _replaced(persons: Mapping[UUID, Member], effect: _Effect) -> dict[str, dict[str, Any]]:
    """Member → column → the value that the effect replaces."""
    return {
        str(person): to_jsonable_python({name: getattr(persons[person], name) for name in columns})
        for person, columns in effect.changes.items()
    }


def _differing(before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {name for person, values in now.items() for name in values if values[name] != before[person][name]}


def _settled(command: Command, file: CaseFile, event: LifeEvent, *, fact: str) -> LifeEventRead:
    if event.kind not in RESTRICTED:
        command.publish(events.fact(event, jurisdiction=file.jurisdiction, fact=fact))
        about = {"event": event.kind, "status": event.status, "happened_on": event.happened_on, "source": event.source}
        happened(command, file, kind=f"life-event-{fact}", ref=event.id, about=about)
    return queries.represent(event.model_dump())


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title)])
