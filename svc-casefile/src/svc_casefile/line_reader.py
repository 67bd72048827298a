"""Reads the lines of an import, in a process of its own.

Reading takes half of the work of an import, and holds the interpreter lock: requests would wait for it. The process
keeps nothing, starts with the first lines and ends when there have been none for a while, or with its parent.
"""

import asyncio
import gc
import hashlib
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, Problem, ScopeForbidden, field_errors
from svc_casefile.households.errors import CenterNotOpen, NotAPlaceForFiles
from svc_casefile.imports.errors import LineNotUtf8, LineTooLong, MalformedLine
from svc_casefile.imports.schemas import CaseFileLine
from svc_casefile.rows import NewCaseFile, new_case_file, said

LONGEST_LINE = 64 * 1024
ERRORS_PER_LINE = 10

_LINE = TypeAdapter(CaseFileLine)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of an import, and what has to be known to read them."""

    first: int
    """Which line of the import the first one is."""
    body: bytes
    source: str
    scope: Jurisdiction
    sender: str
    open_centers: frozenset[str]


class Line(NamedTuple):
    """A line that is a household, and could become a case file: its rows, and what is asked and told about them."""

    number: int
    digest: bytes
    """Of what the line says, however it is written."""
    id: str
    jurisdiction: str
    file: bytes
    """The row of `case_file` as JSON, without the number."""
    members: Sequence[bytes]
    """The rows of `member` as JSON."""
    announced: bytes
    """What CaseFileOpenedV1 says of it as JSON, without the number."""

    def persons(self) -> list[Mapping[str, Any]]:
        """The members by column. Read anew: only what cannot be taken in is asked for them."""
        return [from_json(member) for member in self.members]

    def legacy_reference(self) -> tuple[str, str, str] | None:
        file = from_json(self.file)
        if file.get("legacy_number") is None:
            return None
        return file["legacy_province"], file["legacy_source"], file["legacy_number"]


@dataclass(frozen=True, slots=True)
class Read:
    """What lines say, before anybody asked the database about them. Blank ones are left out."""

    lines: Sequence[Line]
    refused: Sequence[tuple[int, Sequence[FieldError]]]
    """The other lines by number, and what is wrong with each."""


def read(lines: Lines) -> Read:
    good: list[Line] = []
    refused: list[tuple[int, Sequence[FieldError]]] = []
    body, now = lines.body, datetime.now(UTC)
    if lines.first == 1:
        body = body.removeprefix(b"\xef\xbb\xbf")  # editors of Windows begin a file so
    for number, raw in enumerate(body.split(b"\n"), start=lines.first):
        if not raw or raw.isspace():
            continue
        try:
            good.append(_line(raw, number=number, among=lines, now=now))
        except _Refused as refusal:
            refused.append((number, refusal.errors[:ERRORS_PER_LINE]))
        except Problem as problem:
            refused.append((number, problem.errors or [as_a_whole(type(problem))]))
    return Read(lines=good, refused=refused)


class _Refused(Exception):
    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = errors


def _line(raw: bytes, *, number: int, among: Lines, now: datetime) -> Line:
    """Raises _Refused, or the problem that opening such a file would meet."""
    if len(raw) > LONGEST_LINE:
        raise LineTooLong
    try:
        body = _LINE.validate_json(raw, context=among.source)
    except ValidationError as error:
        raise _Refused(_wrong(raw, error)) from None
    scope = among.scope
    place = scope if body.jurisdiction is None else body.jurisdiction
    for problem, holds in (
        (ScopeForbidden, not scope.covers(place)),
        (NotAPlaceForFiles, place.level not in {Level.COUNTY, Level.CENTER}),
        (CenterNotOpen, place.level == Level.CENTER and place.code not in among.open_centers),
    ):
        if holds:
            raise _Refused([error_at("/jurisdiction", problem)])
    content = said(body)
    new = new_case_file(content, jurisdiction=place, opened_by=among.sender, now=now)
    return Line(
        number=number,
        digest=hashlib.sha256(to_json(content)).digest(),
        id=new.file["id"],
        jurisdiction=place.code,
        file=to_json(new.file),
        members=[to_json(member) for member in new.members],
        announced=to_json(_announced(new)),
    )


_SAID_OF_A_FILE = "version status jurisdiction member_count opened_on payer_category area_class".split()
_SAID_OF_A_PERSON = "relation birth_date sex".split()


def _announced(new: NewCaseFile) -> dict[str, Any]:
    told = {name: new.file[name] for name in _SAID_OF_A_FILE if name in new.file}
    told["case_file_id"] = new.file["id"]
    told["members"] = [
        {"member_id": member["id"]} | {name: member[name] for name in _SAID_OF_A_PERSON if name in member}
        for member in new.members
    ]
    return told


def _wrong(raw: bytes, error: ValidationError) -> list[FieldError]:
    errors = error.errors(include_url=False, include_input=False)
    if errors[0]["type"] != "json_invalid":
        return field_errors(errors)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return [as_a_whole(LineNotUtf8)]
    return [as_a_whole(MalformedLine)]


def error_at(pointer: str, problem: type[Problem]) -> FieldError:
    return FieldError(pointer=pointer, code=problem.code, message=problem.title)


def as_a_whole(problem: type[Problem]) -> FieldError:
    return error_at("", problem)


# the two ends of the pipes between the processes: each message is a pickle, the answer with its length before it


class LineReaderDied(Exception):
    """Nothing was read. The next call starts another process."""


class LineReader:
    """`read` in a process of its own."""

    STAYS_SECONDS = 10.0
    """How long the process waits for more lines: starting it costs half a second, keeping it 80 MB."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._end: asyncio.TimerHandle | None = None

    async def read(self, lines: Lines) -> Read:
        """Raises LineReaderDied when the process does."""
        async with self._turn:
            if self._end is not None:
                self._end.cancel()
            try:
                read = await self._exchange(lines)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                self.end()
                raise LineReaderDied from error
            except BaseException:  # the answer would be taken for the next one's
                self.end()
                raise
            self._end = asyncio.get_running_loop().call_later(self.STAYS_SECONDS, self.end)
            return read

    async def _exchange(self, lines: Lines) -> Read:
        if self._process is None:
            program = f"from {__name__} import serve; serve()"
            self._process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE)
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(pickle.dumps(lines))
        length = int.from_bytes(await answers.readexactly(8))
        answer = await answers.readexactly(length)
        read: Read = pickle.loads(answer)  # noqa: S301 (from a process that we started)
        return read

    def end(self) -> None:
        """End the process, whatever it is at; it keeps nothing."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
        self._process = None

    async def aclose(self) -> None:
        process = self._process
        self.end()
        if process is not None:
            await process.wait()


def serve() -> None:
    """What the process does: read what is asked for, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the service, which ends us
    gc.disable()  # it lives for seconds and makes no cycles; looking for them took two fifths of its time
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError):
        while True:
            answer = pickle.dumps(read(pickle.load(requests)))  # noqa: S301 (from the process that started us)
            answers.write(len(answer).to_bytes(8) + answer)
            answers.flush()
