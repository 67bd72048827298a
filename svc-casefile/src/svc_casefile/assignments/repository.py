"""Writes of plans that give files to workers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.chassis.database import Command
from svc_casefile.assignments.models import AssignmentPlan, AssignmentPlanWorker


@dataclass(slots=True)
class Share:
    """What a worker has and is to be given, by column; a file at each position."""

    worker: str
    """Empty: the files for which nobody has room."""
    load_before: int
    case_file_ids: list[UUID] = field(default_factory=list)
    file_versions: list[int] = field(default_factory=list)
    metres: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


async def add(command: Command, plan: AssignmentPlan, shares: Sequence[Share]) -> None:
    command.session.add(plan)
    await command.session.flush()
    command.session.add_all(
        AssignmentPlanWorker(
            plan_id=plan.id,
            worker=share.worker,
            jurisdiction=plan.jurisdiction,
            load_before=share.load_before,
            load_after=share.load_before + len(share.case_file_ids) if share.worker else 0,
            case_file_ids=share.case_file_ids,
            file_versions=share.file_versions,
            metres=share.metres,
            reasons=share.reasons,
        )
        for share in shares
    )
    await command.session.flush()


async def decide(command: Command, plan_id: UUID, *, status: str) -> None:
    await command.connection.execute(
        "UPDATE assignment_plan SET status = $2, version = version + 1, decided_at = $3, decided_by = $4 WHERE id = $1",
        plan_id,
        status,
        command.now,
        command.actor.subject,
    )
