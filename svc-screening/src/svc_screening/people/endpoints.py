"""People: registered on the spot, found, and matched when two prove to be one."""

from uuid import UUID

from fastapi import Response

from shared.chassis.http import Command, IfMatch, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_screening.centers.errors import CenterNotOpen
from svc_screening.people import queries, service
from svc_screening.people.errors import (
    DifferentPersons,
    KnownFromHousehold,
    NotAnotherPerson,
    PersonIdReused,
    PersonKnown,
    PersonMerged,
    StillInHousehold,
)
from svc_screening.people.schemas import (
    Match,
    PeopleFound,
    PersonRead,
    PersonRegistration,
    PersonSearch,
    PersonUpdate,
)

router = Router(prefix="/v1/screening-people", tags=["Screening people"])

_CHANGE = [NotFound, PreconditionRequired, PreconditionFailed, PersonMerged]


@router.post(
    "",
    permission=Permission.SCREENING_WRITE,
    status_code=201,
    problems=[ScopeForbidden, CenterNotOpen, PersonIdReused, PersonKnown],
)
async def register_screening_person(body: PersonRegistration, command: Command, response: Response) -> PersonRead:
    """Somebody who is in no household's file here; with an id of the device's making it can be sent twice."""
    person = await service.register(command, body)
    return created(response, person, f"/v1/screening-people/{person.id}")


@router.post(":search", permission=Permission.SCREENING_READ, personal=True, read_only=True)
async def search_screening_people(body: PersonSearch, query: Query) -> PeopleFound:
    """By identity, number of the household's file, or phone. In a body, so that no address keeps what is personal."""
    return await queries.search(query, body)


@router.get("/{person_id}", permission=Permission.SCREENING_READ, personal=True, problems=[NotFound])
async def read_screening_person(person_id: UUID, query: Query, response: Response) -> PersonRead:
    """A person with what they were screened for, year by year."""
    return tagged(response, await queries.read_person(query.connection, person_id, scope=query.scope_range))


@router.patch(
    "/{person_id}", permission=Permission.SCREENING_WRITE, problems=[*_CHANGE, KnownFromHousehold, PersonKnown]
)
async def change_screening_person(
    person_id: UUID, body: PersonUpdate, version: IfMatch, command: Command, response: Response
) -> PersonRead:
    """Complete what is known of a person: a number above all, by which they are recognised anywhere."""
    return tagged(response, await service.change(command, person_id, version=version, body=body))


@router.post(
    "/{person_id}:match",
    permission=Permission.SCREENING_WRITE,
    problems=[*_CHANGE, NotAnotherPerson, StillInHousehold, DifferentPersons],
)
async def match_screening_person(
    person_id: UUID, body: Match, version: IfMatch, command: Command, response: Response
) -> PersonRead:
    """Say that the person is another who is known here; that one is the answer, with the encounters of both."""
    return tagged(response, await service.match(command, person_id, version=version, body=body))
