"""Case files by the thousand, down."""

from typing import Annotated

import fastapi
from fastapi.responses import StreamingResponse

from shared.chassis.http import OpenQuery, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotAcceptable, ScopeForbidden
from svc_casefile.exports import service
from svc_casefile.exports.errors import ExportsBusy
from svc_casefile.households.schemas import ExportFilters

router = Router(prefix="/v1/case-files", tags=["Case files"])


@router.get(
    ":export",
    permission=Permission.CASE_FILE_EXPORT,
    personal=True,
    own_transactions=True,
    problems=[ScopeForbidden, NotAcceptable, ExportsBusy],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One file per line",
            "content": {
                service.NDJSON: {"schema": {"type": "string", "description": "A CaseFileRead per line"}},
                service.CSV: {"schema": {"type": "string", "description": f"Columns: {', '.join(service.COLUMNS)}"}},
            },
        }
    },
)
async def export_case_files(
    open_query: OpenQuery,
    filters: Annotated[ExportFilters, fastapi.Query()],
    accept: Annotated[str, fastapi.Header(max_length=500)] = "*/*",
) -> StreamingResponse:
    """All files that the filters leave, as of one moment: NDJSON, or CSV when `Accept` asks for it.

    In CSV a text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    form = service.form_of(accept)
    media_type = form if form == service.NDJSON else f"{form}; charset=utf-8"
    return StreamingResponse(
        await service.export(open_query, filters, form=form),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="case-files.{form.split("-")[-1].split("/")[-1]}"'},
    )
