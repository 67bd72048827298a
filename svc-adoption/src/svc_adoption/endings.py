"""What ends with a request: its place in the queue, what was due about it, and a child that was proposed to it."""

from uuid import UUID

from shared.chassis.database import Command
from svc_adoption.children import service as children
from svc_adoption.children.schemas import ChildState
from svc_adoption.deadlines import service as deadlines
from svc_adoption.matching import events, repository
from svc_adoption.queue import service as queue


async def ended(command: Command, request_id: UUID, *, reason: str) -> None:
    """Raises ScopeForbidden when a child is proposed who lives outside the scope."""
    await queue.leave(command, request_id, reason=reason)
    await deadlines.drop(command, request_id)
    match = await repository.cancel_open(command, request_id)
    if match is not None:
        await children.move(command, await children.hold(command, match.child_ids), ChildState.ELIGIBLE)
        command.publish(events.changed(match))
