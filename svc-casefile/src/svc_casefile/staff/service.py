"""Who may be given a file: a social worker who is posted at its center on the day, within the rule in force."""

from shared.chassis.database import Command
from shared.contracts.roles import Role
from shared.kit.calendar import today
from shared.kit.problems import FieldError
from svc_casefile.staff import queries, repository
from svc_casefile.staff.errors import WorkerFull, WorkerNotPosted


async def require_room(command: Command, worker: str, *, center: str, files: int, pointer: str) -> None:
    """That the worker can be given so many files of the center more; nobody else gives any until the transaction ends.

    Raises WorkerNotPosted, pointing at what named the worker, and WorkerFull.
    """
    await repository.one_giver_at_a_time(command, center)
    if not await is_social_worker(command, worker, center=center):
        raise WorkerNotPosted(
            errors=[FieldError(pointer=pointer, code=WorkerNotPosted.code, message=WorkerNotPosted.title)]
        )
    maximum = await queries.files_per_worker(command.connection, center, on=today())
    present = (await queries.loads(command.connection, center, workers=[worker]))[worker]
    if maximum is not None and present + files > maximum:
        raise WorkerFull(files=present, maximum=maximum)


async def is_social_worker(command: Command, person: str, *, center: str) -> bool:
    """Whether the person is posted there today. That a caller is, the gateway has made sure of already."""
    if person == command.actor.subject and command.scope.code == center and Role.SOCIAL_WORKER in command.actor.roles:
        return True
    return await queries.posted(command.connection, person, center=center, role=Role.SOCIAL_WORKER, on=today())
