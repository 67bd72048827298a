"""The rules of imports: a stream is kept as it comes in, then taken in line by line, each line once.

A line is known again by its content, within its source and the province it is for. The same line sent again changes
nothing and counts as unchanged; a line that says something else of a file that is there already is refused: an import
opens files, it does not change them.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from shared.chassis.actor import Actor
from shared.chassis.database import CONNECTION_ERRORS, Command, Database
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, IdempotencyKeyReused, Problem, ScopeForbidden, field_errors
from svc_casefile.bell import Bell
from svc_casefile.households import repository as households
from svc_casefile.households.errors import CenterNotOpen, LegacyReferenceTaken, NotAPlaceForFiles
from svc_casefile.households.repository import NewCaseFile
from svc_casefile.households.service import prepare
from svc_casefile.imports import events, queries, repository
from svc_casefile.imports.errors import (
    LineCut,
    LineNotTakenIn,
    LineNotUtf8,
    LineTooLong,
    MalformedLine,
    PersonInEarlierLine,
    UploadCut,
)
from svc_casefile.imports.models import ImportJob
from svc_casefile.imports.repository import Chunk, Refusal
from svc_casefile.imports.schemas import CaseFileLine, ImportRead
from svc_casefile.members.errors import PersonAlreadyInCaseFile

log = logging.getLogger(__name__)

LONGEST_LINE = 64 * 1024
CHUNK_BYTES = 512 * 1024
"""Some 400 lines: taken in within a tenth of a second, so a restart loses little work."""
SILENCE = timedelta(seconds=60)
"""A sender who says nothing for so long is gone."""
LINES_AT_ONCE = 50
"""Lines read without letting other requests in: some 10 ms."""
ERRORS_PER_LINE = 10

arrivals = Bell()
"""Rings when lines have come in."""

OpenCommand = Callable[[], AbstractAsyncContextManager[Command]]
_LINE = TypeAdapter(CaseFileLine)


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
                await repository.refuse(command, job_id, [Refusal(line=line, errors=[_as_a_whole(LineCut)])])
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


@dataclass(slots=True)
class _Line:
    """A line that is a household, and could become a case file."""

    number: int
    body: CaseFileLine
    digest: bytes
    jurisdiction: Jurisdiction
    new: NewCaseFile


class _Refused(Exception):
    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = errors


@dataclass(frozen=True, slots=True)
class _Read:
    """What the lines of a chunk say, before anybody asked the database about them."""

    number: int
    lines: Sequence[_Line]
    refusals: Sequence[Refusal]


class Intake:
    """Takes in what waits. While the database writes one chunk of an import, the next one is read."""

    def __init__(self, database: Database, *, service: str) -> None:
        self._database = database
        self._itself = Actor.system(service)
        self._ahead: dict[UUID, asyncio.Task[_Read | None]] = {}

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

    def close(self) -> None:
        for task in self._ahead.values():
            task.cancel()

    async def _take_in_chunk(self, job: "_Job") -> bool:
        ahead = self._ahead.pop(job.id, None)
        try:
            read = None if ahead is None else await ahead
            async with self._database.command(job.sender) as command:
                chunk = await repository.take_chunk(command, job.id)
                if chunk is None:
                    return False
                if read is None or read.number != chunk["number"]:
                    read = await _read(command.connection, chunk, job=job)
                self._ahead[job.id] = asyncio.create_task(self._read_ahead(job, chunk["number"] + 1))
                await _settle(command, job, chunk, read)
        except (Problem, *CONNECTION_ERRORS):
            raise
        except Exception:
            async with self._database.command(job.sender) as command:
                await repository.count_failure(command, job.id)
            raise
        return True

    async def _read_ahead(self, job: "_Job", number: int) -> _Read | None:
        async with self._database.query(job.sender) as query:
            chunk = await queries.chunk(query.connection, job.id, number)
            return None if chunk is None else await _read(query.connection, chunk, job=job)


@dataclass(frozen=True, slots=True)
class _Job:
    id: UUID
    source: str
    sender: Actor
    """In the sender's name and scope: the database refuses what they could not have opened themselves."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_Job":
        scope = Jurisdiction.from_code(row["jurisdiction"])
        sender = Actor(subject=row["created_by"], roles=frozenset(), scope=scope)
        return cls(id=row["id"], source=row["source"], sender=sender)


async def _settle(command: Command, job: _Job, chunk: Mapping[str, Any], read: _Read) -> None:
    taking = _Taking(command, source=job.source)
    if chunk["failures"]:
        # it failed as a whole before: line by line, so that the one at fault takes no other with it
        for line in read.lines:
            await taking.take_alone(line)
    else:
        await taking.take(read.lines)
    refusals = [*read.refusals, *taking.refusals]
    await repository.refuse(command, job.id, refusals)
    await repository.settle(
        command,
        job.id,
        number=read.number,
        landed=taking.landed,
        unchanged=taking.unchanged,
        refused=len(refusals),
    )


async def _read(connection: queries.Connection, chunk: Mapping[str, Any], *, job: _Job) -> _Read:
    assert job.sender.scope is not None
    open_centers = await queries.open_centers_within(connection, job.sender.scope.range)
    body, now = chunk["body"], datetime.now(UTC)
    lines: list[_Line] = []
    refusals: list[Refusal] = []
    if chunk["first_line"] == 1:
        body = body.removeprefix(b"\xef\xbb\xbf")  # editors of Windows begin a file so
    for number, raw in enumerate(body.split(b"\n"), start=chunk["first_line"]):
        if number % LINES_AT_ONCE == 0:
            await asyncio.sleep(0)
        if not raw or raw.isspace():
            continue
        try:
            lines.append(_line(raw, number=number, job=job, open_centers=open_centers, now=now))
        except _Refused as refused:
            refusals.append(Refusal(line=number, errors=refused.errors[:ERRORS_PER_LINE]))
        except Problem as problem:
            refusals.append(Refusal(line=number, errors=problem.errors or [_as_a_whole(type(problem))]))
    return _Read(number=chunk["number"], lines=lines, refusals=refusals)


def _line(raw: bytes, *, number: int, job: _Job, open_centers: frozenset[str], now: datetime) -> _Line:
    """Raises _Refused, or the problem that opening such a file would meet."""
    if len(raw) > LONGEST_LINE:
        raise LineTooLong
    try:
        body = _LINE.validate_json(raw, context=job.source)
    except ValidationError as error:
        raise _Refused(_wrong(raw, error)) from None
    scope = job.sender.scope
    assert scope is not None
    place = scope if body.jurisdiction is None else body.jurisdiction
    for problem, holds in (
        (ScopeForbidden, not scope.covers(place)),
        (NotAPlaceForFiles, place.level not in {Level.COUNTY, Level.CENTER}),
        (CenterNotOpen, place.level == Level.CENTER and place.code not in open_centers),
    ):
        if holds:
            raise _Refused([_at("/jurisdiction", problem)])
    content = body.model_dump_json(exclude_unset=True, exclude_none=True).encode()  # so a later field changes nothing
    return _Line(
        number=number,
        body=body,
        digest=hashlib.sha256(content).digest(),
        jurisdiction=place,
        new=prepare(body, jurisdiction=place, opened_by=job.sender, now=now),
    )


def _wrong(raw: bytes, error: ValidationError) -> list[FieldError]:
    errors = error.errors(include_url=False, include_input=False)
    if errors[0]["type"] != "json_invalid":
        return field_errors(errors)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return [_as_a_whole(LineNotUtf8)]
    return [_as_a_whole(MalformedLine)]


class _Taking:
    """Takes lines into case files within one transaction, and counts what became of them."""

    def __init__(self, command: Command, *, source: str) -> None:
        self._command = command
        self._source = source
        self.landed = 0
        self.unchanged = 0
        self.refusals: list[Refusal] = []

    async def take(self, lines: Sequence[_Line]) -> None:
        fresh = await self._fresh(lines)
        refused: dict[int, Refusal] = {}
        free = [*fresh]
        await repository.savepoint(self._command)
        while free:
            found = await self._taken(free) or [*_twice(free)]
            if not found:
                added = await households.add(self._command.connection, [line.new for line in free])
                found = [*_half_there(free, added)]
                if not found:
                    await self._announce(free, added)
                    break
                await repository.roll_back(self._command)
            refused |= {refusal.line: refusal for refusal in found}
            free = [line for line in free if line.number not in refused]
        await repository.disclaim(
            self._command, source=self._source, digests=[line.digest for line in fresh if line.number in refused]
        )
        self.landed += len(free)
        self.refusals += refused.values()

    async def take_alone(self, line: _Line) -> None:
        """Take one line; whatever it fails by, it alone is refused."""
        await repository.savepoint(self._command)
        try:
            await self.take([line])
        except Exception:
            log.exception("a line cannot be taken in", extra={"line": line.number})
            await repository.roll_back(self._command)
            self.refusals.append(Refusal(line=line.number, errors=[_as_a_whole(LineNotTakenIn)]))

    async def _fresh(self, lines: Sequence[_Line]) -> list[_Line]:
        once = {line.digest: line for line in reversed(lines)}
        claimed = await repository.claim(
            self._command,
            source=self._source,
            digests=[*once],
            jurisdictions=[line.jurisdiction.code for line in once.values()],
        )
        fresh = [line for line in lines if line.digest in claimed and once[line.digest] is line]
        self.unchanged += len(lines) - len(fresh)
        return fresh

    async def _taken(self, lines: Sequence[_Line]) -> list[Refusal]:
        """Lines with persons who are in an open file, wherever it is."""
        persons = [
            (line, position, member)
            for line in lines
            for position, member in enumerate(line.new.members)
            if member["id_type"] is not None
        ]
        holders = await queries.holders(
            self._command.connection,
            types=[member["id_type"] for _, _, member in persons],
            values=[member["id_value"] for _, _, member in persons],
        )
        found: dict[int, list[tuple[FieldError, UUID | None]]] = {}
        for place, case_file_id in sorted(holders.items()):
            line, position, _ = persons[place]
            error = _at(f"/members/{position}/identity", PersonAlreadyInCaseFile)
            found.setdefault(line.number, []).append((error, case_file_id))
        return [
            Refusal(line=number, errors=[error for error, _ in errors], case_files=[other for _, other in errors])
            for number, errors in found.items()
        ]

    async def _announce(self, lines: Sequence[_Line], added: households.Added) -> None:
        for position, line in enumerate(lines, start=1):
            self._command.publish(events.opened(line.new, number=added.numbers[line.new.file["id"]]))
            if position % LINES_AT_ONCE == 0:
                await asyncio.sleep(0)


def _twice(lines: Iterable[_Line]) -> Iterator[Refusal]:
    """Lines that name a person, or an older system's number, that an earlier one of them has."""
    persons: set[tuple[str, str]] = set()
    references: set[tuple[str, str, str]] = set()
    for line in lines:
        file = line.new.file
        reference = (file["legacy_province"], file["legacy_source"], file["legacy_number"])
        own = [
            (position, (member["id_type"], member["id_value"]))
            for position, member in enumerate(line.new.members)
            if member["id_type"] not in (None, "temporary")
        ]
        errors = [_at(f"/members/{position}/identity", PersonInEarlierLine) for position, who in own if who in persons]
        if reference in references:
            errors.append(_at("/legacy_number", LegacyReferenceTaken))
        if errors:
            yield Refusal(line=line.number, errors=errors)
            continue
        persons.update(who for _, who in own)
        if file["legacy_number"] is not None:
            references.add(reference)


def _half_there(lines: Iterable[_Line], added: households.Added) -> Iterator[Refusal]:
    """Lines that the database had something against: their reference is taken, or somebody was faster with a person."""
    for line in lines:
        if line.new.file["id"] not in added.numbers:
            yield Refusal(line=line.number, errors=[_at("/legacy_number", LegacyReferenceTaken)])
            continue
        missing = [
            _at(f"/members/{position}/identity", PersonAlreadyInCaseFile)
            for position, member in enumerate(line.new.members)
            if member["id"] not in added.members
        ]
        if missing:
            yield Refusal(line=line.number, errors=missing)


def _at(pointer: str, problem: type[Problem]) -> FieldError:
    return FieldError(pointer=pointer, code=problem.code, message=problem.title)


def _as_a_whole(problem: type[Problem]) -> FieldError:
    return _at("", problem)
