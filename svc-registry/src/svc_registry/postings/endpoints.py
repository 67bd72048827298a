"""Staff postings, inside the scope of whoever asks."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_registry.centers.errors import PlaceUnknown
from svc_registry.postings import queries, service
from svc_registry.postings.errors import (
    LastDayOutOfTurn,
    PostingEnded,
    PostingOverlaps,
    RoleNotAtLevel,
    RoleNotYoursToGrant,
)
from svc_registry.postings.schemas import PostingCreate, PostingEnd, PostingFilters, PostingRead

router = Router(prefix="/v1/postings", tags=["Postings"])


@router.post(
    "",
    permission=Permission.POSTING_GRANT,
    status_code=201,
    problems=[ScopeForbidden, RoleNotYoursToGrant, RoleNotAtLevel, PlaceUnknown, LastDayOutOfTurn, PostingOverlaps],
)
async def grant_posting(body: PostingCreate, command: Command, response: Response) -> PostingRead:
    """Give a person a role at a place: one that you may grant, and inside your own scope."""
    posting = await service.grant(command, body)
    return created(response, posting, f"/v1/postings/{posting.id}")


@router.get("", permission=Permission.POSTING_READ)
async def list_postings(query: Query, filters: Annotated[PostingFilters, fastapi.Query()]) -> Page[PostingRead]:
    return await queries.list_postings(query, filters)


@router.get("/{posting_id}", permission=Permission.POSTING_READ, problems=[NotFound])
async def read_posting(posting_id: UUID, query: Query, response: Response) -> PostingRead:
    return tagged(response, await queries.read_posting(query, posting_id))


@router.post(
    "/{posting_id}:end",
    permission=Permission.POSTING_GRANT,
    problems=[NotFound, PreconditionRequired, PreconditionFailed, RoleNotYoursToGrant, PostingEnded, LastDayOutOfTurn],
)
async def end_posting(
    posting_id: UUID, body: PostingEnd, if_match: IfMatch, command: Command, response: Response
) -> PostingRead:
    """End a posting, at once or with a day; it takes effect at the gateway within moments."""
    return tagged(response, await service.end(command, posting_id, body, if_match=if_match))
