"""What the registry announces of tariffs: those that were signed off, and no others."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.registry import TariffSignedOffV1
from svc_casefile.tariffs import repository

on = Handlers()


@on(TariffSignedOffV1)
async def remember_tariff(command: Command, event: TariffSignedOffV1) -> None:
    await repository.keep_tariff(command, event)
