"""What the registry announces. This service knows centers and their rules from here alone."""

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
    ParameterSetV1,
)
from svc_casefile.centers import repository

on = Handlers()


@on(CenterPlannedV1, CenterReadiedV1, CenterOpenedV1, CenterSuspendedV1, CenterClosedV1, CenterChangedV1)
async def remember_center(command: Command, event: CenterState) -> None:
    await repository.keep_center(command, event)


@on(ParameterSetV1)
async def remember_parameter(command: Command, event: ParameterSetV1) -> None:
    await repository.keep_parameter(command, event)
