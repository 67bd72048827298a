"""A file at a glance."""

from uuid import UUID

from fastapi import Response

from shared.chassis.http import Query, Router
from shared.contracts.permissions import Permission
from shared.kit.calendar import today
from shared.kit.problems import NotFound
from svc_casefile.overviews import queries
from svc_casefile.overviews.schemas import CaseFileOverview

router = Router(prefix="/v1/case-files", tags=["Case files"])


@router.get(
    "/{case_file_id}/overview",
    permission=Permission.CASE_FILE_READ,
    personal=True,
    problems=[NotFound],
    response_model=CaseFileOverview,
)
async def read_case_file_overview(case_file_id: UUID, query: Query) -> Response:
    """The file's page: who they are, what is due and what happened last. Everything else has pages of its own."""
    return Response(await queries.overview(query, case_file_id, on=today()), media_type="application/json")
