"""Where case files are, as casefile announces it: a center that has any cannot close."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.casefile import CaseFileChangedV1, CaseFileClosedV1, CaseFileMovedV1, CaseFileOpenedV1
from svc_registry.centers import service

on = Handlers()


@on(CaseFileOpenedV1, CaseFileChangedV1, CaseFileMovedV1)
async def remember_case_file(command: Command, event: CaseFileOpenedV1 | CaseFileChangedV1 | CaseFileMovedV1) -> None:
    await service.remember_case_file(
        command, event.case_file_id, version=event.version, jurisdiction=event.jurisdiction, status=event.status
    )


@on(CaseFileClosedV1)
async def forget_case_file(command: Command, event: CaseFileClosedV1) -> None:
    await service.remember_case_file(
        command, event.case_file_id, version=event.version, jurisdiction=event.jurisdiction, status="closed"
    )
