"""What is due, by which day, and that it was done."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_adoption.days import DayImpossible
from svc_adoption.deadlines import queries, service
from svc_adoption.deadlines.errors import DeadlineStepNotAllowed
from svc_adoption.deadlines.schemas import DeadlineFilters, DeadlineRead, Met

router = Router(prefix="/v1/adoption-deadlines", tags=["Adoption: deadlines"])


@router.get("", permission=Permission.ADOPTION_FOLLOW)
async def list_adoption_deadlines(
    query: Query, filters: Annotated[DeadlineFilters, fastapi.Query()]
) -> Page[DeadlineRead]:
    """What is still to be done in the scope, the soonest due first; of one request, what was done as well."""
    return await queries.list_deadlines(query, filters)


@router.get("/{deadline_id}", permission=Permission.ADOPTION_FOLLOW, problems=[NotFound])
async def read_adoption_deadline(deadline_id: UUID, query: Query, response: Response) -> DeadlineRead:
    return tagged(response, await queries.deadline(query.connection, deadline_id, scope=query.scope_range))


@router.post(
    "/{deadline_id}:meet",
    permission=Permission.ADOPTION_PLACE,
    problems=[NotFound, PreconditionRequired, PreconditionFailed, DeadlineStepNotAllowed, DayImpossible],
)
async def meet_adoption_deadline(
    deadline_id: UUID, body: Met, version: IfMatch, command: Command, response: Response
) -> DeadlineRead:
    """The opinion was sent to the court, or a certificate was renewed."""
    return tagged(response, await service.meet(command, deadline_id, version=version, body=body))
