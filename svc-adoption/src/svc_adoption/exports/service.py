"""The rules of exports: two people for each, a day to fetch it in, and every fetch on record."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.kit.calendar import now
from shared.kit.ids import new_id
from shared.kit.problems import PreconditionFailed
from svc_adoption.exports import queries, repository
from svc_adoption.exports.errors import (
    ExportOutOfDate,
    ExportStepNotAllowed,
    NotYoursToFetch,
    SecondPersonForExport,
)
from svc_adoption.exports.models import Export, ExportState
from svc_adoption.exports.schemas import ExportCreate, ExportRead

FETCHED_WITHIN: Final = timedelta(hours=24)
"""How long an approval is good for: an export that is not wanted on the day is asked for again."""
STEPS: Mapping[str, frozenset[ExportState]] = {
    "approve": frozenset({ExportState.ASKED}),
    "refuse": frozenset({ExportState.ASKED, ExportState.APPROVED}),
    "fetch": frozenset({ExportState.APPROVED}),
}


async def ask(command: Command, body: ExportCreate) -> ExportRead:
    export = Export(
        id=new_id(),
        jurisdiction=command.scope.code,
        version=1,
        state=ExportState.ASKED,
        purpose=body.purpose,
        letter=body.letter,
        filters=body.filters.model_dump(mode="json"),
        asked_at=command.now,
        asked_by=command.actor.subject,
    )
    command.session.add(export)
    await command.session.flush()
    return await queries.export(command.connection, export.id, scope=command.scope_range)


async def approve(command: Command, export_id: UUID, *, version: int) -> ExportRead:
    return await _decide(command, export_id, "approve", ExportState.APPROVED, version=version)


async def refuse(command: Command, export_id: UUID, *, version: int) -> ExportRead:
    """Also what was approved and is not wanted out after all."""
    return await _decide(command, export_id, "refuse", ExportState.REFUSED, version=version)


async def content(
    open_query: Callable[[], AbstractAsyncContextManager[Query]], export_id: UUID, *, seals: Seals
) -> AsyncIterator[bytes]:
    """The lines of an export that was approved. What can be refused is refused before the first.

    Raises NotFound, NotYoursToFetch, ExportStepNotAllowed and ExportOutOfDate.
    """
    lines = _lines(open_query, export_id, seals=seals)
    first = await anext(lines, b"")

    async def all_lines() -> AsyncIterator[bytes]:
        yield first
        async for line in lines:
            yield line

    return all_lines()


async def _lines(
    open_query: Callable[[], AbstractAsyncContextManager[Query]], export_id: UUID, *, seals: Seals
) -> AsyncIterator[bytes]:
    async with open_query() as query:
        export = await queries.export(query.connection, export_id, scope=query.scope_range)
        if export.asked_by != query.actor.subject:
            raise NotYoursToFetch
        _require("fetch", export.state)
        assert export.decided_at is not None
        if now() - export.decided_at > FETCHED_WITHIN:
            raise ExportOutOfDate
        async for line in queries.content(query, export, seals=seals):
            yield line


async def _decide(command: Command, export_id: UUID, step: str, to: ExportState, *, version: int) -> ExportRead:
    """Raises NotFound, PreconditionFailed, ExportStepNotAllowed and SecondPersonForExport."""
    export = await repository.hold(command, export_id)
    if export.version != version:
        raise PreconditionFailed
    _require(step, ExportState(export.state))
    if export.asked_by == command.actor.subject:
        raise SecondPersonForExport
    export.state, export.version = to, export.version + 1
    export.decided_at, export.decided_by = command.now, command.actor.subject
    await command.session.flush()
    return await queries.export(command.connection, export.id, scope=command.scope_range)


def _require(step: str, state: ExportState) -> None:
    if state not in STEPS[step]:
        raise ExportStepNotAllowed(present=state, allowed=[name for name, states in STEPS.items() if state in states])
