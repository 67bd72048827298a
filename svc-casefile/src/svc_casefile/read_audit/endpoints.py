"""Who read personal files: for those who audit."""

from typing import Annotated

import fastapi

from shared.chassis.http import Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import ScopeForbidden
from svc_casefile.read_audit import queries
from svc_casefile.read_audit.schemas import PersonalRead, PersonalReadFilters

router = Router(prefix="/v1/personal-reads", tags=["Read audit"])


@router.get("", permission=Permission.AUDIT_READ, personal=True, problems=[ScopeForbidden])
async def list_personal_reads(
    query: Query, filters: Annotated[PersonalReadFilters, fastapi.Query()]
) -> Page[PersonalRead]:
    """Reads of files that were inside the scope then, the latest first; looking here is on record as well."""
    return await queries.list_reads(query, filters)
