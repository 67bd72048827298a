"""Writes to postings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from shared.chassis.database import Command
from shared.contracts.roles import Role
from svc_registry.postings.errors import PostingOverlaps
from svc_registry.postings.models import Posting


async def add(command: Command, posting: Posting) -> None:
    """Raises PostingOverlaps when the same person, role and place already have one in that time."""
    command.session.add(posting)
    try:
        await command.session.flush()
    except IntegrityError as error:
        if "posting_once" in str(error.orig):
            raise PostingOverlaps from error
        raise


async def hold(command: Command, posting_id: UUID) -> Posting | None:
    """The posting, if it is in the scope, locked until the command ends."""
    return await command.session.get(Posting, posting_id, with_for_update=True)


async def every(command: Command) -> Sequence[Posting]:
    return (await command.session.exec(select(Posting).order_by(col(Posting.id)))).all()


async def ever_held(command: Command, *, person: str, role: Role, jurisdiction: str) -> bool:
    statement = select(Posting.id).where(
        Posting.person == person, Posting.role == role, Posting.jurisdiction == jurisdiction
    )
    return (await command.session.exec(statement.limit(1))).first() is not None
