"""What others announce: where case files are (a center that has any cannot close), and what becomes of licences (a
center whose licence to be active ends stops)."""

from collections.abc import Sequence

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.casefile import (
    CaseFileChangedV1,
    CaseFileClosedV1,
    CaseFileMovedV1,
    CaseFileOpenedV1,
    CaseFileState,
)
from shared.contracts.licensing import (
    LicenceExpiredV1,
    LicenceIssuedV1,
    LicenceRenewedV1,
    LicenceResumedV1,
    LicenceRevokedV1,
    LicenceState,
    LicenceSuspendedV1,
)
from svc_registry.centers import service

on = Handlers()


@on.together(CaseFileOpenedV1, CaseFileChangedV1, CaseFileMovedV1, CaseFileClosedV1)
async def remember_case_files(command: Command, events: Sequence[CaseFileState | CaseFileClosedV1]) -> None:
    await service.remember_case_files(command, events)


@on(LicenceIssuedV1, LicenceRenewedV1, LicenceResumedV1, LicenceSuspendedV1, LicenceRevokedV1, LicenceExpiredV1)
async def follow_licence(command: Command, event: LicenceState) -> None:
    if event.kind == service.LICENCE_TO_BE_ACTIVE and event.center is not None:
        await service.follow_licence(
            command,
            event.licence_id,
            version=event.version,
            center=event.center.code,
            number=event.number,
            status=event.status,
        )
