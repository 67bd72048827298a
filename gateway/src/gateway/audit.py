"""Who read which personal file: an event for every such request, before its answer is sent.

A record is appended to a journal on the local disk (one `write`, some microseconds) and shipped to the broker from
there, so a request never waits for the broker, and a broker that is away or a killed gateway loses nothing: what is in
the journal at the next start is shipped first. When the journal cannot take a record (disk full, or the broker away for
so long that the limit is reached) personal files cannot be read: 503, and nothing else is affected.
`docs/adr/0009-audit-of-reads.md` has the reasons, and what a lost machine can lose.
"""

import asyncio
import fcntl
import json
import logging
import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO
from urllib.parse import unquote

from uuid_utils import uuid7

from gateway.contract import Operation
from gateway.errors import InvalidPurpose
from gateway.scopes import Grant
from gateway.tail import LOST
from gateway.telemetry import AUDIT_UNREADABLE, AUDIT_WAITING, quoted, utc
from gateway.tokens import Caller
from shared.chassis.broker import Broker
from shared.chassis.settings import refuse
from shared.chassis.streams import ensure_streams
from shared.contracts.events import CONTENT_TYPE
from shared.contracts.gateway import PersonalFileReadV1
from shared.kit.jurisdiction import NATION
from shared.kit.problems import Unavailable
from shared.kit.text import normalise

log = logging.getLogger(__name__)

_SHIP_SECONDS: Final = 0.2
_RETRY_SECONDS: Final = 1.0
_LAST_SHIPMENT_SECONDS: Final = 3.0
_ACKNOWLEDGED_SECONDS: Final = 10.0
_BATCH: Final = 500
_DUPLICATES: Final = 10201
_LONGEST_PURPOSE: Final = 200
_NUMBER: Final = re.compile(r"\d(?:[ \u200c.-]?\d){6}")


def purpose_in(header: bytes | None) -> str | None:
    """Why somebody reads, in their own words, as `X-Purpose` has it. Raises InvalidPurpose.

    What looks like the number of a person or a telephone is refused: the record says why, and about whom by id alone.
    """
    if header is None:
        return None
    try:
        text = normalise(unquote(header.decode(), errors="strict"))
    except UnicodeDecodeError as error:
        raise InvalidPurpose from error
    if not (0 < len(text) <= _LONGEST_PURPOSE and text.replace("\u200c", "").isprintable()) or _NUMBER.search(text):
        raise InvalidPurpose
    return text


class AuditTrail:
    """The journal and its shipment."""

    def __init__(self, broker: Broker, *, folder: Path, max_bytes: int) -> None:
        self._broker = broker
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock: TextIO | None = None
        self._open: tuple[int, Path] | None = None
        self._waiting = 0
        self._wake = asyncio.Event()
        self._stream_ready = False

    def open(self) -> None:
        """Take the folder; ends the process with a sentence when that is impossible."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self._folder / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            refuse(f"AUDIT_JOURNAL: {self._folder} is in use by another gateway")
        except OSError as error:
            refuse(f"AUDIT_JOURNAL: {self._folder} cannot be written to ({error.strerror})")
        self._waiting = sum(each.stat().st_size for each in self._segments())
        if self._waiting:
            self._wake.set()

    @property
    def full(self) -> bool:
        return self._waiting >= self._max_bytes

    def require_room(self) -> None:
        """Raises Unavailable when another record might not be taken: asked before the file is read."""
        if self.full:
            raise Unavailable(headers={"Retry-After": "30"})

    def record(
        self,
        caller: Caller,
        grant: Grant,
        operation: Operation,
        *,
        path: str,
        purpose: str | None,
        request_id: str,
        status: int,
        parent: str,
    ) -> None:
        """Keep the record of a read. Raises Unavailable when that is impossible: the answer must not be sent then."""
        why = "null" if purpose is None else quoted(purpose)
        identity, actor, scope = str(uuid7()), quoted(caller.subject), grant.scope or NATION
        at, roles = utc(time.time()), '","'.join(sorted(grant.roles))
        # by hand: to make it of the contract's classes takes ten times as long, and a test compares
        line = (
            f"{identity} {PersonalFileReadV1.type}.{scope.subject_tokens} "
            f'{{"specversion":"1.0","id":"{identity}","source":"/gateway","type":"{PersonalFileReadV1.type}",'
            f'"subject":"{identity}","time":"{at}","datacontenttype":"application/json","jurisdiction":"{scope}",'
            f'"actor":{actor},"traceparent":"{parent}","data":{{"jurisdiction":"{scope}","audit_id":"{identity}",'
            f'"actor":{actor},"roles":["{roles}"],"scope":"{scope}","operation":"{operation.id}",'
            f'"resource":{quoted(path)},"request_id":"{request_id}","at":"{at}","status":{status},'
            f'"purpose":{why}}}}}\n'
        ).encode()
        try:
            if self._open is None:
                file = self._folder / f"{uuid7()}.records"
                self._open = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600), file
            written = os.write(self._open[0], line)
            if written != len(line):
                raise OSError(f"{written} of {len(line)} bytes written")
        except OSError as error:
            log.exception("the audit journal cannot be written to", extra={"reason": str(error)})
            self._close_segment()
            raise Unavailable(headers={"Retry-After": "30"}) from error
        self._waiting += len(line)
        self._wake.set()

    async def run(self) -> None:
        """Ship until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(_SHIP_SECONDS)  # so that a busy second is a few files, not a thousand
            if not await self._ship():
                self._wake.set()
                await asyncio.sleep(_RETRY_SECONDS)

    async def close(self) -> None:
        """Ship what is left if the broker is there; what is not shipped waits for the next start."""
        if self._broker.connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SHIPMENT_SECONDS):
                    await self._ship()
        self._close_segment()
        if self._lock is not None:
            self._lock.close()

    async def _ship(self) -> bool:
        """Whether all that was in the journal is with the broker."""
        self._close_segment()
        for segment in self._segments():
            lines = await asyncio.to_thread(segment.read_bytes)
            try:
                if not self._stream_ready:
                    await ensure_streams(self._broker, owner=PersonalFileReadV1.owner)
                    self._stream_ready = True
                whole = await self._publish(lines)
            except LOST as error:
                self._stream_ready = False
                log.warning("audit records wait for the broker", extra={"bytes": self._waiting, "reason": str(error)})
                await asyncio.to_thread(_sync, segment)
                AUDIT_WAITING.set(self._waiting)
                return False
            if whole:
                segment.unlink()
            else:
                segment.rename(segment.with_suffix(".rejected"))
            self._waiting -= len(lines)
        AUDIT_WAITING.set(self._waiting)
        return True

    async def _publish(self, segment: bytes) -> bool:
        """Send all records; whether every line was a whole one. One that is not was cut short by a full disk or a
        power failure, before its answer was sent."""
        *lines, rest = segment.split(b"\n")
        for first in range(0, len(lines), _BATCH):
            await self._send(lines[first : first + _BATCH])
        if rest:
            AUDIT_UNREADABLE.inc()
            log.error("a line of the audit journal was cut short")
        return not rest

    async def _send(self, lines: list[bytes]) -> None:
        """One atomic batch: all are stored or none, for one acknowledgement. A segment always makes the same batches,
        so what the broker calls a duplicate is a batch whose acknowledgement was lost."""
        client, batch = self._broker.client, str(uuid7())
        for number, line in enumerate(lines, start=1):
            identity, subject, document = line.split(b" ", 2)
            headers = {
                "Nats-Msg-Id": identity.decode(),
                "Nats-Batch-Id": batch,
                "Nats-Batch-Sequence": str(number),
                "Content-Type": CONTENT_TYPE,
            }
            if number < len(lines):
                await client.publish(subject.decode(), document, headers=headers)
            else:
                headers["Nats-Batch-Commit"] = "1"
                answer = await client.request(
                    subject.decode(), document, headers=headers, timeout=_ACKNOWLEDGED_SECONDS
                )
                error = json.loads(answer.data).get("error")
                if error is not None and error.get("err_code") != _DUPLICATES:
                    raise ConnectionError(f"the broker refused the records: {error}")

    def _segments(self) -> list[Path]:
        """Closed files of the journal, oldest first: their names are time-ordered ids."""
        now = None if self._open is None else self._open[1]
        return [each for each in sorted(self._folder.glob("*.records")) if each != now]

    def _close_segment(self) -> None:
        if self._open is not None:
            descriptor, self._open = self._open[0], None
            os.close(descriptor)


def _sync(segment: Path) -> None:
    with segment.open("rb") as file:
        os.fsync(file.fileno())
