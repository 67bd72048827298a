"""Writes of decisions."""

from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.kit.problems import NotFound
from svc_adoption import sealed
from svc_adoption.committees.models import Decision, DecisionState
from svc_adoption.committees.schemas import TABLE, DecisionKept


async def awaited(command: Command, request_id: UUID) -> Decision | None:
    """What was proposed of a request that is locked, and not answered."""
    statement = select(Decision).where(Decision.request_id == request_id, col(Decision.state) == DecisionState.PROPOSED)
    return (await command.session.exec(statement)).one_or_none()


async def decision_of(command: Command, request_id: UUID, decision_id: UUID) -> Decision:
    """A decision on a request that is locked. Raises NotFound."""
    found = await command.session.get(Decision, decision_id)
    if found is None or found.request_id != request_id:
        raise NotFound
    return found


def keep(decision: Decision, document: DecisionKept, *, seals: Seals) -> None:
    decision.key_id, decision.sealed = sealed.seal(TABLE, decision.id, document, seals=seals)
