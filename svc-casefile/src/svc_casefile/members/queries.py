"""Reads of household members."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import NATION
from shared.kit.problems import NotFound
from svc_casefile.members.schemas import MemberFilters, MemberRead

MEMBER = """
    m.id, m.version, m.relation,
    CASE WHEN m.id_type IS NOT NULL THEN json_build_object('type', m.id_type, 'value', m.id_value) END AS identity,
    m.given_name, m.family_name, m.father_name, m.birth_date, m.sex, m.marital_status, m.education, m.occupation,
    m.insurance, m.illness, m.disability_type, m.disability_severity, m.guardian,
    CASE WHEN {restricted} THEN
        json_build_object('addiction', m.addiction, 'prison', m.prison, 'missing', m.missing) END AS restricted,
    m.left_on, m.left_reason
"""
"""The fields of MemberRead, by name. `{restricted}`: an expression, whether the caller may see what is restricted."""

# One file, and what hangs on it, is found by id, whatever the range: the policy alone knows who may see it, in an
# emergency too. What is restricted stays with those whose file it is.
WORKED_ON_HERE = "(f.jurisdiction >= $2 AND f.jurisdiction < $3)"
BY_ID = NATION.range

_LIST = f"""
    SELECT row_to_json(r)::text AS body, r.id FROM (
        SELECT {MEMBER.format(restricted=f"$4 AND {WORKED_ON_HERE}")}
        FROM member m JOIN case_file f ON f.id = m.case_file_id
        WHERE f.id = $1
          AND (m.left_on IS NOT NULL) = $5 AND ($6::uuid IS NULL OR m.id > $6) ORDER BY m.id LIMIT $7) r
"""
_ONE = f"""
    SELECT row_to_json(r)::text FROM (
        SELECT {MEMBER.format(restricted=f"$4 AND {WORKED_ON_HERE}")}
        FROM member m JOIN case_file f ON f.id = m.case_file_id
        WHERE f.id = $1 AND m.id = $5) r
"""


async def members_of(query: Query, case_file_id: UUID, *, filters: MemberFilters, restricted: bool) -> Page[MemberRead]:
    """Raises NotFound when the file is not to be seen."""
    known = await query.fetchval("SELECT true FROM case_file WHERE id = $1", case_file_id)
    if known is None:
        raise NotFound
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(
        _LIST, case_file_id, *query.scope_range, restricted, filters.former, after, filters.limit + 1
    )
    return query.page(filters, rows, make=_read, key=lambda row: [str(row["id"])])


async def member(
    connection: asyncpg.Connection, case_file_id: UUID, member_id: UUID, *, scope: tuple[str, str], restricted: bool
) -> MemberRead:
    """Raises NotFound when there is no such member, or its file is not to be seen."""
    body = await connection.fetchval(_ONE, case_file_id, *scope, restricted, member_id)
    if body is None:
        raise NotFound
    return MemberRead.model_validate_json(body)


def _read(row: asyncpg.Record) -> MemberRead:
    return MemberRead.model_validate_json(row["body"])
