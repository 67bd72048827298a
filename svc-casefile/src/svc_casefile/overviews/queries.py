"""A file at a glance, in one statement of constant cost: each part is found by an index, and none reads history."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from shared.chassis.database import Query
from shared.kit.problems import NotFound
from svc_casefile.households.queries import utc
from svc_casefile.timeline.queries import entry

OF_EACH_KIND: Final = 10
LATEST: Final = 5

DUE: Final[Mapping[str, str]] = {
    "home-visit": """
        SELECT f.visit_due_on AS due_on, NULL::uuid AS ref,
               CASE WHEN f.look_for_since IS NOT NULL THEN 'look-for' END AS state
         WHERE f.status = 'active' AND coalesce(f.visit_due_on, f.look_for_since) IS NOT NULL
    """,
    "service-request": """
        SELECT r.expected_on AS due_on, r.id AS ref, r.status AS state FROM service_request r
         WHERE r.case_file_id = f.id AND r.closed_at IS NULL
         ORDER BY r.expected_on NULLS LAST, r.id
    """,
    "help-plan-review": """
        SELECT p.review_on AS due_on, p.id AS ref, p.status AS state FROM help_plan p
         WHERE p.case_file_id = f.id AND p.status = 'agreed'
    """,
    "life-event": """
        SELECT NULL::date AS due_on, e.id AS ref, e.status AS state FROM life_event e
         WHERE e.case_file_id = f.id AND e.status = 'pending' AND e.kind NOT IN ('prison', 'missing') ORDER BY e.id
    """,
    "transfer": """
        SELECT coalesce(t.answer_due_on, t.effective_on) AS due_on, t.id AS ref, t.status AS state FROM transfer t
         WHERE t.case_file_id = f.id AND t.status IN ('requested', 'confirmed', 'accepted')
    """,
    "emergency-reading": """
        SELECT NULL::date AS due_on, g.id AS ref, 'open' AS state FROM break_glass g
         WHERE g.case_file_id = f.id AND g.expires_at > now() AND g.revoked_at IS NULL
         ORDER BY g.opened_at DESC
    """,
}
"""Kind → what of it waits to be done about file `f`, by an index that has nothing that is done."""

_DUE: Final = " UNION ALL ".join(
    f"(SELECT '{kind}' AS kind, due_on, coalesce(due_on < $2, false) AS overdue, ref, state"
    f" FROM ({each} LIMIT {OF_EACH_KIND}) waiting)"
    for kind, each in DUE.items()
)
_OVERVIEW: Final = f"""
    SELECT row_to_json(r)::text FROM (
        SELECT f.id, f.number, f.version, f.status, f.status_reason, {utc("f.status_since")} AS status_since,
               f.jurisdiction,
               (SELECT row_to_json(c) FROM (SELECT code, name_fa, name_en FROM center WHERE code = f.jurisdiction) c)
                   AS center,
               f.assigned_worker, f.address, f.latitude, f.longitude, f.mobile, f.landline, f.area_class,
               f.payer_category, f.pensioner, f.opened_on, f.closed_on, f.member_count,
               (SELECT coalesce(json_agg(row_to_json(p) ORDER BY p.relation <> 'head', p.id), '[]')
                  FROM (SELECT m.id, m.relation, m.given_name, m.family_name, m.birth_date, m.sex
                          FROM member m WHERE m.case_file_id = f.id AND m.left_on IS NULL) p) AS members,
               (SELECT coalesce(json_agg(row_to_json(d) ORDER BY d.due_on NULLS LAST, d.kind, d.ref), '[]')
                  FROM ({_DUE}) d) AS due,
               (SELECT coalesce(json_agg({entry("t")} ORDER BY t.at DESC, t.id DESC), '[]')
                  FROM (SELECT * FROM timeline_entry e WHERE e.case_file_id = f.id
                         ORDER BY e.at DESC, e.id DESC LIMIT {LATEST}) t) AS latest
          FROM case_file f WHERE f.id = $1) r
"""


async def overview(query: Query, case_file_id: UUID, *, on: date) -> str:
    """A CaseFileOverview as JSON, of what is due on a day. Raises NotFound when the file is not to be seen."""
    body: str | None = await query.fetchval(_OVERVIEW, case_file_id, on)
    if body is None:
        raise NotFound
    return body
