"""The queue: in which order requests wait, why, and what another wish would change."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_adoption.parameters.errors import RuleNotSet
from svc_adoption.queue import queries, service
from svc_adoption.queue.errors import NotInTheQueue
from svc_adoption.queue.schemas import (
    ChildrenNow,
    ProspectChange,
    QueueEntryRead,
    QueueEntrySummary,
    QueueFilters,
    Wish,
)

router = Router(prefix="/v1/adoption-queue", tags=["Adoption queue"])


@router.get("", permission=Permission.ADOPTION_FOLLOW)
async def list_adoption_queue(
    query: Query, filters: Annotated[QueueFilters, fastapi.Query()]
) -> Page[QueueEntrySummary]:
    """Who waits in the scope, by ids, whose turn it is first."""
    return await queries.list_waiting(query, filters)


@router.get("/{request_id}", permission=Permission.ADOPTION_FOLLOW, personal=True, problems=[NotFound, NotInTheQueue])
async def read_adoption_queue_entry(request_id: UUID, query: Query, response: Response) -> QueueEntryRead:
    """The place of a request among all of its province, what it follows from, and each change with its reason."""
    return tagged(response, await queries.entry(query.connection, request_id, scope=query.scope_range))


@router.post(
    "/{request_id}:reconsider",
    permission=Permission.ADOPTION_PLACE,
    problems=[NotFound, NotInTheQueue, PreconditionRequired, PreconditionFailed, RuleNotSet],
)
async def reconsider_adoption_queue_entry(
    request_id: UUID, body: ChildrenNow, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> QueueEntryRead:
    """The family has other children than when it was approved: its place follows, and says why."""
    return tagged(response, await service.reconsider(command, request_id, version=version, body=body, seals=seals))


@router.post(
    "/{request_id}:preview",
    permission=Permission.ADOPTION_FOLLOW,
    personal=True,
    read_only=True,
    problems=[NotFound, NotInTheQueue],
)
async def preview_adoption_wish(request_id: UUID, body: Wish, query: Query) -> ProspectChange:
    """What another wish about the child would change: numbers, and nothing of other families or of any child."""
    return await queries.prospect(query, request_id, body)
