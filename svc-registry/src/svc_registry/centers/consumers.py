"""Where case files are, as casefile announces it: a center that has any cannot close."""

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
from svc_registry.centers import service

on = Handlers()


@on.together(CaseFileOpenedV1, CaseFileChangedV1, CaseFileMovedV1, CaseFileClosedV1)
async def remember_case_files(command: Command, events: Sequence[CaseFileState | CaseFileClosedV1]) -> None:
    await service.remember_case_files(command, events)
