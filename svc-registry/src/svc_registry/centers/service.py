"""The rules of a center's life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.casefile import CaseFileClosedV1, CaseFileState
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, ScopeForbidden
from shared.kit.text import search_key
from svc_registry.centers import events, repository
from svc_registry.centers.errors import (
    CenterClosed,
    CenterCodeTaken,
    CenterHasFiles,
    CenterLicenceEnded,
    CenterNotComplete,
    CentersNotReady,
    CenterStepNotAllowed,
    CentersUnknown,
    CountyFull,
    CountyUnknown,
    DateInFuture,
    MovedBeforeItCame,
    PlaceUnknown,
)
from svc_registry.centers.models import Center, CenterAddress, CenterStatus, CenterTransition
from svc_registry.centers.schemas import CenterCreate, CenterOpen, CenterRead, CentersOpen, CentersRead, CenterUpdate

LAST_SERIAL = 999
LICENCE_TO_BE_ACTIVE, IN_FORCE = "activity", "in-force"
"""The words of licensing."""
NEEDED_WHEN_READY = ("licence_reference", "address")
WHEREABOUTS = ("address", "postal_code", "latitude", "longitude")


@dataclass(frozen=True)
class Step:
    leaves: frozenset[CenterStatus]
    reaches: CenterStatus


STEPS = {
    "ready": Step(frozenset({CenterStatus.PLANNED}), CenterStatus.READY),
    "open": Step(frozenset({CenterStatus.READY}), CenterStatus.OPEN),
    "suspend": Step(frozenset({CenterStatus.OPEN}), CenterStatus.SUSPENDED),
    "resume": Step(frozenset({CenterStatus.SUSPENDED}), CenterStatus.OPEN),
    "close": Step(frozenset(CenterStatus) - {CenterStatus.CLOSED}, CenterStatus.CLOSED),
}


async def plan(command: Command, wanted: CenterCreate) -> CenterRead:
    """Raises ScopeForbidden, CountyUnknown, CenterCodeTaken, CountyFull, DateInFuture."""
    (center,) = (await _plan(command, [wanted], pointers=[""])).centers
    return center


async def plan_many(command: Command, wanted: Sequence[CenterCreate]) -> CentersRead:
    """All or none; raises what `plan` does, with pointers to each center that is wrong."""
    return await _plan(command, wanted, pointers=[f"/centers/{place}" for place in range(len(wanted))])


async def _plan(command: Command, wanted: Sequence[CenterCreate], *, pointers: Sequence[str]) -> CentersRead:
    for body in wanted:
        _require_in_scope(command, body.place)
    counties = sorted({body.place.code[:4] for body in wanted})
    unknown = set(counties) - await repository.known_counties(command, counties)
    if unknown:
        raise CountyUnknown(
            errors=[
                FieldError(f"{pointer}/{'code' if body.code else 'county'}", CountyUnknown.code, CountyUnknown.title)
                for body, pointer in zip(wanted, pointers, strict=True)
                if body.place.code[:4] in unknown
            ]
        )
    taken = await repository.hold_numbers(command, counties)
    codes = _number(wanted, pointers=pointers, taken=taken)
    centers, addresses = [], []
    for body, code in zip(wanted, codes, strict=True):
        since = _not_in_future(body.address_since) or today()
        center = Center(
            **body.model_dump(mode="json", exclude={"code", "county", "address_since"}),
            code=code,
            county=code[:4],
            name_search=_name_search(body.name_fa, body.name_en),
            created_at=command.now,
        )
        centers.append(center)
        addresses.append(_address(command, center, since=since))
    await repository.add(command, centers, addresses)
    operation_id = new_id()
    for center in centers:
        _record(command, center, operation_id=operation_id, status_from=None, effective_on=today(), reason=None)
    return CentersRead(operation_id=operation_id, centers=[_read(center) for center in centers])


def _number(wanted: Sequence[CenterCreate], *, pointers: Sequence[str], taken: set[str]) -> list[str]:
    """A code for each; those that were asked for first, then the lowest free serials of their counties."""
    used, clashes = set(taken), []
    for body, pointer in zip(wanted, pointers, strict=True):
        if body.code in used:
            clashes.append(FieldError(f"{pointer}/code", CenterCodeTaken.code, CenterCodeTaken.title))
        elif body.code is not None:
            used.add(body.code)
    if clashes:
        raise CenterCodeTaken(errors=clashes)
    codes: list[str] = []
    for body in wanted:
        code: str | None = body.code
        if code is None:
            possible = (f"{body.county}{serial:03}" for serial in range(1, LAST_SERIAL + 1))
            code = next((each for each in possible if each not in used), None)
            if code is None:
                raise CountyFull
            used.add(code)
        codes.append(code)
    return codes


async def change(command: Command, code: str, changes: CenterUpdate, *, if_match: int) -> CenterRead:
    """Raises ScopeForbidden, NotFound, PreconditionFailed, CenterClosed, CenterNotComplete, DateInFuture,
    MovedBeforeItCame."""
    center = await _hold(command, code)
    if center.version != if_match:
        raise PreconditionFailed
    if center.status == CenterStatus.CLOSED:
        raise CenterClosed
    since = _not_in_future(changes.address_since) or today()
    wanted = changes.model_dump(mode="json", include=changes.model_fields_set - {"address_since"})
    different = {name: value for name, value in wanted.items() if getattr(center, name) != value}
    if not different:
        return _read(center)
    for name, value in different.items():
        setattr(center, name, value)
    center.name_search = _name_search(center.name_fa, center.name_en)
    center.version += 1
    if center.status != CenterStatus.PLANNED:
        _require_complete(center)
    if different.keys() & set(WHEREABOUTS):
        await _move(command, center, since=since)
    command.publish(events.changed(center))
    return _read(center)


async def _move(command: Command, center: Center, *, since: date) -> None:
    present = await repository.present_address(command, center.code)
    if since < present.valid_from:
        raise MovedBeforeItCame
    if since == present.valid_from:  # a correction: it never was where the old row says
        for name in WHEREABOUTS:
            setattr(present, name, getattr(center, name))
        present.recorded_by, present.recorded_at = command.actor.subject, command.now
        return
    present.valid_to = since
    repository.add_address(command, _address(command, center, since=since))


async def make_ready(command: Command, code: str) -> CenterRead:
    """Raises ScopeForbidden, NotFound, CenterStepNotAllowed, CenterNotComplete."""
    center = await _hold(command, code)
    _allow(center, "ready")
    _require_complete(center)
    return _take(command, center, "ready")


async def open_one(command: Command, code: str, opening: CenterOpen) -> CenterRead:
    """Raises ScopeForbidden, NotFound, CenterStepNotAllowed, DateInFuture, CenterLicenceEnded."""
    opened_on = _not_in_future(opening.opened_on) or today()
    center = await _hold(command, code)
    _allow(center, "open")
    await _require_licence(command, code)
    center.opened_on = opened_on
    return _take(command, center, "open", effective_on=opened_on)


async def open_many(command: Command, opening: CentersOpen) -> CentersRead:
    """All or none. Raises ScopeForbidden, CentersUnknown, CentersNotReady, DateInFuture, CenterLicenceEnded."""
    opened_on = _not_in_future(opening.opened_on) or today()
    for code in opening.codes:
        _require_in_scope(command, Jurisdiction(code))
    held = await repository.hold(command, opening.codes)
    unknown = [place for place, code in enumerate(opening.codes) if code not in held]
    if unknown:
        raise CentersUnknown(errors=[FieldError(f"/codes/{place}", NotFound.code, NotFound.title) for place in unknown])
    unready = [place for place, code in enumerate(opening.codes) if "open" not in _allowed(held[code])]
    if unready:
        raise CentersNotReady(
            errors=[
                FieldError(f"/codes/{place}", CenterStepNotAllowed.code, problem.details)
                for place in unready
                for problem in [_out_of_turn(held[opening.codes[place]])]
            ]
        )
    for code in opening.codes:
        await _require_licence(command, code)
    operation_id = new_id()
    centers = [held[code] for code in opening.codes]
    for center in centers:
        center.opened_on = opened_on
    read = [_take(command, each, "open", operation_id=operation_id, effective_on=opened_on) for each in centers]
    return CentersRead(operation_id=operation_id, centers=read)


async def suspend(command: Command, code: str, *, reason: str) -> CenterRead:
    """Raises ScopeForbidden, NotFound, CenterStepNotAllowed."""
    center = await _hold(command, code)
    _allow(center, "suspend")
    return _take(command, center, "suspend", reason=reason)


async def resume(command: Command, code: str) -> CenterRead:
    """Raises ScopeForbidden, NotFound, CenterStepNotAllowed, CenterLicenceEnded."""
    center = await _hold(command, code)
    _allow(center, "resume")
    await _require_licence(command, code)
    return _take(command, center, "resume")


async def close(command: Command, code: str, *, reason: str) -> CenterRead:
    """Raises ScopeForbidden, NotFound, CenterStepNotAllowed, CenterHasFiles."""
    center = await _hold(command, code)
    _allow(center, "close")
    files = await repository.count_files(command, code)
    if files:
        raise CenterHasFiles(files=files)
    center.closed_on = today()
    return _take(command, center, "close", reason=reason)


async def require_place(command: Command, place: Jurisdiction) -> None:
    """Raises PlaceUnknown unless the nation, a province, a county or a center has this code."""
    if not await repository.exists(command, place):
        raise PlaceUnknown(errors=[FieldError("/jurisdiction", PlaceUnknown.code, PlaceUnknown.title)])


async def remember_case_files(command: Command, files: Sequence[CaseFileState | CaseFileClosedV1]) -> None:
    """Note where case files are, unless something newer is known."""
    await repository.remember_case_files(command, files)


async def follow_licence(
    command: Command, licence_id: UUID, *, version: int, center: str, number: str, status: str
) -> None:
    """A center stops when its licence to be active ends. That it goes on again is for people to say.

    The licence that is in force is the one that the center refers to.
    """
    if not await repository.remember_licence(
        command, licence_id, version=version, center=center, number=number, status=status
    ):
        return
    held = (await repository.hold(command, [center])).get(center)
    if held is None or held.status == CenterStatus.CLOSED:
        return
    if status == IN_FORCE:
        if held.licence_reference != number:
            held.licence_reference = number
            held.version += 1
            command.publish(events.changed(held))
    elif held.status == CenterStatus.OPEN and await _ended_licence(command, center) is not None:
        _take(command, held, "suspend", reason=f"پروانهٔ فعالیت {number}: {status}")


async def announce_all(command: Command) -> None:
    """Publish the present state of every center again."""
    command.publish_many([events.reached(center) for center in await repository.every(command)])


async def _hold(command: Command, code: str) -> Center:
    _require_in_scope(command, Jurisdiction(code))
    center = (await repository.hold(command, [code])).get(code)
    if center is None:
        raise NotFound
    return center


async def _require_licence(command: Command, code: str) -> None:
    """Raises CenterLicenceEnded. A center of which licensing has announced no licence is held to have one on paper."""
    ended = await _ended_licence(command, code)
    if ended is not None:
        raise CenterLicenceEnded(number=ended[0], standing=ended[1])


async def _ended_licence(command: Command, code: str) -> tuple[str, str] | None:
    """Number and status of the latest licence of a center that has had some and has none in force."""
    licences = await repository.licences_of(command, code)
    return None if any(status == IN_FORCE for _, status in licences) else next(iter(licences), None)


def _require_in_scope(command: Command, place: Jurisdiction) -> None:
    # decided by the code alone: whether a foreign center exists makes no difference
    if not command.scope.covers(place):
        raise ScopeForbidden


def _allowed(center: Center) -> list[str]:
    return [name for name, step in STEPS.items() if center.status in step.leaves]


def _allow(center: Center, step: str) -> None:
    if step not in _allowed(center):
        raise _out_of_turn(center)


def _out_of_turn(center: Center) -> CenterStepNotAllowed:
    return CenterStepNotAllowed(present=center.status, allowed=_allowed(center))


def _require_complete(center: Center) -> None:
    missing = [name for name in NEEDED_WHEN_READY if getattr(center, name) is None]
    if missing:
        raise CenterNotComplete(missing=missing, fields=", ".join(missing))


def _not_in_future(day: date | None) -> date | None:
    if day is not None and day > today():
        raise DateInFuture
    return day


def _take(
    command: Command,
    center: Center,
    step: str,
    *,
    operation_id: UUID | None = None,
    effective_on: date | None = None,
    reason: str | None = None,
) -> CenterRead:
    before, center.status = center.status, STEPS[step].reaches
    center.version += 1
    _record(
        command,
        center,
        operation_id=operation_id or new_id(),
        status_from=before,
        effective_on=effective_on or today(),
        reason=reason,
    )
    return _read(center)


def _record(
    command: Command,
    center: Center,
    *,
    operation_id: UUID,
    status_from: str | None,
    effective_on: date,
    reason: str | None,
) -> None:
    repository.add_transition(
        command,
        CenterTransition(
            id=new_id(),
            operation_id=operation_id,
            center=center.code,
            status_from=status_from,
            status_to=center.status,
            effective_on=effective_on,
            reason=reason,
            done_by=command.actor.subject,
            done_at=command.now,
        ),
    )
    command.publish(events.reached(center))


def _address(command: Command, center: Center, *, since: date) -> CenterAddress:
    return CenterAddress(
        id=new_id(),
        center=center.code,
        **{name: getattr(center, name) for name in WHEREABOUTS},
        valid_from=since,
        recorded_by=command.actor.subject,
        recorded_at=command.now,
    )


def _name_search(name_fa: str, name_en: str | None) -> str:
    return search_key(f"{name_fa} {name_en or ''}")


def _read(center: Center) -> CenterRead:
    return CenterRead.model_validate(center)
