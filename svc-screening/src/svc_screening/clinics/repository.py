"""Writes of clinics."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_screening.clinics.models import Clinic


async def add(command: Command, clinic: Clinic) -> None:
    command.session.add(clinic)
    await command.session.flush()


async def hold(command: Command, clinic_id: UUID) -> Clinic:
    """The clinic, locked until the command ends. Raises NotFound when the caller may not write it."""
    clinic = await command.session.get(Clinic, clinic_id, with_for_update=True)
    if clinic is None:
        raise NotFound
    return clinic
