"""Case files: open, read, change, find and count them."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden, StepNotAllowed
from svc_casefile.households import queries, service
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
from svc_casefile.households.schemas import (
    CaseFileCounts,
    CaseFileCreate,
    CaseFileFilters,
    CaseFileRead,
    CaseFileSearch,
    CaseFileSummary,
    CaseFileUpdate,
    Closing,
    CountFilters,
    HeadChange,
    HistoryEntry,
    HistoryFilters,
    SearchResult,
    Suspension,
)
from svc_casefile.members.errors import PersonAlreadyInCaseFile
from svc_casefile.staff.errors import WorkerFull, WorkerNotPosted

router = Router(prefix="/v1/case-files", tags=["Case files"])

_KNOWN = [NotFound, PreconditionRequired, PreconditionFailed]
_STEP = [*_KNOWN, StepNotAllowed]


@router.post(
    "",
    permission=Permission.CASE_FILE_WRITE,
    status_code=201,
    problems=[
        ScopeForbidden,
        NotAPlaceForFiles,
        CenterNotOpen,
        ActiveOnlyAtCenter,
        WorkerNotPosted,
        WorkerFull,
        PersonAlreadyInCaseFile,
        LegacyReferenceTaken,
    ],
)
async def open_case_file(body: CaseFileCreate, command: Command, response: Response) -> CaseFileRead:
    """A household with its members becomes a file, at the caller's center or county unless the body says where."""
    file = await service.open_case_file(command, body)
    return created(response, file, f"/v1/case-files/{file.id}")


@router.get("", permission=Permission.CASE_FILE_READ, personal=True, problems=[ScopeForbidden])
async def list_case_files(query: Query, filters: Annotated[CaseFileFilters, fastapi.Query()]) -> Page[CaseFileSummary]:
    """The files inside the scope, by number or by the day they were opened."""
    return await queries.list_files(query, filters)


@router.post(":search", permission=Permission.CASE_FILE_SEARCH, personal=True, read_only=True)
async def search_case_files(body: CaseFileSearch, query: Query) -> SearchResult:
    """By name, identity, number or phone, inside the scope. In a body, so that no address keeps what is personal."""
    return await queries.search(query, body)


@router.get(":summary", permission=Permission.CASE_FILE_READ, problems=[ScopeForbidden])
async def count_case_files(query: Query, filters: Annotated[CountFilters, fastapi.Query()]) -> CaseFileCounts:
    """How many files and persons, by status. `files` and `persons` leave out what is closed."""
    return await queries.counts(query, filters.center_code)


@router.get(
    "/{case_file_id}",
    permission=Permission.CASE_FILE_READ,
    personal=True,
    problems=[NotFound],
    response_model=CaseFileRead,
)
async def read_case_file(case_file_id: UUID, query: Query) -> Response:
    """A file with the present members of its household."""
    version, body = await queries.body_of(
        query.connection, case_file_id, scope=query.scope_range, restricted=service.sees_restricted(query.actor)
    )
    return Response(body, media_type="application/json", headers={"ETag": f'"{version}"'})


@router.get("/{case_file_id}/history", permission=Permission.CASE_FILE_READ, personal=True, problems=[NotFound])
async def read_case_file_history(
    case_file_id: UUID, query: Query, filters: Annotated[HistoryFilters, fastapi.Query()]
) -> Page[HistoryEntry]:
    """Who did what to the file and when, the latest first."""
    return await queries.history(query, case_file_id, filters=filters, restricted=service.sees_restricted(query.actor))


@router.patch(
    "/{case_file_id}", permission=Permission.CASE_FILE_WRITE, problems=[*_KNOWN, CaseFileClosed, HalfAMapPoint]
)
async def change_case_file(
    case_file_id: UUID, body: CaseFileUpdate, version: IfMatch, command: Command, response: Response
) -> CaseFileRead:
    """Change what is sent. A file never changes its place or number this way."""
    return tagged(response, await service.change(command, case_file_id, version=version, body=body))


@router.post("/{case_file_id}:submit", permission=Permission.CASE_FILE_WRITE, problems=_STEP)
async def submit_case_file(case_file_id: UUID, version: IfMatch, command: Command, response: Response) -> CaseFileRead:
    """A draft is complete and waits its turn."""
    return tagged(response, await service.submit(command, case_file_id, version=version))


@router.post("/{case_file_id}:activate", permission=Permission.CASE_FILE_WRITE, problems=[*_STEP, ActiveOnlyAtCenter])
async def activate_case_file(
    case_file_id: UUID, version: IfMatch, command: Command, response: Response
) -> CaseFileRead:
    """The center takes the household on."""
    return tagged(response, await service.activate(command, case_file_id, version=version))


@router.post("/{case_file_id}:suspend", permission=Permission.CASE_FILE_WRITE, problems=_STEP)
async def suspend_case_file(
    case_file_id: UUID, body: Suspension, version: IfMatch, command: Command, response: Response
) -> CaseFileRead:
    """Work on the file rests: papers are missing, or the household cannot be found."""
    return tagged(response, await service.suspend(command, case_file_id, version=version, body=body))


@router.post("/{case_file_id}:resume", permission=Permission.CASE_FILE_WRITE, problems=_STEP)
async def resume_case_file(case_file_id: UUID, version: IfMatch, command: Command, response: Response) -> CaseFileRead:
    """Work on a suspended file goes on."""
    return tagged(response, await service.resume(command, case_file_id, version=version))


@router.post("/{case_file_id}:close", permission=Permission.CASE_FILE_WRITE, problems=[*_STEP, ClosedBeforeOpened])
async def close_case_file(
    case_file_id: UUID, body: Closing, version: IfMatch, command: Command, response: Response
) -> CaseFileRead:
    """End the file for good. Its members may then be in another household's."""
    return tagged(response, await service.close(command, case_file_id, version=version, body=body))


@router.post(
    "/{case_file_id}:change-head", permission=Permission.CASE_FILE_WRITE, problems=[*_KNOWN, CaseFileClosed, NotAMember]
)
async def change_head_of_household(
    case_file_id: UUID, body: HeadChange, version: IfMatch, command: Command, response: Response
) -> CaseFileRead:
    """Another member becomes the head, in one step: a household is never without one."""
    return tagged(response, await service.change_head(command, case_file_id, version=version, body=body))
