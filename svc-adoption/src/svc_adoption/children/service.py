"""Which child may be placed: Article 8, one of four grounds, known from a paper."""

from collections.abc import Sequence
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.kit.calendar import JalaliMonth, today, years_between
from shared.kit.identity import PersonIdentity
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, ScopeForbidden, Sentence
from svc_adoption import fitness, sealed
from svc_adoption.children import events, queries, repository
from svc_adoption.children.errors import ChildKnown, ChildStepNotAllowed, NotEligible, SiblingsUnknown
from svc_adoption.children.models import Child
from svc_adoption.children.schemas import (
    Basis,
    ChildCreate,
    ChildRead,
    ChildState,
    ChildSummary,
    ChildWithdrawal,
    Kept,
)
from svc_adoption.parameters.service import required

IDENTITY = "child.identities"
UNCLAIMED_YEARS = "adoption-unclaimed-years"
"""The rule on how long nobody has come for a child in care (Article 8: two years)."""


def _indexes(document: bytes, seals: Seals) -> list[bytes]:
    kept = Kept.model_validate_json(document)
    return [] if kept.identity is None else [seals.index(_said(kept.identity), place=IDENTITY)]


TABLE = sealed.sealing("child", index=("identities", _indexes))


async def register(command: Command, body: ChildCreate, *, seals: Seals) -> ChildSummary:
    """Raises ScopeForbidden, NotEligible, ChildKnown, SiblingsUnknown and RuleNotSet."""
    place = _place(command, body.jurisdiction)
    await _require_eligible(command, body, place=place.code)
    indexes = [] if body.identity is None else seals.indexes(_said(body.identity), place=IDENTITY)
    if await repository.known(command, indexes):
        raise ChildKnown
    assert place.province is not None
    kept = Kept(**body.model_dump(include={*Kept.model_fields}))
    child = Child(
        id=new_id(),
        jurisdiction=place.code,
        version=1,
        queue=place.province.code,
        state=ChildState.ELIGIBLE,
        sex=body.sex,
        born_in=JalaliMonth.from_date(body.birth_date).first_day,
        health=body.health,
        together=1,
        registered_at=command.now,
        registered_by=command.actor.subject,
        key_id="",
        sealed=b"",
        identities=_indexes(kept.model_dump_json().encode(), seals),
    )
    child.key_id, child.sealed = sealed.seal(TABLE, child.id, kept, seals=seals)
    await repository.add(command, child)
    if body.sibling_of is not None:
        await _join(command, child, body.sibling_of)
    await command.session.flush()
    command.publish(events.changed(child))
    return queries.summary(child.model_dump())


async def withdraw(
    command: Command, child_id: UUID, *, version: int, body: ChildWithdrawal, seals: Seals
) -> ChildSummary:
    """Not to be placed any more. Raises NotFound, PreconditionFailed and ChildStepNotAllowed."""
    (child,) = await repository.hold(command, [child_id])
    if child.version != version:
        raise PreconditionFailed
    if child.state != ChildState.ELIGIBLE:
        raise ChildStepNotAllowed(present=child.state, allowed=[])
    kept = sealed.opened(TABLE, child.model_dump(), Kept, seals=seals)
    kept.withdrawn_because = body.reason
    child.key_id, child.sealed = sealed.seal(TABLE, child.id, kept, seals=seals)
    if child.siblings_id is not None:
        for other in await repository.together(command, child.siblings_id):
            other.together -= 1
    await move(command, [child], ChildState.WITHDRAWN)
    return queries.summary(child.model_dump())


async def read(query: Query, child_id: UUID, *, seals: Seals) -> ChildRead:
    """Raises NotFound."""
    row = await queries.sealed(query.connection, child_id, scope=query.scope_range)
    kept = sealed.opened(TABLE, row, Kept, seals=seals)
    return ChildRead(
        **queries.summary(row).model_dump(),
        **kept.model_dump(),
        registered_at=row["registered_at"],
        registered_by=row["registered_by"],
    )


async def hold(command: Command, child_ids: Sequence[UUID]) -> list[Child]:
    """Children who were proposed to a family, locked.

    Raises ScopeForbidden when one lives outside the scope: that step is for the scope of the province.
    """
    try:
        return await repository.hold(command, child_ids)
    except NotFound:
        raise ScopeForbidden from None


async def move(command: Command, children: Sequence[Child], state: ChildState) -> None:
    """The next state of children that the command holds."""
    for child in children:
        child.state = state
        child.version += 1
        command.publish(events.changed(child))
    await command.session.flush()


def fitting(row: dict[str, object], *, seals: Seals) -> fitness.Child:
    """What matching needs of a child, opened."""
    kept = sealed.opened(TABLE, row, Kept, seals=seals)
    return fitness.Child.model_validate(
        {"sex": row["sex"], "born": kept.birth_date, "health": row["health"], "religion": kept.religion}
    )


def _place(command: Command, wished: Jurisdiction | None) -> Jurisdiction:
    place = wished or command.scope
    if not command.scope.covers(place):
        raise ScopeForbidden
    if place.level not in {Level.PROVINCE, Level.COUNTY}:
        raise ScopeForbidden
    return place


async def _require_eligible(command: Command, body: ChildCreate, *, place: str) -> None:
    day, wrong = today(), list[FieldError]()
    limit = await required(command, fitness.CHILD_UNDER, place=place, on=day)
    if body.birth_date > day or body.in_care_since > day or body.evidence.issued_on > day:
        wrong.append(_wrong("/birth_date", "in-the-future", "روزی در آینده است", "a day is in the future"))
    if years_between(body.birth_date, day) >= limit:
        wrong.append(
            _wrong("/birth_date", "too-old", f"باید کمتر از {limit} سال داشته باشد", f"must be younger than {limit}")
        )
    if body.basis == Basis.UNCLAIMED:
        needed = await required(command, UNCLAIMED_YEARS, place=place, on=day)
        if years_between(body.in_care_since, day) < needed:
            said = f"باید {needed} سال در سرپرستی بوده باشد"
            wrong.append(
                _wrong("/in_care_since", "claimed-lately", said, f"must have been in care for {needed} years unclaimed")
            )
    if wrong:
        raise NotEligible(errors=wrong)


def _wrong(pointer: str, code: str, fa: str, en: str) -> FieldError:
    message: Sentence = {"fa": fa, "en": en}
    return FieldError(pointer, code, message)


async def _join(command: Command, child: Child, sibling_id: UUID) -> None:
    (sibling,) = await _held_sibling(command, sibling_id)
    sibling.siblings_id = child.siblings_id = sibling.siblings_id or new_id()
    await command.session.flush()
    group = await repository.together(command, sibling.siblings_id)
    if any(each.state != ChildState.ELIGIBLE for each in group):
        raise SiblingsUnknown
    for each in group:
        each.together = len(group)
        if each is not child:
            each.version += 1


async def _held_sibling(command: Command, sibling_id: UUID) -> list[Child]:
    try:
        return await repository.hold(command, [sibling_id])
    except NotFound:
        raise SiblingsUnknown from None


def _said(identity: PersonIdentity) -> str:
    return f"{identity.type}:{identity.value}"
