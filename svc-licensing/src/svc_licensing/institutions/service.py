"""Institutions: registered where the founder came, and kept so that the past can be told."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem, ScopeForbidden
from svc_licensing.applications import service as applications
from svc_licensing.institutions import queries, repository
from svc_licensing.institutions.errors import InstitutionKnown, NotARegisteringPlace, PersonKnown, RoleNotPossible
from svc_licensing.institutions.models import Institution, InstitutionKind, InstitutionPerson
from svc_licensing.institutions.schemas import InstitutionCreate, InstitutionRead, InstitutionUpdate, PersonCreate
from svc_licensing.rules import PersonRole


def registering_place(command: Command, wished: Jurisdiction | None) -> Jurisdiction:
    """A center or a county inside the scope, or the caller's own. Raises ScopeForbidden and NotARegisteringPlace."""
    place = wished or command.scope
    if not command.scope.covers(place):
        raise ScopeForbidden
    if place.level not in {Level.CENTER, Level.COUNTY}:
        raise _at("/jurisdiction", NotARegisteringPlace)
    return place


async def register(command: Command, body: InstitutionCreate) -> InstitutionRead:
    """Raises ScopeForbidden, NotARegisteringPlace, RoleNotPossible, InstitutionKnown and PersonKnown."""
    place = registering_place(command, body.jurisdiction)
    founders = [each for each in body.people if each.role == PersonRole.FOUNDER]
    if (body.kind == InstitutionKind.NATURAL) != (len(founders) == 1) or len(founders) > 1:
        raise _at("/people", RoleNotPossible)
    if body.institution_id is not None and await repository.is_known(command, place.code, body.institution_id):
        raise InstitutionKnown
    institution = Institution(
        id=new_id(),
        jurisdiction=place.code,
        version=1,
        kind=body.kind,
        institution_id=body.institution_id,
        name=body.name or f"{founders[0].given_name} {founders[0].family_name}",
        registered_at=command.now,
        registered_by=command.actor.subject,
    )
    repository.add(command, institution)
    await command.session.flush()
    added: list[InstitutionPerson] = []
    for position, person in enumerate(body.people):
        if any(repository.same(other, person.role, person.identity) for other in added):
            raise _at(f"/people/{position}", PersonKnown)
        added.append(_add(command, institution, person))
    return await _shown(command, institution.id)


async def change(command: Command, institution_id: UUID, *, version: int, body: InstitutionUpdate) -> InstitutionRead:
    """Raises NotFound and PreconditionFailed."""
    institution = await _current(command, institution_id, version=version)
    institution.name = body.name
    institution.version += 1
    return await _shown(command, institution_id)


async def add_person(command: Command, institution_id: UUID, *, version: int, body: PersonCreate) -> InstitutionRead:
    """Other bodies are asked about them too, where the institution's applications are under way.

    Raises NotFound, PreconditionFailed, RoleNotPossible and PersonKnown.
    """
    institution = await _current(command, institution_id, version=version)
    if body.role == PersonRole.FOUNDER:
        raise _at("/role", RoleNotPossible)
    if any(
        repository.same(other, body.role, body.identity) for other in await repository.present(command, institution_id)
    ):
        raise PersonKnown
    person = _add(command, institution, body)
    institution.version += 1
    await command.session.flush()
    await applications.person_came(command, institution_id, person.id)
    return await _shown(command, institution_id)


async def end_person(command: Command, institution_id: UUID, person_id: UUID, *, version: int) -> InstitutionRead:
    """The person holds the role no more. The founder stays: that would be another's licence.

    Raises NotFound, PreconditionFailed and RoleNotPossible.
    """
    institution = await _current(command, institution_id, version=version)
    person = next((each for each in await repository.present(command, institution_id) if each.id == person_id), None)
    if person is None:
        raise NotFound
    if person.role == PersonRole.FOUNDER:
        raise RoleNotPossible
    person.ended_on = today()
    institution.version += 1
    return await _shown(command, institution_id)


def _add(command: Command, institution: Institution, body: PersonCreate) -> InstitutionPerson:
    person = InstitutionPerson(
        id=new_id(),
        institution_id=institution.id,
        jurisdiction=institution.jurisdiction,
        role=body.role,
        identity_type=body.identity.type,
        identity_value=body.identity.value,
        given_name=body.given_name,
        family_name=body.family_name,
        birth_date=body.birth_date,
        sex=body.sex,
        qualifications=[each.model_dump(mode="json") for each in body.qualifications],
        added_at=command.now,
    )
    repository.add(command, person)
    return person


async def _current(command: Command, institution_id: UUID, *, version: int) -> Institution:
    institution = await repository.hold(command, institution_id)
    if institution is None:
        raise NotFound
    if institution.version != version:
        raise PreconditionFailed
    return institution


async def _shown(command: Command, institution_id: UUID) -> InstitutionRead:
    await command.session.flush()
    return await queries.read_institution(command.connection, institution_id, scope=command.scope_range)


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer, problem.code, problem.title)])
