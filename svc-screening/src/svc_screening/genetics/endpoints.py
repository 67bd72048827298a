"""Genetic cases: the most sensitive of all that is kept here, for those alone who take the questionnaire."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_screening.centers.errors import CenterNotOpen
from svc_screening.encounters.errors import TestUnknown
from svc_screening.genetics import queries, service
from svc_screening.genetics.errors import GeneticStepNotAllowed
from svc_screening.genetics.schemas import (
    Counselling,
    GeneticCaseCreate,
    GeneticCaseFilters,
    GeneticCaseRead,
    GeneticCasesFound,
    GeneticCaseSummary,
    GeneticSearch,
)

router = Router(prefix="/v1/genetic-cases", tags=["Genetics"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, GeneticStepNotAllowed]


@router.post(
    "",
    permission=Permission.GENETICS_WRITE,
    status_code=201,
    problems=[ScopeForbidden, CenterNotOpen, TestUnknown],
)
async def open_genetic_case(
    body: GeneticCaseCreate, command: Command, seals: Sealing, response: Response
) -> GeneticCaseSummary:
    """Questionnaire and pedigree of a couple or a family; the risk is decided here, and sealed with all the rest.

    What came of it is read at the case: this answer is kept with its `Idempotency-Key`, and tells ids and states alone.
    """
    case = await service.open_case(command, body, seals=seals)
    return created(response, case, f"/v1/genetic-cases/{case.id}")


@router.get("", permission=Permission.GENETICS_READ)
async def list_genetic_cases(
    query: Query, filters: Annotated[GeneticCaseFilters, fastapi.Query()]
) -> Page[GeneticCaseSummary]:
    """Ids and states, the latest first."""
    return await queries.list_cases(query, filters)


@router.post(":search", permission=Permission.GENETICS_READ, personal=True, read_only=True)
async def search_genetic_cases(body: GeneticSearch, query: Query, seals: Sealing) -> GeneticCasesFound:
    """The cases of a person, by a number that is kept nowhere in the clear."""
    return await service.search(query, body, seals=seals)


@router.get("/{case_id}", permission=Permission.GENETICS_READ, personal=True, problems=[NotFound])
async def read_genetic_case(case_id: UUID, query: Query, seals: Sealing, response: Response) -> GeneticCaseRead:
    return tagged(response, await service.read(query, case_id, seals=seals))


@router.post("/{case_id}:decide", permission=Permission.GENETICS_WRITE, problems=_STEP)
async def decide_on_genetic_case(
    case_id: UUID, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> GeneticCaseSummary:
    """Decide on an open case by the rules as they are signed off now."""
    return tagged(response, await service.decide_anew(command, case_id, version=version, seals=seals))


@router.post("/{case_id}:counsel", permission=Permission.GENETICS_WRITE, problems=_STEP)
async def record_genetic_counselling(
    case_id: UUID, body: Counselling, version: IfMatch, command: Command, seals: Sealing, response: Response
) -> GeneticCaseSummary:
    """What came of counselling."""
    return tagged(response, await service.counsel(command, case_id, version=version, body=body, seals=seals))
