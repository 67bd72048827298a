"""Writes of children's references."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_adoption.children.models import Child


async def add(command: Command, child: Child) -> None:
    command.session.add(child)
    await command.session.flush()


async def hold(command: Command, child_ids: Sequence[UUID]) -> list[Child]:
    """The children, locked until the command ends, in the order of their ids. Raises NotFound for one out of scope."""
    scope_from, scope_to = command.scope_range
    statement = (
        select(Child)
        .where(
            col(Child.id).in_(child_ids),
            col(Child.jurisdiction) >= scope_from,
            col(Child.jurisdiction) < scope_to,
        )
        .order_by(col(Child.id))
        .with_for_update()
    )
    found = [*(await command.session.exec(statement)).all()]
    if len(found) != len(set(child_ids)):
        raise NotFound
    return found


async def together(command: Command, siblings_id: UUID) -> list[Child]:
    """All who stay together, locked."""
    statement = select(Child).where(Child.siblings_id == siblings_id).order_by(col(Child.id)).with_for_update()
    return [*(await command.session.exec(statement)).all()]


async def known(command: Command, indexes: Sequence[bytes]) -> bool:
    """Whether a child with one of these identities is registered anywhere and was not withdrawn.

    Until the command ends nobody else registers one of them.
    """
    # in one order, so that two who register the same wait for each other and not for ever
    for index in sorted(indexes):
        await command.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))", index)
    return bool(await command.connection.fetchval("SELECT child_known($1::bytea[])", [*indexes]))
