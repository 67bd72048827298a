"""The committee: what is before it, and what two of its members decide."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_adoption.committees import queries, service
from svc_adoption.committees.errors import (
    ConditionsOpen,
    DecisionAwaited,
    DecisionStepNotAllowed,
    NotEligible,
    SecondMemberNeeded,
)
from svc_adoption.committees.schemas import (
    DecisionCreate,
    Decisions,
    DecisionStep,
    Dossier,
    DossierFilters,
    DossierSummary,
    Objection,
)
from svc_adoption.requests.errors import DateToCome, RequestStepNotAllowed

router = Router(prefix="/v1/adoption-dossiers", tags=["Adoption committee"])
of_requests = Router(prefix="/v1/adoption-requests/{request_id}/decisions", tags=["Adoption committee"])

_KNOWN = [NotFound, PreconditionRequired, PreconditionFailed]
_ANSWER = [*_KNOWN, DecisionStepNotAllowed, SecondMemberNeeded]


@router.get("", permission=Permission.ADOPTION_DECIDE)
async def list_adoption_dossiers(
    query: Query, filters: Annotated[DossierFilters, fastapi.Query()]
) -> Page[DossierSummary]:
    """What is before the committee, the longest there first."""
    return await queries.dossiers(query, filters)


@router.get("/{request_id}", permission=Permission.ADOPTION_DECIDE, personal=True, purposeful=True, problems=[NotFound])
async def read_adoption_dossier(request_id: UUID, query: Query, seals: Sealing, response: Response) -> Dossier:
    """The facts on which the committee decides: no names, no numbers, no address."""
    return tagged(response, await service.dossier(query, request_id, seals=seals))


@router.post(
    "/{request_id}/decisions",
    permission=Permission.ADOPTION_DECIDE,
    status_code=201,
    problems=[*_KNOWN, RequestStepNotAllowed, DecisionAwaited, DateToCome, NotEligible, ConditionsOpen],
)
async def propose_adoption_decision(
    request_id: UUID, body: DecisionCreate, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> DecisionStep:
    """What the committee decided, by the hand of one member; another has to confirm it."""
    decision = await service.propose(command, request_id, version=version, body=body, seals=seals)
    return created(response, decision, f"/v1/adoption-dossiers/{request_id}/decisions/{decision.id}")


@router.post(
    "/{request_id}/decisions/{decision_id}:confirm",
    permission=Permission.ADOPTION_DECIDE,
    problems=[*_ANSWER, RequestStepNotAllowed, NotEligible, ConditionsOpen],
)
async def confirm_adoption_decision(
    request_id: UUID, decision_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> DecisionStep:
    """Another member agrees: the decision takes effect."""
    return tagged(response, await service.confirm(command, request_id, decision_id, version=version, seals=seals))


@router.post("/{request_id}/decisions/{decision_id}:object", permission=Permission.ADOPTION_DECIDE, problems=_ANSWER)
async def object_to_adoption_decision(
    request_id: UUID,
    decision_id: UUID,
    body: Objection,
    version: IfMatch,
    command: Command,
    seals: Sealing,
    response: Response,
) -> DecisionStep:
    """Another member does not agree: the decision falls."""
    answered = await service.object_to(command, request_id, decision_id, version=version, body=body, seals=seals)
    return tagged(response, answered)


@of_requests.get("", permission=Permission.ADOPTION_READ, personal=True, purposeful=True, problems=[NotFound])
async def list_adoption_decisions(request_id: UUID, query: Query, seals: Sealing) -> Decisions:
    """What the committee decided on a request, with its reasons."""
    return await queries.decisions_of(query, request_id, seals=seals)
