"""Reads of applications."""

from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.chassis.sealing import Seals
from shared.kit.calendar import today
from shared.kit.problems import NotFound, ScopeForbidden
from svc_licensing.applications.models import Application, Status
from svc_licensing.applications.schemas import ApplicationFilters, ApplicationRead, ApplicationSummary, Missing
from svc_licensing.completeness import Known, Lack, lacks
from svc_licensing.deadlines import queries as deadlines
from svc_licensing.inquiries import queries as inquiries
from svc_licensing.institutions import queries as institutions
from svc_licensing.requirements import queries as requirements
from svc_licensing.rules import Act, LicenceKind, Rules

OVER: Final = frozenset({Status.APPROVED, Status.REFUSED, Status.WITHDRAWN, Status.LAPSED})
UNDECIDED: Final = frozenset(Status) - OVER
BEING_GATHERED: Final = frozenset({Status.REGISTERED, Status.INCOMPLETE, Status.SUBMITTED})
"""While papers still come in."""
STEPS: Final = {
    "change": BEING_GATHERED - {Status.SUBMITTED},
    "add-document": BEING_GATHERED - {Status.SUBMITTED},
    "submit": BEING_GATHERED - {Status.SUBMITTED},
    "return": frozenset({Status.SUBMITTED}),
    "accept": frozenset({Status.SUBMITTED}),
    "state-need": frozenset({Status.ACCEPTED}),
    "open-inquiries": frozenset({Status.ACCEPTED, Status.NEEDED}),
    "send-on": frozenset({Status.INQUIRING}),
    "send-back": frozenset({Status.SENT_ON}),
    "refer": frozenset({Status.SENT_ON}),
    "review": frozenset({Status.VETTING}),
    "table": frozenset({Status.REVIEWED, Status.APPEALED}),
    "postpone": frozenset({Status.TABLED}),
    "vote": frozenset({Status.TABLED}),
    "decide": frozenset({Status.TABLED}),
    "appeal": frozenset({Status.REFUSED}),
    "withdraw": UNDECIDED,
}
"""The state machine: operation → in which statuses it is possible."""

_SUMMARY = """
    a.id, a.version, a.number, a.jurisdiction, a.licence_kind AS licence, a.act, a.clause, a.founder_id,
    a.institution_id, a.holder_name, a.center, a.status, a.status_since, a.decision, a.decided_on, a.registered_at,
    a.received_on
"""
_READ = f"""
    SELECT {_SUMMARY}, a.manager_id, a.licence_id, a.address, a.postal_code, a.activity_scope, a.field_of_work,
           a.capital_rials, a.rules_on, a.registered_by, a.remarks, a.needed, a.need_reason, a.need_stated_by,
           a.opinion, a.opinion_reason, a.session_id, a.round, a.decision_reason, a.conditions, a.appeal_grounds
      FROM application AS a WHERE a.jurisdiction >= $1 AND a.jurisdiction < $2 AND a.id = $3
"""
_DOCUMENTS = """
    SELECT code, person_id, reference, issued_on, valid_until, received_at, received_by
      FROM application_document WHERE application_id = $1 ORDER BY code, person_id
"""
_STEPS = "SELECT kind, at, actor, about FROM application_step WHERE application_id = $1 ORDER BY id"


def possible(status: str) -> list[str]:
    return [name for name, statuses in STEPS.items() if status in statuses]


async def read_application(
    connection: asyncpg.Connection, application_id: UUID, *, scope: tuple[str, str], opening: Seals | None
) -> ApplicationRead:
    """`opening`: what opens the answers of security, for who may see them. Raises NotFound."""
    row = await connection.fetchrow(_READ, *scope, application_id)
    if row is None:
        raise NotFound
    documents = await connection.fetch(_DOCUMENTS, application_id)
    missing: list[Lack] = []
    if row["status"] in BEING_GATHERED:
        rules = await _rules(connection, row["licence"], row["act"], row["clause"], row["rules_on"])
        missing = await _lacks(connection, row, rules, documents)
    return ApplicationRead(
        **row,
        possible=possible(row["status"]),
        missing=[
            Missing(code=each.code, person_id=each.person_id, message_fa=each.fa, message_en=each.en)
            for each in missing
        ],
        documents=[dict(document) for document in documents],
        inquiries=await inquiries.of_application(connection, application_id, opening=opening),
        deadlines=await deadlines.of_application(connection, application_id),
        steps=[dict(step) for step in await connection.fetch(_STEPS, application_id)],
    )


async def require(connection: asyncpg.Connection, application_id: UUID, *, scope: tuple[str, str]) -> None:
    """Raises NotFound."""
    if await connection.fetchrow(_READ, *scope, application_id) is None:
        raise NotFound


async def list_applications(query: Query, filters: ApplicationFilters) -> Page[ApplicationSummary]:
    """The latest first. Raises ScopeForbidden."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_SUMMARY} FROM application AS a WHERE a.jurisdiction >= $1 AND a.jurisdiction < $2"
        " AND ($3::text IS NULL OR a.status = $3) AND ($4::text IS NULL OR a.licence_kind = $4)"
        " AND ($5::text IS NULL OR a.act = $5) AND ($6::int IS NULL OR a.clause = $6)"
        " AND ($7::uuid IS NULL OR a.founder_id = $7) AND ($8::text IS NULL OR a.center = $8)"
        " AND ($9::uuid IS NULL OR a.session_id = $9) AND ($10::uuid IS NULL OR a.id < $10)"
        " ORDER BY a.id DESC LIMIT $11",
        *place.range,
        filters.status,
        filters.licence,
        filters.act,
        filters.clause,
        filters.founder_id,
        None if filters.center is None else filters.center.code,
        filters.session_id,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: ApplicationSummary(**row), key=lambda row: [str(row["id"])])


async def rules_of(connection: asyncpg.Connection, application: Application) -> Rules:
    """Those that were in force on the day on which it was registered."""
    return await _rules(connection, application.licence_kind, application.act, application.clause, application.rules_on)


async def lacks_of(connection: asyncpg.Connection, application: Application, rules: Rules) -> list[Lack]:
    """What the application lacks today."""
    row = await connection.fetchrow(_READ, "", ":", application.id)
    return await _lacks(connection, row, rules, await connection.fetch(_DOCUMENTS, application.id))


async def _rules(connection: asyncpg.Connection, licence: str, act: str, clause: int, on: date) -> Rules:
    return await requirements.in_force(connection, licence=LicenceKind(licence), act=Act(act), clause=clause, on=on)


async def _lacks(
    connection: asyncpg.Connection, row: asyncpg.Record, rules: Rules, documents: list[asyncpg.Record]
) -> list[Lack]:
    on = today()
    known = Known(
        licence=LicenceKind(row["licence"]),
        act=Act(row["act"]),
        manager=row["manager_id"],
        address=row["address"],
        field_of_work=row["field_of_work"],
        capital_rials=row["capital_rials"],
    )
    papers = {
        (each["code"], each["person_id"])
        for each in documents
        if each["valid_until"] is None or each["valid_until"] >= on
    }
    people = await institutions.people_for_rules(connection, row["founder_id"])
    return lacks(known, rules, people, papers, on=on)
