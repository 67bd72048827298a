"""Writes of findings."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_casefile.findings.models import Finding, FindingInquiry, FindingStep


async def locked(command: Command, finding_id: UUID) -> Finding:
    """The finding, to be changed. Raises NotFound when it is not in the scope."""
    scope_from, scope_to = command.scope_range
    statement = (
        select(Finding)
        .where(Finding.id == finding_id, Finding.jurisdiction >= scope_from, Finding.jurisdiction < scope_to)
        .with_for_update()
    )
    finding = (await command.session.exec(statement)).one_or_none()
    if finding is None:
        raise NotFound
    return finding


async def keep(command: Command, finding: Finding, *, step: str, reason: str | None, note: str | None) -> None:
    """The finding as it now is, and the step that made it so."""
    command.session.add(finding)
    await command.session.flush()
    command.session.add(
        FindingStep(
            finding_id=finding.id,
            version=finding.version,
            jurisdiction=finding.jurisdiction,
            step=step,
            status=finding.status,
            reason=reason,
            note=note,
            at=command.now,
            actor=command.actor.subject,
        )
    )
    await command.session.flush()


async def add(command: Command, inquiry: FindingInquiry) -> None:
    command.session.add(inquiry)
    await command.session.flush()


async def one_at_a_time(command: Command, center: str) -> None:
    """Until the transaction ends, nobody else is taken from the center's waiting list."""
    await command.connection.execute("SELECT pg_advisory_xact_lock(hashtext('waiting-list'), $1)", int(center))


async def skip(
    command: Command, passed_over: Sequence[UUID], *, admitted: Finding, reason: str, note: str | None
) -> None:
    await command.connection.execute(
        "INSERT INTO finding_skip (finding_id, admitted_id, jurisdiction, reason, note, at, actor)"
        " SELECT skipped, $2, $3, $4, $5, $6, $7 FROM unnest($1::uuid[]) AS skipped",
        [*passed_over],
        admitted.id,
        admitted.jurisdiction,
        reason,
        note,
        command.now,
        command.actor.subject,
    )
