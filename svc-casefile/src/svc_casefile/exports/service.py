"""Exports: every file of a scope as one stream, in the form that was asked for."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from pydantic_core import from_json

from shared.chassis.database import Query
from shared.kit.problems import NotAcceptable
from svc_casefile.exports.errors import ExportsBusy
from svc_casefile.households import queries
from svc_casefile.households.schemas import ExportFilters
from svc_casefile.households.service import sees_restricted

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
AT_ONCE: Final = 2
"""Exports that a process runs at a time: each holds a connection for as long as its reader takes."""
IDLE_SECONDS: Final = 60
"""How long a reader may stand still before PostgreSQL ends the transaction that is held for it."""
CHUNK_CHARACTERS: Final = 64 * 1024

COLUMNS: Final = (
    "number", "id", "version", "status", "status_reason", "jurisdiction", "opened_on", "closed_on",
    "head_given_name", "head_family_name", "head_father_name", "head_id_type", "head_id_value", "member_count",
    "address", "postal_code", "latitude", "longitude", "accuracy_m", "area_class", "tenure", "residence_since",
    "mobile", "landline", "income_sources", "decile", "insurance", "support_bodies", "coverage_reason", "pensioner",
    "payer_category", "assigned_worker", "legacy_source", "legacy_number", "updated_at",
)  # fmt: skip
"""Of the CSV: one line per file, its head named, several values of a field separated by spaces."""

_ACTIVE = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

_slots = asyncio.Semaphore(AT_ONCE)


def form_of(accept: str) -> str:
    """NDJSON or CSV, whichever an `Accept` header likes better. Raises NotAcceptable when it likes neither."""
    offers = {NDJSON: NDJSON, "application/*": NDJSON, "*/*": NDJSON, CSV: CSV, "text/*": CSV}
    wishes = []
    for position, part in enumerate(accept.split(",")):
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        if kind in offers and _NUMBER.fullmatch(weight) and float(weight) > 0:
            wishes.append((-float(weight), position, offers[kind]))
    if not wishes:
        raise NotAcceptable
    return min(wishes)[2]


async def export(
    open_query: Callable[[], AbstractAsyncContextManager[Query]], filters: ExportFilters, *, form: str
) -> AsyncIterator[bytes]:
    """The export in pieces, of one moment, inside the caller's scope. The first piece is there when all is well.

    Raises ScopeForbidden, ExportsBusy and Unavailable.
    """
    pieces = _pieces(open_query, filters, form=form)
    first = await anext(pieces, b"")

    async def all_pieces() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_pieces()


async def _pieces(
    open_query: Callable[[], AbstractAsyncContextManager[Query]], filters: ExportFilters, *, form: str
) -> AsyncIterator[bytes]:
    if _slots.locked():
        raise ExportsBusy(headers={"Retry-After": "10"})
    async with _slots, open_query() as query:
        await query.connection.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        files = queries.stream(query, filters, restricted=sees_restricted(query.actor))
        buffer = io.StringIO()
        write = _writer(buffer, form=form)
        async for file in files:
            write(file)
            if buffer.tell() > CHUNK_CHARACTERS:
                yield _emptied(buffer)
        yield _emptied(buffer)


def _writer(buffer: io.StringIO, *, form: str) -> Callable[[str], object]:
    if form == NDJSON:
        return lambda file: buffer.write(file + "\n")
    lines = csv.writer(buffer)
    lines.writerow(COLUMNS)
    return lambda file: lines.writerow(_line(from_json(file)))


def _emptied(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _line(file: Mapping[str, Any]) -> list[str]:
    head = file["members"][0]
    identity = head["identity"] or {"type": None, "value": None}
    known = {
        **file,
        "head_given_name": head["given_name"],
        "head_family_name": head["family_name"],
        "head_father_name": head["father_name"],
        "head_id_type": identity["type"],
        "head_id_value": identity["value"],
    }
    return [cell(known[column]) for column in COLUMNS]


def cell(value: object) -> str:
    """A value as a spreadsheet may have it: text that it would run as a formula is quoted with an apostrophe."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return " ".join(map(str, value))
    text = str(value)
    return f"'{text}" if _ACTIVE.match(text) and not _NUMBER.fullmatch(text) else text
