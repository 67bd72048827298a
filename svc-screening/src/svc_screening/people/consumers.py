"""What casefile announces of households: the children in them, by ids, days of birth and sex."""

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
from svc_screening.people import repository

on = Handlers()


@on.together(CaseFileOpenedV1, CaseFileChangedV1, CaseFileMovedV1)
async def remember_households(command: Command, events: Sequence[CaseFileState]) -> None:
    await repository.keep_households(command, events)


@on(CaseFileClosedV1)
async def forget_household(command: Command, event: CaseFileClosedV1) -> None:
    await repository.close_household(command, event)
