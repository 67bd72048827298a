"""A case file as it was."""

from typing import Annotated
from uuid import UUID

import fastapi

from shared.chassis.http import Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound
from svc_casefile.history import queries
from svc_casefile.history.errors import HistoryIncomplete, NotYetOpened
from svc_casefile.history.schemas import PastMoment
from svc_casefile.households.schemas import CaseFileRead
from svc_casefile.households.service import sees_restricted

router = Router(prefix="/v1/case-files", tags=["Case files"])


@router.get(
    "/{case_file_id}:as-of",
    permission=Permission.CASE_FILE_READ,
    personal=True,
    problems=[NotFound, NotYetOpened, HistoryIncomplete],
)
async def read_case_file_as_of(
    case_file_id: UUID, query: Query, at: Annotated[PastMoment, fastapi.Query()]
) -> CaseFileRead:
    """The file as it was at a moment: as the platform held it then, whatever was reported since."""
    return await queries.as_of(query, case_file_id, at=at, restricted=sees_restricted(query.actor))
