"""What the registry announces of centers. This service knows them from here alone."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.registry import (
    CenterChangedV1,
    CenterClosedV1,
    CenterOpenedV1,
    CenterPlannedV1,
    CenterReadiedV1,
    CenterState,
    CenterSuspendedV1,
)
from svc_adoption.centers import repository

on = Handlers()


@on(CenterPlannedV1, CenterReadiedV1, CenterOpenedV1, CenterSuspendedV1, CenterClosedV1, CenterChangedV1)
async def remember_center(command: Command, event: CenterState) -> None:
    await repository.keep_center(command, event)
