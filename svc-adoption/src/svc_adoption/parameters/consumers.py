"""The dated rules that the registry announces. This service knows them from here alone."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.registry import ParameterSetV1
from svc_adoption.parameters import repository

on = Handlers()


@on(ParameterSetV1)
async def remember_parameter(command: Command, event: ParameterSetV1) -> None:
    await repository.keep_parameter(command, event)
