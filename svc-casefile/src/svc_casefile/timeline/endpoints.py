"""What happened to a household."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response
from pydantic_core import to_json

from shared.chassis.http import Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound
from svc_casefile.timeline import queries
from svc_casefile.timeline.schemas import TimelineEntryRead, TimelineFilters

router = Router(prefix="/v1/case-files/{case_file_id}/timeline", tags=["Case files"])


@router.get(
    "",
    permission=Permission.CASE_FILE_READ,
    personal=True,
    problems=[NotFound],
    response_model=Page[TimelineEntryRead],
)
async def read_timeline(
    case_file_id: UUID, query: Query, filters: Annotated[TimelineFilters, fastapi.Query()]
) -> Response:
    """What happened to the household, the latest first: one line each, with the id of the record that tells more."""
    page = await queries.page_of(query, case_file_id, filters=filters)
    body = f'{{"items":[{",".join(page.items)}],"next":{to_json(page.next).decode()}}}'
    return Response(body, media_type="application/json")
