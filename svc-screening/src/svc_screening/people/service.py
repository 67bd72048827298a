"""Whom there is to screen, each counted once: a person in a programme in a year, however often registered."""

import hashlib
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, NotFound, PreconditionFailed
from svc_screening.centers import service as centers
from svc_screening.encounters import repository as encounters
from svc_screening.people import queries, repository
from svc_screening.people.errors import (
    DifferentPersons,
    KnownFromHousehold,
    NotAnotherPerson,
    PersonIdReused,
    PersonKnown,
    PersonMerged,
    StillInHousehold,
)
from svc_screening.people.models import Origin, Person
from svc_screening.people.schemas import Match, PersonRead, PersonRegistration, PersonUpdate
from svc_screening.referrals import service as referrals


async def register(command: Command, body: PersonRegistration) -> PersonRead:
    """Register somebody on the spot. The same registration again is the one that is there.

    Whoever is known by number elsewhere in the country is registered here as well, and counted once.
    Raises ScopeForbidden, CenterNotOpen, PersonIdReused and PersonKnown.
    """
    center = await centers.place(command, body.center)
    identity = body.identity
    person = Person(
        **body.model_dump(exclude={"id", "center", "identity"}),
        id=body.id or new_id(),
        jurisdiction=center.code,
        version=1,
        origin=Origin.ON_THE_SPOT,
        present=True,
        id_type=None if identity is None else identity.type,
        id_value=None if identity is None else identity.value,
        digest=hashlib.sha256(body.model_dump_json().encode()).digest(),
        registered_at=command.now,
        registered_by=command.actor.subject,
    )
    person.counts_as = person.id
    assert person.digest is not None
    if not await repository.register(command, person):
        known = await queries.registered(command.connection, person.id, digest=person.digest, scope=command.scope_range)
        if known is not None:
            return known
        await _count_as_known(command, person)
        if not await repository.register(command, person):
            raise PersonIdReused(errors=[FieldError("/id", PersonIdReused.code, PersonIdReused.title)])
    return await queries.read_person(command.connection, person.id, scope=command.scope_range)


async def _count_as_known(command: Command, person: Person) -> None:
    """Raises PersonKnown when whoever has the number is in the scope."""
    if person.id_type is None or person.id_value is None:
        return
    here = await repository.known_here(command, person.id_type, person.id_value)
    if here is not None and here != person.id:
        raise PersonKnown(person_id=str(here), errors=[FieldError("/identity", PersonKnown.code, PersonKnown.title)])
    person.counts_as = await repository.counted_elsewhere(command, person.id_type, person.id_value) or person.id


async def change(command: Command, person_id: UUID, *, version: int, body: PersonUpdate) -> PersonRead:
    """Raises NotFound, PreconditionFailed, PersonMerged, KnownFromHousehold and PersonKnown."""
    person = await _current(command, person_id, version=version)
    changes = body.model_dump(exclude_unset=True, exclude={"identity"})
    if person.origin == Origin.HOUSEHOLD:
        for name in ("birth_date", "sex"):
            if name in changes and changes[name] != getattr(person, name):
                raise KnownFromHousehold(
                    errors=[FieldError(f"/{name}", KnownFromHousehold.code, KnownFromHousehold.title)]
                )
    if "identity" in body.model_fields_set:
        changes["id_type"] = None if body.identity is None else body.identity.type.value
        changes["id_value"] = None if body.identity is None else body.identity.value
    if any(getattr(person, name) != value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(person, name, value)
        if "id_type" in changes:
            person.counts_as = person.id
            await _count_as_known(command, person)
        person.version += 1
        await command.session.flush()
    return await queries.read_person(command.connection, person_id, scope=command.scope_range)


async def match(command: Command, person_id: UUID, *, version: int, body: Match) -> PersonRead:
    """Keep the person as another from now on: the two proved to be one.

    Raises NotFound, PreconditionFailed, PersonMerged, NotAnotherPerson, StillInHousehold and DifferentPersons.
    """
    wrong = NotAnotherPerson(errors=[FieldError("/same_as", NotAnotherPerson.code, NotAnotherPerson.title)])
    if body.same_as == person_id:
        raise wrong
    # in one order, so that two who match the same persons at once wait for each other
    held: dict[UUID, Person] = {}
    for each in sorted((person_id, body.same_as)):
        try:
            held[each] = await repository.hold(command, each)
        except NotFound:
            if each == person_id:
                raise
            raise wrong from None
    person, other = held[person_id], held[body.same_as]
    _refuse_merged(person)
    if person.version != version:
        raise PreconditionFailed
    if other.merged_into is not None:
        raise wrong
    if person.origin == Origin.HOUSEHOLD and person.present:
        raise StillInHousehold
    both_known = person.id_type is not None and other.id_type is not None
    same = (person.id_type, person.id_value) == (other.id_type, other.id_value)
    if person.birth_date != other.birth_date or (both_known and not same):
        raise DifferentPersons
    identity = (person.id_type, person.id_value)
    known_elsewhere = person.counts_as != person.id and other.counts_as == other.id
    counts_as = person.counts_as if known_elsewhere else other.counts_as
    await repository.count_as(command, [person.counts_as, other.counts_as], counts_as)
    person.merged_into, person.present, person.counts_as = other.id, False, counts_as
    person.version += 1
    await command.session.flush()
    other.counts_as = counts_as
    if other.id_type is None:
        other.id_type, other.id_value = identity
    for name in ("given_name", "family_name", "guardian_mobile", "sex"):
        if getattr(other, name) is None:
            setattr(other, name, getattr(person, name))
    other.version += 1
    await command.session.flush()
    await encounters.give_to(command, person.id, other.id)
    await referrals.give_to(command, person.id, other.id)
    return await queries.read_person(command.connection, other.id, scope=command.scope_range)


async def _current(command: Command, person_id: UUID, *, version: int) -> Person:
    person = await repository.hold(command, person_id)
    _refuse_merged(person)
    if person.version != version:
        raise PreconditionFailed
    return person


def _refuse_merged(person: Person) -> None:
    if person.merged_into is not None:
        raise PersonMerged(merged_into=str(person.merged_into))
