"""At which center something is to be."""

from shared.chassis.database import Command
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, ScopeForbidden
from svc_adoption.centers import queries
from svc_adoption.centers.errors import CenterNotOpen


async def place(command: Command, wished: Jurisdiction | None) -> Jurisdiction:
    """The center that was named, or the caller's own. Raises ScopeForbidden and CenterNotOpen."""
    center = command.scope if wished is None else wished
    if not command.scope.covers(center):
        raise ScopeForbidden
    if center.level != Level.CENTER or not await queries.is_open(command.connection, center):
        raise CenterNotOpen(errors=[FieldError("/center", CenterNotOpen.code, CenterNotOpen.title)])
    return center
