"""Keeping registry's postings, which may come twice and out of order."""

from shared.chassis.database import Command
from shared.contracts.registry import PostingState


async def keep(command: Command, posting: PostingState, *, ended: bool) -> None:
    """Take the state, unless a newer one is known."""
    await command.connection.execute(
        """
        INSERT INTO posting AS known (id, version, person, role, jurisdiction, valid_from, valid_to, ended)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (id) DO UPDATE
           SET version = EXCLUDED.version, valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to,
               ended = EXCLUDED.ended
         WHERE known.version < EXCLUDED.version
        """,
        posting.posting_id,
        posting.version,
        posting.person,
        posting.role,
        posting.jurisdiction.code,
        posting.valid_from,
        posting.valid_to,
        ended,
    )


async def one_giver_at_a_time(command: Command, center: str) -> None:
    """Until the transaction ends, nobody else gives files of the center to workers: two could fill the same one."""
    await command.connection.execute("SELECT pg_advisory_xact_lock(hashtext('assignments'), $1)", int(center))
