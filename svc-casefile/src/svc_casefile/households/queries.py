"""Reads of case files: SQL that passes the scope's range beside the policy, so that an index bounds every one."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from math import floor
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from shared.kit.text import search_key
from svc_casefile.households.schemas import (
    CaseFileCounts,
    CaseFileFilters,
    CaseFileHit,
    CaseFileRead,
    CaseFileSearch,
    CaseFileSort,
    CaseFileStatus,
    CaseFileSummary,
    ExportFilters,
    HistoryEntry,
    HistoryFilters,
    SearchResult,
    StatusCount,
)
from svc_casefile.members.queries import MEMBER, WORKED_ON_HERE
from svc_casefile.members.schemas import Restricted
from svc_casefile.names import trigram_bits, trigrams


def utc(column: str) -> str:
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


FILE = f"""
    f.id, f.number, f.version, f.status, f.status_reason, {utc("f.status_since")} AS status_since, f.jurisdiction,
    f.member_count, f.address, f.postal_code, f.latitude, f.longitude, f.accuracy_m, f.area_class, f.tenure,
    f.residence_since, f.mobile, f.landline, f.income_sources, f.decile, f.insurance, f.support_bodies,
    f.coverage_reason, f.pensioner, f.payer_category, f.opened_on, f.closed_on, f.assigned_worker, f.legacy_source,
    f.legacy_number, {utc("f.created_at")} AS created_at, f.created_by, {utc("f.updated_at")} AS updated_at,
    f.updated_by
"""
"""The fields of CaseFileRead but `members`, of a `case_file f`."""
_MEMBERS = """
    (SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.relation <> 'head', r.id), '[]')
     FROM (SELECT {member} FROM member m WHERE m.case_file_id = f.id AND m.left_on IS NULL) r) AS members
"""
_READ = f"""
    SELECT r.version, row_to_json(r)::text AS body FROM (
        SELECT {FILE}, {_MEMBERS.format(member=MEMBER.format(restricted=f"$4 AND {WORKED_ON_HERE}"))}
        FROM case_file f WHERE f.id = $1) r
"""

_HEAD = "json_build_object('id', h.id, 'given_name', h.given_name, 'family_name', h.family_name)"
_SUMMARY = f"""
    f.id, f.number, f.version, f.status, f.status_since, f.jurisdiction, f.member_count, f.area_class, f.pensioner,
    f.payer_category, f.assigned_worker, f.opened_on,
    (SELECT {_HEAD} FROM member h WHERE h.case_file_id = f.id AND h.relation = 'head' AND h.left_on IS NULL) AS head
"""

# The first lines of each place, by an index of that place's own, and then the first of those: what a page costs
# depends on the places that the scope covers, never on how many files the rest of the country has.
_LIST = f"""
    WITH RECURSIVE place (code) AS (
        (SELECT jurisdiction FROM case_file WHERE jurisdiction >= $1 AND jurisdiction < $2 ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT jurisdiction FROM case_file WHERE jurisdiction > place.code AND jurisdiction < $2
                ORDER BY 1 LIMIT 1)
        FROM place WHERE place.code IS NOT NULL
    )
    SELECT row_to_json(s)::text AS body, s.number, s.opened_on, s.id FROM (
        SELECT {_SUMMARY} FROM place CROSS JOIN LATERAL (
            SELECT * FROM case_file f WHERE {{where}} ORDER BY {{order}} LIMIT {{limit}}
        ) f
        ORDER BY {{order}} LIMIT {{limit}}
    ) s
"""

_FILES_FOUND = f"""
    SELECT row_to_json(s)::text AS body FROM (
        SELECT {_SUMMARY}, NULL::json AS matched FROM case_file f WHERE {{of_file}} ORDER BY f.number LIMIT {{limit}}
    ) s
"""
# the likeliest person of each file, the likeliest of those, and only then the files themselves
_PERSONS_FOUND = f"""
    SELECT row_to_json(s)::text AS body FROM (
        SELECT {_SUMMARY}, {_HEAD} AS matched
        FROM (
            SELECT * FROM (
                SELECT DISTINCT ON (m.case_file_id) m.case_file_id, m.id, {{likeness}} AS likeness
                FROM member m WHERE {{of_person}} ORDER BY m.case_file_id, likeness DESC, m.id
            ) of_each ORDER BY likeness DESC, case_file_id LIMIT {{limit}}
        ) found
        JOIN case_file f ON f.id = found.case_file_id AND f.jurisdiction >= $1 AND f.jurisdiction < $2
        JOIN member h ON h.id = found.id AND h.jurisdiction >= $1 AND h.jurisdiction < $2
        ORDER BY found.likeness DESC, found.case_file_id
    ) s
"""
LIKE = 0.6
"""pg_trgm.word_similarity_threshold, as PostgreSQL has it unless told otherwise."""

_ORDERS = {
    CaseFileSort.NUMBER: ("f.number", ">", "f.number"),
    CaseFileSort.NUMBER_DESCENDING: ("f.number", "<", "f.number DESC"),
    CaseFileSort.OPENED: ("(f.opened_on, f.id)", ">", "f.opened_on, f.id"),
    CaseFileSort.OPENED_DESCENDING: ("(f.opened_on, f.id)", "<", "f.opened_on DESC, f.id DESC"),
}


async def body_of(
    connection: asyncpg.Connection, case_file_id: UUID, *, scope: tuple[str, str], restricted: bool
) -> tuple[int, str]:
    """The version of a file and its representation (a CaseFileRead as JSON), file and members in one round trip.

    `restricted`: whether the caller may see what is restricted. Raises NotFound when the file is not to be seen.
    """
    row = await connection.fetchrow(_READ, case_file_id, *scope, restricted)
    if row is None:
        raise NotFound
    return row["version"], row["body"]


async def case_file(
    connection: asyncpg.Connection, case_file_id: UUID, *, scope: tuple[str, str], restricted: bool
) -> CaseFileRead:
    _, body = await body_of(connection, case_file_id, scope=scope, restricted=restricted)
    return CaseFileRead.model_validate_json(body)


async def case_files(
    connection: asyncpg.Connection, case_file_ids: Sequence[UUID], *, scope: tuple[str, str]
) -> list[CaseFileRead]:
    """Those of the files that are in the scope, without what is restricted."""
    members = _MEMBERS.format(member=MEMBER.format(restricted="false"))
    rows = await connection.fetch(
        f"SELECT row_to_json(r)::text AS body FROM (SELECT {FILE}, {members} FROM case_file f"
        " WHERE f.id = ANY($1) AND f.jurisdiction >= $2 AND f.jurisdiction < $3) r",
        [*case_file_ids],
        *scope,
    )
    return [CaseFileRead.model_validate_json(row["body"]) for row in rows]


class _Where:
    """Conditions that hold together, with their arguments; the first two are the range of a place."""

    def __init__(self, within: Jurisdiction, *conditions: str) -> None:
        self.arguments: list[object] = [*within.range]
        self._conditions = [*conditions]

    def also(self, condition: str, *values: object) -> None:
        """Add a condition; `{}` stands for each of its values."""
        places = [f"${len(self.arguments) + place}" for place in range(1, len(values) + 1)]
        self.arguments += values
        self._conditions.append(condition.format(*places))

    def __str__(self) -> str:
        return " AND ".join(self._conditions)


def _narrowed(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    if wished is None:
        return query.scope
    if not query.scope.covers(wished):
        raise ScopeForbidden
    return wished


def _filtered(query: Query, filters: CaseFileFilters | ExportFilters, *conditions: str) -> _Where:
    where = _Where(_narrowed(query, filters.jurisdiction), *conditions)
    for condition, value in (
        ("f.status = {}", filters.status),
        ("f.payer_category = {}", filters.payer_category),
        ("f.assigned_worker = {}", filters.assigned_worker),
        ("f.pensioner = {}", filters.pensioner),
        ("f.opened_on >= {}", filters.opened_from),
        ("f.opened_on <= {}", filters.opened_to),
    ):
        if value is not None:
            where.also(condition, value)
    return where


async def list_files(query: Query, filters: CaseFileFilters) -> Page[CaseFileSummary]:
    """Raises ScopeForbidden for a place outside the scope."""
    where = _filtered(query, filters, "f.jurisdiction = place.code")
    key, beyond, order = _ORDERS[filters.sort]
    position = query.position(filters)
    if position is not None and filters.sort.endswith("number"):
        where.also(f"{key} {beyond} {{}}", position[0])
    elif position is not None:
        where.also(f"{key} {beyond} ({{}}, {{}})", date.fromisoformat(position[0]), position[1])
    rows = await query.fetch(
        _LIST.format(where=where, order=order, limit=filters.limit + 1),
        *where.arguments,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: CaseFileSummary.model_validate_json(row["body"]),
        key=lambda row: [row["number"]] if filters.sort.endswith("number") else [row["opened_on"], row["id"]],
    )


async def search(query: Query, wanted: CaseFileSearch) -> SearchResult:
    """The likeliest first. What is said of a person holds of one member, who is told as `matched`."""
    of_file = _Where(query.scope, "f.jurisdiction >= $1", "f.jurisdiction < $2")
    if wanted.number is not None:
        of_file.also("f.number = {}", wanted.number)
    if wanted.phone is not None:
        of_file.also("(f.mobile = {0} OR f.landline = {0})", wanted.phone)
    if (wanted.name or wanted.national_id or wanted.identity) is None:
        sql = _FILES_FOUND.format(of_file=of_file, limit=wanted.limit + 1)
    else:
        of_person = _Where(query.scope, "m.jurisdiction >= $1", "m.jurisdiction < $2", "m.left_on IS NULL")
        of_person.arguments = of_file.arguments  # one statement, one list
        if wanted.number is not None or wanted.phone is not None:
            of_person.also(f"m.case_file_id IN (SELECT f.id FROM case_file f WHERE {of_file})")
        likeness = "1" if wanted.name is None else _like(of_person, search_key(wanted.name))
        if wanted.national_id is not None:
            of_person.also("m.id_type = 'national' AND m.id_value = {}", wanted.national_id)
        if wanted.identity is not None:
            of_person.also("m.id_type = {} AND m.id_value = {}", wanted.identity.type, wanted.identity.value)
        sql = _PERSONS_FOUND.format(of_person=of_person, likeness=likeness, limit=wanted.limit + 1)
    rows = await query.fetch(sql, *of_file.arguments)
    hits = [CaseFileHit.model_validate_json(row["body"]) for row in rows]
    return SearchResult(items=hits[: wanted.limit], more=len(hits) > wanted.limit)


def _like(where: _Where, name: str) -> str:
    """Demand a likeness to `name` by trigrams (pg_trgm's word similarity), and give the expression of its degree.

    A name that is like it has at least `LIKE` of its trigrams; each of those it lacks clears one bit at the most.
    """
    bits, known = trigram_bits(name), len(trigrams(name))
    needed = (bits % 2**64).bit_count() - floor(known * (1 - LIKE))
    # CASE: PostgreSQL takes both tests for equally dear, and may make the dear one first
    where.also(
        "CASE WHEN bit_count((m.name_bits & {})::bit(64)) >= {} THEN {} <% m.name_search ELSE false END",
        bits,
        needed,
        name,
    )
    return f"word_similarity(${len(where.arguments)}, m.name_search)"


async def counts(query: Query, within: Jurisdiction | None) -> CaseFileCounts:
    """Raises ScopeForbidden for a place outside the scope."""
    place = _narrowed(query, within)
    rows = await query.fetch(
        "SELECT status, count(*) AS files, sum(member_count)::bigint AS persons FROM case_file"
        " WHERE jurisdiction >= $1 AND jurisdiction < $2 GROUP BY status",
        *place.range,
    )
    by_status = {row["status"]: StatusCount(files=row["files"], persons=row["persons"]) for row in rows}
    present = [count for status, count in by_status.items() if status != CaseFileStatus.CLOSED]
    return CaseFileCounts(
        jurisdiction=place,
        files=sum(count.files for count in present),
        persons=sum(count.persons for count in present),
        by_status=by_status,
    )


async def history(query: Query, case_file_id: UUID, *, filters: HistoryFilters, restricted: bool) -> Page[HistoryEntry]:
    """The latest first. Raises NotFound when the file is not to be seen."""
    position = query.position(filters)
    rows = await query.fetch(
        "SELECT h.version, h.at, h.actor, h.action, h.jurisdiction, h.member_id, h.note,"
        f" CASE WHEN $4 AND {WORKED_ON_HERE} THEN h.changes ELSE h.changes - $5::text[] END AS changes"
        " FROM case_file f JOIN case_file_history h ON h.case_file_id = f.id"
        " WHERE f.id = $1 AND h.version < $6"
        " ORDER BY h.version DESC LIMIT $7",
        case_file_id,
        *query.scope_range,
        restricted,
        [*Restricted.model_fields],
        2**31 - 1 if position is None else position[0],
        filters.limit + 1,
    )
    if not rows and position is None:
        raise NotFound  # opening a file is its first entry
    return query.page(filters, rows, make=_entry, key=lambda row: [row["version"]])


def _entry(row: asyncpg.Record) -> HistoryEntry:
    return HistoryEntry(**row)


async def stream(query: Query, filters: ExportFilters, *, restricted: bool) -> AsyncIterator[str]:
    """Every file that the filters leave, as the JSON of a CaseFileRead, of one moment and in bounded memory.

    Place by place, which is how the index has them: nothing is sorted, and the first comes at once.
    Raises ScopeForbidden for a place outside the scope.
    """
    where = _filtered(query, filters, "f.jurisdiction >= $1", "f.jurisdiction < $2")
    members = _MEMBERS.format(member=MEMBER.format(restricted="true" if restricted else "false"))
    rows = query.cursor(
        f"SELECT row_to_json(r)::text AS body FROM (SELECT {FILE}, {members} FROM case_file f WHERE {where}"
        " ORDER BY f.jurisdiction, f.number) r",
        *where.arguments,
        prefetch=200,
    )
    async for row in rows:
        yield row["body"]


async def persons_of(connection: asyncpg.Connection, case_file_ids: Sequence[UUID]) -> dict[UUID, list[asyncpg.Record]]:
    """The present members of each household, the head first, as far as events tell of them."""
    persons: dict[UUID, list[asyncpg.Record]] = {case_file_id: [] for case_file_id in case_file_ids}
    for row in await connection.fetch(
        "SELECT case_file_id, id AS member_id, relation, birth_date, sex FROM member"
        " WHERE case_file_id = ANY($1) AND left_on IS NULL ORDER BY case_file_id, relation <> 'head', id",
        list(case_file_ids),
    ):
        persons[row["case_file_id"]].append(row)
    return persons


async def everything(connection: asyncpg.Connection) -> AsyncIterator[CaseFileRead]:
    """Every file inside the scope of the transaction, closed ones too, in bounded memory."""
    members = _MEMBERS.format(member=MEMBER.format(restricted="false"))
    sql = f"SELECT row_to_json(r)::text AS body FROM (SELECT {FILE}, {members} FROM case_file f ORDER BY f.id) r"
    async for row in connection.cursor(sql, prefetch=200):
        yield CaseFileRead.model_validate_json(row["body"])


async def is_open(connection: asyncpg.Connection, center: Jurisdiction) -> bool:
    """Whether the center is known and open, as far as registry's events have told."""
    return bool(await connection.fetchval("SELECT status = 'open' FROM center WHERE code = $1", center.code))
