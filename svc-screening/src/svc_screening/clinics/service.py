"""Which clinics there are to refer to, and which system reports for each."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.problems import PreconditionFailed, ScopeForbidden
from svc_screening.clinics import queries, repository
from svc_screening.clinics.models import Clinic
from svc_screening.clinics.schemas import ClinicCreate, ClinicRead, ClinicUpdate


async def add(command: Command, body: ClinicCreate) -> ClinicRead:
    """Raises ScopeForbidden."""
    place = body.jurisdiction or command.scope
    if not command.scope.covers(place):
        raise ScopeForbidden
    clinic = Clinic(
        **body.model_dump(exclude={"jurisdiction"}),
        id=new_id(),
        jurisdiction=place.code,
        version=1,
        active=True,
        created_at=command.now,
        created_by=command.actor.subject,
    )
    await repository.add(command, clinic)
    return await queries.read_clinic(command.connection, clinic.id)


async def change(command: Command, clinic_id: UUID, *, version: int, body: ClinicUpdate) -> ClinicRead:
    """Raises NotFound and PreconditionFailed."""
    clinic = await repository.hold(command, clinic_id)
    if clinic.version != version:
        raise PreconditionFailed
    changes = body.model_dump(exclude_unset=True)
    if any(getattr(clinic, name) != value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(clinic, name, value)
        clinic.version += 1
        await command.session.flush()
    return await queries.read_clinic(command.connection, clinic_id)
