"""The members of a case file, as a resource of their own."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_casefile.households.errors import CaseFileClosed
from svc_casefile.households.service import sees_restricted
from svc_casefile.members import queries, service
from svc_casefile.members.errors import (
    HeadIsNeeded,
    HouseholdFull,
    OneHeadOnly,
    PersonAlreadyInCaseFile,
    SeverityAlone,
)
from svc_casefile.members.schemas import MemberCreate, MemberFilters, MemberRead, MemberRemoval, MemberUpdate

router = Router(prefix="/v1/case-files/{case_file_id}/members", tags=["Members"])

_CHANGING = [NotFound, PreconditionRequired, PreconditionFailed, CaseFileClosed, HeadIsNeeded]


@router.get("", permission=Permission.CASE_FILE_READ, personal=True, problems=[NotFound])
async def list_members(
    case_file_id: UUID, query: Query, filters: Annotated[MemberFilters, fastapi.Query()]
) -> Page[MemberRead]:
    """Who is in the household, or with `former` who has left it."""
    return await queries.members_of(query, case_file_id, filters=filters, restricted=sees_restricted(query.actor))


@router.post(
    "",
    permission=Permission.CASE_FILE_WRITE,
    status_code=201,
    problems=[NotFound, CaseFileClosed, OneHeadOnly, HouseholdFull, PersonAlreadyInCaseFile],
)
async def add_member(case_file_id: UUID, body: MemberCreate, command: Command, response: Response) -> MemberRead:
    """Somebody joins the household: born, married, or only now known."""
    member = await service.add(command, case_file_id, body=body)
    return created(response, member, f"/v1/case-files/{case_file_id}/members/{member.id}")


@router.get("/{member_id}", permission=Permission.CASE_FILE_READ, personal=True, problems=[NotFound])
async def read_member(case_file_id: UUID, member_id: UUID, query: Query, response: Response) -> MemberRead:
    """A member, present or former, with the version that changes need."""
    member = await queries.member(
        query.connection,
        case_file_id,
        member_id,
        scope=query.scope_range,
        restricted=sees_restricted(query.actor),
    )
    return tagged(response, member)


@router.patch(
    "/{member_id}",
    permission=Permission.CASE_FILE_WRITE,
    problems=[*_CHANGING, OneHeadOnly, SeverityAlone, PersonAlreadyInCaseFile],
)
async def change_member(
    case_file_id: UUID, member_id: UUID, body: MemberUpdate, version: IfMatch, command: Command, response: Response
) -> MemberRead:
    """Change what is sent; the head changes with `:change-head`."""
    return tagged(response, await service.change(command, case_file_id, member_id, version=version, body=body))


@router.delete("/{member_id}", permission=Permission.CASE_FILE_WRITE, problems=_CHANGING)
async def remove_member(
    case_file_id: UUID,
    member_id: UUID,
    leaving: Annotated[MemberRemoval, fastapi.Query()],
    version: IfMatch,
    command: Command,
    response: Response,
) -> MemberRead:
    """The person left the household. Nothing is erased: `former` members and the history still tell."""
    return tagged(response, await service.remove(command, case_file_id, member_id, version=version, body=leaving))
