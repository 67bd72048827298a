"""The rules of imports: a stream is kept as it comes in, then taken in line by line, each line once.

A line is known again by its content, within its source and the province it is for. The same line sent again changes
nothing and counts as unchanged; a line that says something else of a file that is there already is refused: an import
opens files, it does not change them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Command, Database
from shared.contracts.casefile import CaseFileOpenedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, IdempotencyKeyReused, Problem
from svc_casefile.bell import Bell
from svc_casefile.households import repository as households
from svc_casefile.households.errors import LegacyReferenceTaken
from svc_casefile.imports import queries, repository
from svc_casefile.imports.errors import (
    LineCut,
    LineNotTakenIn,
    PersonInEarlierLine,
    UploadCut,
)
from svc_casefile.imports.models import ImportJob
from svc_casefile.imports.repository import Chunk, Refusal
from svc_casefile.imports.schemas import ImportRead
from svc_casefile.line_reader import (
    LONGEST_LINE,
    Line,
    LineReader,
    LineReaderDied,
    Lines,
    Read,
    as_a_whole,
    error_at,
    read,
)
from svc_casefile.members.errors import PersonAlreadyInCaseFile

log = logging.getLogger(__name__)

CHUNK_BYTES = 512 * 1024
"""Some 400 lines: taken in within a tenth of a second, so a restart loses little work."""
SILENCE = timedelta(seconds=60)
"""A sender who says nothing for so long is gone."""
LINES_AT_ONCE = 50
"""Lines dealt with without letting other requests in: some 10 ms."""

arrivals = Bell()
"""Rings when lines have come in."""

OpenCommand = Callable[[], AbstractAsyncContextManager[Command]]


# receiving


class Splitter:
    """Cuts a stream into chunks of whole lines, in bounded memory.

    Of a line that is too long no more is kept than it takes to see that it is.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skipping = False
        self._number = 0
        self._line = 1

    def feed(self, block: bytes) -> Chunk | None:
        if self._skipping:
            end = block.find(b"\n")
            if end < 0:
                return None
            self._skipping, block = False, block[end:]
        self._rest += block
        if len(self._rest) < CHUNK_BYTES:
            return None
        whole = self._rest.rfind(b"\n") + 1
        chunk = self._chunk(bytes(self._rest[:whole]))
        del self._rest[:whole]
        if len(self._rest) > LONGEST_LINE:
            del self._rest[LONGEST_LINE + 1 :]
            self._skipping = True
        return chunk

    def end(self) -> Chunk | None:
        """The last lines; the very last needs no line feed."""
        return self._chunk(bytes(self._rest))

    def cut(self) -> tuple[Chunk | None, int | None]:
        """The last whole lines, and the number of the line in which the stream broke off."""
        whole = self._rest.rfind(b"\n") + 1
        chunk = self._chunk(bytes(self._rest[:whole]))
        return chunk, self._line if len(self._rest) > whole else None

    def _chunk(self, body: bytes) -> Chunk | None:
        if not body:
            return None
        first, lines = self._line, sum(not line.isspace() for line in body.split(b"\n") if line)
        self._line += body.count(b"\n")
        self._number += 1
        return Chunk(number=self._number, first_line=first, lines=lines, body=body)


async def receive(
    open_command: OpenCommand, stream: AsyncIterator[bytes], *, source: str, key: str | None
) -> ImportRead:
    """Keep a stream of lines, to be taken in by the worker, which starts with the first of them.

    With a key that the sender used before it is the import of then, and the stream is not read. Raises
    IdempotencyKeyReused when that one had another source or scope. A problem that the stream raises is passed on after
    what came whole was kept.
    """
    job_id, splitter = new_id(), Splitter()
    async with open_command() as command:
        job = _job(command, job_id, source=source, key=key)
        if not await repository.add(command, job):
            return await _earlier(command, job)
    try:
        async for block in _spoken(stream):
            await _stage(open_command, job_id, splitter.feed(block))
        await _stage(open_command, job_id, splitter.end())
    except Exception:
        chunk, line = splitter.cut()
        # where even this fails, the worker ends the import after a while
        await _stage(open_command, job_id, chunk)
        async with open_command() as command:
            await repository.end(command, job_id, ended="cut")
            if line is not None:
                await repository.refuse(command, job_id, [Refusal(line=line, errors=[as_a_whole(LineCut)])])
                await repository.count_refused(command, job_id)
        raise
    async with open_command() as command:
        await repository.end(command, job_id, ended="whole")
        return await queries.job(command.connection, job_id, scope=command.scope_range)


def _job(command: Command, job_id: UUID, *, source: str, key: str | None) -> ImportJob:
    return ImportJob(
        id=job_id,
        jurisdiction=command.scope.code,
        source=source,
        idempotency_key=key,
        created_at=command.now,
        created_by=command.actor.subject,
        heard_at=command.now,
    )


async def _earlier(command: Command, job: ImportJob) -> ImportRead:
    assert job.idempotency_key is not None
    earlier = await queries.job_of_key(command.connection, created_by=job.created_by, key=job.idempotency_key)
    if earlier is None or (earlier.source, earlier.jurisdiction.code) != (job.source, job.jurisdiction):
        raise IdempotencyKeyReused
    return earlier


async def _spoken(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream, until it ends or falls silent."""
    while True:
        try:
            async with asyncio.timeout(SILENCE.total_seconds()):
                block = await anext(stream, None)
        except TimeoutError as error:
            raise UploadCut from error
        if block is None:
            return
        yield block


async def _stage(open_command: OpenCommand, job_id: UUID, chunk: Chunk | None) -> None:
    if chunk is None:
        return
    async with open_command() as command:
        if not await repository.stage(command, job_id, chunk):
            raise UploadCut
    arrivals.ring()


# taking in


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk whose lines were read."""

    number: int
    read: Read


class Intake:
    """Takes in what waits. While the database writes one chunk of an import, the next one is read."""

    def __init__(self, database: Database, *, service: str) -> None:
        self._database = database
        self._itself = Actor.system(service)
        self._ahead: dict[UUID, asyncio.Task[_Chunk | None]] = {}
        self._reader = LineReader()

    async def take_in(self) -> bool:
        """Take in one chunk of every import that has lines waiting and that no other process is at.

        False when there was none.
        """
        async with self._database.command(self._itself) as command:
            await repository.end_silent(command, after=2 * SILENCE)
            jobs = await queries.waiting_jobs(command.connection)
        for gone in self._ahead.keys() - {job["id"] for job in jobs}:
            self._ahead.pop(gone).cancel()
        return any([await self._take_in_chunk(_Job.of(job)) for job in jobs])

    async def aclose(self) -> None:
        for task in self._ahead.values():
            task.cancel()
        await self._reader.aclose()

    async def _take_in_chunk(self, job: "_Job") -> bool:
        ahead = self._ahead.pop(job.id, None)
        try:
            chunk = None if ahead is None else await ahead
            async with self._database.command(job.sender) as command:
                row = await repository.take_chunk(command, job.id)
                if row is None:
                    return False
                if chunk is None or chunk.number != row["number"]:
                    open_centers = await queries.open_centers_within(command.connection, command.scope_range)
                    chunk = await self._read(row, open_centers, job=job)
                self._ahead[job.id] = asyncio.create_task(self._read_ahead(job, chunk.number + 1))
                await _settle(command, job, chunk, one_by_one=row["failures"] > 0)
        except LineReaderDied:
            log.warning("the process that reads lines has died; what it was at is read again")
            return False
        except (Problem, *CONNECTION_ERRORS):
            raise
        except Exception:
            async with self._database.command(job.sender) as command:
                await repository.count_failure(command, job.id)
            raise
        return True

    async def _read_ahead(self, job: "_Job", number: int) -> _Chunk | None:
        async with self._database.query(job.sender) as query:
            row = await queries.chunk(query.connection, job.id, number)
            if row is None:
                return None
            open_centers = await queries.open_centers_within(query.connection, query.scope_range)
        return await self._read(row, open_centers, job=job)

    async def _read(self, row: Mapping[str, Any], open_centers: frozenset[str], *, job: "_Job") -> _Chunk:
        lines = Lines(
            first=row["first_line"],
            body=row["body"],
            source=job.source,
            scope=job.scope,
            sender=job.sender.subject,
            open_centers=open_centers,
        )
        few = row["lines"] <= LINES_AT_ONCE
        return _Chunk(number=row["number"], read=read(lines) if few else await self._reader.read(lines))


@dataclass(frozen=True, slots=True)
class _Job:
    id: UUID
    source: str
    scope: Jurisdiction
    sender: Actor
    """In the sender's name and scope: the database refuses what they could not have opened themselves."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_Job":
        scope = Jurisdiction.from_code(row["jurisdiction"])
        sender = Actor(subject=row["created_by"], roles=frozenset(), scope=scope)
        return cls(id=row["id"], source=row["source"], scope=scope, sender=sender)


async def _settle(command: Command, job: _Job, chunk: _Chunk, *, one_by_one: bool) -> None:
    """`one_by_one` after the chunk failed as a whole, so that the line at fault takes no other with it."""
    taking = _Taking(command, source=job.source)
    if one_by_one:
        for line in chunk.read.lines:
            await taking.take_alone(line)
    else:
        await taking.take(chunk.read.lines)
    refusals = [*(Refusal(line=line, errors=errors) for line, errors in chunk.read.refused), *taking.refusals]
    await repository.refuse(command, job.id, refusals)
    await repository.settle(
        command,
        job.id,
        number=chunk.number,
        landed=taking.landed,
        unchanged=taking.unchanged,
        refused=len(refusals),
    )


class _Taking:
    """Takes lines into case files within one transaction, and counts what became of them."""

    def __init__(self, command: Command, *, source: str) -> None:
        self._command = command
        self._source = source
        self.landed = 0
        self.unchanged = 0
        self.refusals: list[Refusal] = []

    async def take(self, lines: Sequence[Line]) -> None:
        fresh = await self._fresh(lines)
        refused: dict[int, Refusal] = {}
        free = [*fresh]
        await repository.savepoint(self._command)
        while free:
            numbers = await households.add_rows_unopposed(self._command.connection, **_rows(free))
            if numbers is not None:
                await self._announce(free, numbers)
                break
            refused |= {refusal.line: refusal for refusal in await self._obstacles(free)}
            free = [line for line in free if line.number not in refused]
        await repository.disclaim(
            self._command, source=self._source, digests=[line.digest for line in fresh if line.number in refused]
        )
        self.landed += len(free)
        self.refusals += refused.values()

    async def take_alone(self, line: Line) -> None:
        """Take one line; whatever it fails by, it alone is refused."""
        await repository.savepoint(self._command)
        try:
            await self.take([line])
        except Exception:
            log.exception("a line cannot be taken in", extra={"line": line.number})
            await repository.roll_back(self._command)
            self.refusals.append(Refusal(line=line.number, errors=[as_a_whole(LineNotTakenIn)]))

    async def _fresh(self, lines: Sequence[Line]) -> list[Line]:
        once = {line.digest: line for line in reversed(lines)}
        claimed = await repository.claim(
            self._command,
            source=self._source,
            digests=[*once],
            jurisdictions=[line.jurisdiction for line in once.values()],
        )
        fresh = [line for line in lines if line.digest in claimed and once[line.digest] is line]
        self.unchanged += len(lines) - len(fresh)
        return fresh

    async def _taken(self, lines: Sequence[Line]) -> list[Refusal]:
        """Lines with persons who are in an open file, wherever it is."""
        persons = [(line, position, who) for line in lines for position, who in _identities(line)]
        holders = await queries.holders(
            self._command.connection,
            types=[id_type for _, _, (id_type, _) in persons],
            values=[id_value for _, _, (_, id_value) in persons],
        )
        found: dict[int, list[tuple[FieldError, UUID | None]]] = {}
        for place, case_file_id in sorted(holders.items()):
            line, position, _ = persons[place]
            error = error_at(f"/members/{position}/identity", PersonAlreadyInCaseFile)
            found.setdefault(line.number, []).append((error, case_file_id))
        return [
            Refusal(line=number, errors=[error for error, _ in errors], case_files=[other for _, other in errors])
            for number, errors in found.items()
        ]

    async def _obstacles(self, lines: Sequence[Line]) -> list[Refusal]:
        """What stood in the way of lines that could not be added; of the attempt nothing is left."""
        await repository.roll_back(self._command)
        found = await self._taken(lines) or [*_twice(lines)]
        if not found:  # somebody was faster
            found = [*_half_there(lines, await households.add_rows(self._command.connection, **_rows(lines)))]
            await repository.roll_back(self._command)
        return found

    async def _announce(self, lines: Sequence[Line], numbers: Mapping[str, str]) -> None:
        for position, line in enumerate(lines, start=1):
            self._command.publish(CaseFileOpenedV1(number=numbers[line.id], **from_json(line.announced)))
            if position % LINES_AT_ONCE == 0:
                await asyncio.sleep(0)


def _rows(lines: Sequence[Line]) -> dict[str, list[bytes]]:
    return {"files": [line.file for line in lines], "members": [member for line in lines for member in line.members]}


def _identities(line: Line) -> list[tuple[int, tuple[str, str]]]:
    """Type and value of those members who have any, with their positions."""
    return [
        (position, (person["id_type"], person["id_value"]))
        for position, person in enumerate(line.persons())
        if "id_type" in person
    ]


def _twice(lines: Iterable[Line]) -> Iterator[Refusal]:
    """Lines that name a person, or an older system's number, that an earlier one of them has."""
    persons: set[tuple[str, str]] = set()
    references: set[tuple[str, str, str]] = set()
    for line in lines:
        own = [(position, who) for position, who in _identities(line) if who[0] != "temporary"]
        reference = line.legacy_reference()
        errors = [
            error_at(f"/members/{position}/identity", PersonInEarlierLine) for position, who in own if who in persons
        ]
        if reference in references:
            errors.append(error_at("/legacy_number", LegacyReferenceTaken))
        if errors:
            yield Refusal(line=line.number, errors=errors)
            continue
        persons.update(who for _, who in own)
        if reference is not None:
            references.add(reference)


def _half_there(lines: Iterable[Line], added: households.Added) -> Iterator[Refusal]:
    """Lines that the database had something against: their reference is taken, or somebody was faster with a person."""
    for line in lines:
        if line.id not in added.numbers:
            yield Refusal(line=line.number, errors=[error_at("/legacy_number", LegacyReferenceTaken)])
            continue
        missing = [
            error_at(f"/members/{position}/identity", PersonAlreadyInCaseFile)
            for position, person in enumerate(line.persons())
            if person["id"] not in added.members
        ]
        if missing:
            yield Refusal(line=line.number, errors=missing)
