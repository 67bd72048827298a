"""The rules of the queue: the law orders it, each change says why, and nobody is moved by hand.

A province has a queue for each form. Adoption is ordered by Article 5; for the other forms no confirmed rule knows an
order but that of waiting. Whom a child is proposed to is paused; declining gives the place back.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import PreconditionFailed
from svc_adoption import sealed
from svc_adoption.parameters.queries import rules_at
from svc_adoption.parameters.service import required
from svc_adoption.priority import SENIOR_FROM, YOUNGER_NEEDED, Facts, Group, Standing, standing
from svc_adoption.queue import events, queries, repository
from svc_adoption.queue.errors import NotInTheQueue
from svc_adoption.queue.models import QueueEntry
from svc_adoption.queue.schemas import ChildrenNow, QueueEntryRead, QueueState

TABLE = sealed.sealing("queue_entry")
ORDERED_BY_LAW = "adoption"
AT_ONCE = 500


async def enter(
    command: Command, *, request_id: UUID, jurisdiction: str, form: str, facts: Facts, seals: Seals, reason: str
) -> None:
    """A request waits from now on, or again: who has left and comes back waits anew. Raises RuleNotSet."""
    place = Jurisdiction.from_code(jurisdiction)
    assert place.province is not None
    entry = await repository.hold(command, request_id)
    known = entry is not None
    if entry is None:
        entry = QueueEntry(
            id=request_id,
            jurisdiction=jurisdiction,
            version=0,
            queue=place.province.code,
            form=form,
            rank=Group.NOT_NAMED,
            senior=False,
            since=command.now,
            state=QueueState.WAITING,
            looked_on=today(),
            key_id="",
            sealed=b"",
        )
    if entry.state == QueueState.LEFT:
        entry.since = command.now
    await _stand(command, entry, facts, seals=seals)
    entry.state = QueueState.WAITING
    entry.version += 1
    if not known:
        await repository.add(command, entry)
    await _changed(command, entry, reason=reason)


async def reconsider(
    command: Command, request_id: UUID, *, version: int, body: ChildrenNow, seals: Seals
) -> QueueEntryRead:
    """The family has other children than when it was approved. Raises NotInTheQueue, PreconditionFailed, RuleNotSet."""
    entry = await repository.hold(command, request_id)
    if entry is None or entry.state == QueueState.LEFT:
        raise NotInTheQueue
    if entry.version != version:
        raise PreconditionFailed
    facts = opened(entry.model_dump(), seals=seals)
    await _stand(command, entry, facts.model_copy(update={"children": body.children}), seals=seals)
    entry.version += 1
    await _changed(command, entry, reason=body.reason)
    return await queries.entry(command.connection, request_id, scope=command.scope_range)


async def pause(command: Command, request_id: UUID, *, reason: str) -> None:
    await _move(command, request_id, QueueState.PAUSED, reason=reason)


async def resume(command: Command, request_id: UUID, *, reason: str) -> None:
    """Wait again where it waited before."""
    await _move(command, request_id, QueueState.WAITING, reason=reason)


async def leave(command: Command, request_id: UUID, *, reason: str) -> None:
    """Nothing to do for a request that does not wait."""
    await _move(command, request_id, QueueState.LEFT, reason=reason)


async def holds(command: Command, request_id: UUID) -> bool:
    """Whether a request waits; until the command ends nobody changes that."""
    entry = await repository.hold(command, request_id)
    return entry is not None and entry.state == QueueState.WAITING


async def turn(command: Command, *, on: date, seals: Seals, limit: int = AT_ONCE) -> int:
    """Look once a day who has come to the later age; how many were looked at."""
    entries = await repository.take_unlooked(command, on=on, limit=limit)
    for entry in entries:
        entry.looked_on = on
        if entry.form != ORDERED_BY_LAW:
            continue
        found = await _standing(command, entry.jurisdiction, opened(entry.model_dump(), seals=seals), on=on)
        if found.senior:
            entry.senior = True
            entry.version += 1
            await _changed(command, entry, reason="later-age-reached")
    await command.session.flush()
    return len(entries)


def opened(row: Mapping[str, Any], *, seals: Seals) -> Facts:
    """What is sealed of an entry. Raises SealBroken."""
    return sealed.opened(TABLE, row, Facts, seals=seals)


async def _stand(command: Command, entry: QueueEntry, facts: Facts, *, seals: Seals) -> None:
    entry.key_id, entry.sealed = sealed.seal(TABLE, entry.id, facts, seals=seals)
    entry.looked_on = today()
    if entry.form == ORDERED_BY_LAW:
        found = await _standing(command, entry.jurisdiction, facts, on=today())
        entry.rank, entry.senior = found.group, found.senior


async def _standing(command: Command, place: str, facts: Facts, *, on: date) -> Standing:
    rules = await rules_at(command.connection, place, names=[YOUNGER_NEEDED], on=on)
    return standing(
        facts,
        on=on,
        senior_from=await required(command, SENIOR_FROM, place=place, on=on),
        younger_needed=rules.get(YOUNGER_NEEDED),
    )


async def _move(command: Command, request_id: UUID, state: QueueState, *, reason: str) -> None:
    entry = await repository.hold(command, request_id)
    if entry is None or entry.state in {state, QueueState.LEFT}:
        return
    entry.state = state
    entry.version += 1
    await _changed(command, entry, reason=reason)


async def _changed(command: Command, entry: QueueEntry, *, reason: str) -> None:
    await repository.changed(command, entry, reason=reason)
    command.publish(events.changed(entry))
