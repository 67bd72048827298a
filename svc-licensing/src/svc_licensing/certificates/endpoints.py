"""Certificates: what hangs on the wall of a center."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from shared.chassis.http import OpenQuery, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound
from svc_licensing.centers import queries as centers
from svc_licensing.certificates import service
from svc_licensing.certificates.errors import NothingToCertify
from svc_licensing.licences import queries as licences

router = Router(prefix="/v1/licences", tags=["Licences"])

PDF = "application/pdf"


def _verification_address(request: Request) -> str:
    return str(request.app.state.service.settings.verification_address)


@router.get(
    "/{licence_id}/certificate",
    permission=Permission.LICENCE_READ,
    own_transactions=True,
    problems=[NotFound, NothingToCertify],
    response_class=Response,
    responses={200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def read_certificate(
    licence_id: UUID, open_query: OpenQuery, verification_address: Annotated[str, Depends(_verification_address)]
) -> Response:
    """The licence as a page to print, in Persian, with a code that leads to its verification."""
    async with open_query() as query:
        licence = await licences.licence(query.connection, licence_id, scope=query.scope_range)
        name = None if licence.center is None else await centers.name_of(query.connection, licence.center)
    page = await asyncio.to_thread(service.page, licence, center_name=name, verification_address=verification_address)
    return Response(
        page,
        media_type=PDF,
        headers={"Content-Disposition": f'inline; filename="{licence.number}.pdf"', "ETag": f'"{licence.version}"'},
    )
