"""Reads of programmes and protocols."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.problems import NotFound
from svc_screening import decisions
from svc_screening.programmes.models import DECIDES
from svc_screening.programmes.schemas import ProgrammeList, ProgrammeRead, ProtocolFilters, ProtocolRead

_PROTOCOL = """
    SELECT p.id, p.programme_code AS programme, p.number, p.version, p.status, p.valid_from, p.from_months, p.to_months,
           p.stages, p.instruments, p.source, p.drafted_by, p.drafted_at, p.signed_off_by, p.signed_off_at,
           (SELECT json_agg(r.document || jsonb_build_object(
                       'standing', r.standing, 'source', r.source, 'proposed_by', r.proposed_by,
                       'proposed_at', r.proposed_at, 'signed_off_by', r.signed_off_by,
                       'signed_off_at', r.signed_off_at) ORDER BY r.position)
              FROM protocol_rule AS r WHERE r.protocol_id = p.id) AS rules
      FROM protocol AS p
"""
_IN_FORCE = """
    (SELECT f.id FROM protocol AS f WHERE f.programme_code = {programme} AND f.status = 'signed-off'
        AND f.valid_from <= {day} ORDER BY f.valid_from DESC LIMIT 1)
"""

_known: Final[dict[tuple[UUID, datetime], decisions.Protocol]] = {}
"""What protocols say, by id and the moment they last changed: it is asked for with every encounter."""
MOST_KNOWN: Final = 200


async def list_programmes(connection: asyncpg.Connection) -> ProgrammeList:
    rows = await connection.fetch("SELECT code, name_fa, name_en, sensitive, sealed FROM programme ORDER BY code")
    of = {each.programme: each for each in await _in_force(connection, None)}
    return ProgrammeList(items=[ProgrammeRead(**row, protocol=of.get(row["code"])) for row in rows])


async def read_programme(connection: asyncpg.Connection, code: str) -> ProgrammeRead:
    """Raises NotFound."""
    row = await connection.fetchrow(
        "SELECT code, name_fa, name_en, sensitive, sealed FROM programme WHERE code = $1", code
    )
    if row is None:
        raise NotFound
    return ProgrammeRead(**row, protocol=next(iter(await _in_force(connection, code)), None))


async def _in_force(connection: asyncpg.Connection, code: str | None) -> list[ProtocolRead]:
    in_force = _IN_FORCE.format(programme="p.programme_code", day="$1")
    rows = await connection.fetch(
        f"{_PROTOCOL} WHERE p.id = {in_force} AND ($2::text IS NULL OR p.programme_code = $2)", today(), code
    )
    return [ProtocolRead(**row) for row in rows]


async def list_protocols(query: Query, code: str, filters: ProtocolFilters) -> Page[ProtocolRead]:
    """The latest first. Raises NotFound when there is no such programme."""
    await read_programme(query.connection, code)
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_PROTOCOL} WHERE p.programme_code = $1 AND ($2::integer IS NULL OR p.number < $2)"
        " ORDER BY p.number DESC LIMIT $3",
        code,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: ProtocolRead(**row), key=lambda row: [row["number"]])


async def read_protocol(connection: asyncpg.Connection, code: str, number: int) -> ProtocolRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_PROTOCOL} WHERE p.programme_code = $1 AND p.number = $2", code, number)
    if row is None:
        raise NotFound
    return ProtocolRead(**row)


async def in_force(connection: asyncpg.Connection, code: str, day: date) -> ProtocolRead | None:
    """The version of a programme that holds on a day."""
    identified = _IN_FORCE.format(programme="$1", day="$2")
    row = await connection.fetchrow(f"{_PROTOCOL} WHERE p.id = {identified}", code, day)
    return None if row is None else ProtocolRead(**row)


async def deciding(
    connection: asyncpg.Connection, protocols: Sequence[tuple[UUID, datetime]]
) -> dict[UUID, decisions.Protocol]:
    """What the protocols, each as it last changed, decide by."""
    missing = {protocol_id for protocol_id, changed_at in protocols if (protocol_id, changed_at) not in _known}
    if missing:
        rows = await connection.fetch(
            "SELECT id, changed_at, stages, instruments, (SELECT json_agg(json_build_object('rule', document,"
            " 'standing', standing) ORDER BY position) FROM protocol_rule WHERE protocol_id = id) AS rules"
            " FROM protocol WHERE id = ANY($1)",
            [*missing],
        )
        if len(_known) > MOST_KNOWN:
            _known.clear()
        _known.update({(row["id"], row["changed_at"]): _deciding(row) for row in rows})
    return {protocol_id: _known[protocol_id, changed_at] for protocol_id, changed_at in protocols}


def _deciding(row: asyncpg.Record) -> decisions.Protocol:
    return decisions.Protocol(
        stages={each["code"]: decisions.Stage.model_validate(each) for each in row["stages"]},
        instruments={each["code"]: decisions.Instrument.model_validate(each) for each in row["instruments"]},
        rules=[decisions.Rule.model_validate(each["rule"]) for each in row["rules"]],
        vouched=frozenset(each["rule"]["code"] for each in row["rules"] if each["standing"] in DECIDES),
    )
