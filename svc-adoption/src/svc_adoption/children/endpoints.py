"""Children who may be placed, for the adoption office alone."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_adoption.children import queries, service
from svc_adoption.children.errors import ChildKnown, ChildStepNotAllowed, NotEligible, SiblingsUnknown
from svc_adoption.children.schemas import ChildCreate, ChildFilters, ChildRead, ChildSummary, ChildWithdrawal
from svc_adoption.parameters.errors import RuleNotSet

router = Router(prefix="/v1/adoption-children", tags=["Adoption: children"])


@router.post(
    "",
    permission=Permission.ADOPTION_CHILD,
    status_code=201,
    problems=[ScopeForbidden, NotEligible, ChildKnown, SiblingsUnknown, RuleNotSet],
)
async def register_adoption_child(
    body: ChildCreate, command: Command, seals: Sealing, response: Response
) -> ChildSummary:
    """A child whom Article 8 lets be placed. The answer tells what is kept in the clear."""
    child = await service.register(command, body, seals=seals)
    return created(response, child, f"/v1/adoption-children/{child.id}")


@router.get("", permission=Permission.ADOPTION_CHILD)
async def list_adoption_children(query: Query, filters: Annotated[ChildFilters, fastapi.Query()]) -> Page[ChildSummary]:
    """Ids, states and what thousands share, the latest first."""
    return await queries.list_children(query, filters)


@router.get("/{child_id}", permission=Permission.ADOPTION_CHILD, personal=True, purposeful=True, problems=[NotFound])
async def read_adoption_child(child_id: UUID, query: Query, seals: Sealing, response: Response) -> ChildRead:
    return tagged(response, await service.read(query, child_id, seals=seals))


@router.post(
    "/{child_id}:withdraw",
    permission=Permission.ADOPTION_CHILD,
    problems=[NotFound, PreconditionRequired, PreconditionFailed, ChildStepNotAllowed],
)
async def withdraw_adoption_child(
    child_id: UUID, body: ChildWithdrawal, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> ChildSummary:
    """The child is not to be placed any more; one who is proposed or placed already stays."""
    return tagged(response, await service.withdraw(command, child_id, version=version, body=body, seals=seals))
