"""Writes of postings and permits."""

from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.registry import PostingState
from svc_screening.screeners.models import Permit


async def keep_posting(command: Command, posting: PostingState, *, ended: bool) -> None:
    """Take the state, unless a newer one is known."""
    await command.connection.execute(
        """
        INSERT INTO screener_posting AS known
               (posting_id, version, person, jurisdiction, valid_from, valid_to, ended)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (posting_id) DO UPDATE
           SET version = EXCLUDED.version, person = EXCLUDED.person, jurisdiction = EXCLUDED.jurisdiction,
               valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to, ended = EXCLUDED.ended
         WHERE known.version < EXCLUDED.version
        """,
        posting.posting_id,
        posting.version,
        posting.person,
        posting.jurisdiction.code,
        posting.valid_from,
        posting.valid_to,
        ended,
    )


async def add(command: Command, permit: Permit) -> None:
    command.session.add(permit)
    await command.session.flush()


async def hold(command: Command, permit_id: UUID) -> Permit | None:
    """The permit, if it is in the scope, locked until the command ends."""
    return await command.session.get(Permit, permit_id, with_for_update=True)
