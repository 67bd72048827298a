"""Writes of sessions and votes."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_licensing.commissions.models import CommissionSession


def add(command: Command, session: CommissionSession) -> None:
    command.session.add(session)


async def hold(command: Command, session_id: UUID) -> CommissionSession:
    """Locked until the command ends, if it is inside the scope. Raises NotFound."""
    found = await command.session.get(CommissionSession, session_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found


async def cast(
    command: Command,
    *,
    application_id: UUID,
    jurisdiction: str,
    round: int,  # noqa: A002 - the word of the field
    session_id: UUID,
    vote: str,
    note: str | None,
) -> None:
    """The caller's vote; said again, the later one counts."""
    await command.connection.execute(
        "INSERT INTO commission_vote (application_id, round, member, jurisdiction, session_id, vote, note, voted_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (application_id, round, member) DO UPDATE"
        " SET session_id = EXCLUDED.session_id, vote = EXCLUDED.vote, note = EXCLUDED.note,"
        " voted_at = EXCLUDED.voted_at",
        application_id,
        round,
        command.actor.subject,
        jurisdiction,
        session_id,
        vote,
        note,
        command.now,
    )


async def votes_of(command: Command, application_id: UUID, round: int, session_id: UUID) -> dict[str, str]:  # noqa: A002
    """Member → vote, of those that were cast in that session."""
    rows = await command.connection.fetch(
        "SELECT member, vote FROM commission_vote WHERE application_id = $1 AND round = $2 AND session_id = $3",
        application_id,
        round,
        session_id,
    )
    return {row["member"]: row["vote"] for row in rows}
