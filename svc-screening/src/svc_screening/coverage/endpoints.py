"""Coverage and yield, as JSON and as CSV."""

from typing import Annotated

import fastapi
from fastapi import Response

from shared.chassis.http import Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, ScopeForbidden
from svc_screening.coverage import service
from svc_screening.coverage.schemas import CoverageFilters, CoverageReport
from svc_screening.due_lists.errors import NobodyIsLookedFor
from svc_screening.programmes.errors import ProgrammeUnknown

router = Router(prefix="/v1/screening-coverage", tags=["Screening figures"])

_PROBLEMS = [ScopeForbidden, NotFound, ProgrammeUnknown, NobodyIsLookedFor]


@router.get("", permission=Permission.COVERAGE_READ, problems=_PROBLEMS)
async def read_screening_coverage(query: Query, asked: Annotated[CoverageFilters, fastapi.Query()]) -> CoverageReport:
    """Eligible, screened, repeated, referred, attended, confirmed and treated, by place; where people are now."""
    return await service.coverage(query, asked)


@router.get(
    ":csv",
    permission=Permission.COVERAGE_READ,
    problems=_PROBLEMS,
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The same as a table"}},
)
async def read_screening_coverage_as_csv(query: Query, asked: Annotated[CoverageFilters, fastapi.Query()]) -> Response:
    """The same figures, one line for each place."""
    return Response(service.as_csv(await service.coverage(query, asked)), media_type="text/csv; charset=utf-8")
