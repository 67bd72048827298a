"""What confidence costs: how much of reading a request is opening what is sealed of it."""

import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from statistics import median
from uuid import UUID

import asyncpg

from shared.chassis.sealing import Seals
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from svc_adoption import sealed
from svc_adoption.assessments.schemas import CheckKept
from svc_adoption.eligibility import Check
from svc_adoption.requests.schemas import TABLE, Applicant, DocumentKept, Household, Kept, ReportKept
from tests.benchmarks.load import request
from tests.benchmarks.measure import MEASURED, Contender, Row, take_turn
from tests.benchmarks.platform import Platform

CENTER, COUNTY = "2901003", "2901"
ROUNDS = 5
DOCUMENTS = 10


async def adoption(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("adoption")
    yield await _opening(platform, pool)


async def _opening(platform: Platform, pool: ProcessPoolExecutor) -> Row:
    """CPU of opening everything of a request, over CPU of the service that answers with it."""
    program = platform.programs["adoption"]
    seals = Seals.parse(platform.environment("adoption")["SEALING_KEYS"])
    request_id, kept = await _request(platform, seals)
    token = platform.actor_token("adoption", Role.ADOPTION_OFFICER, COUNTY)
    read = [request("GET", f"/v1/adoption-requests/{request_id}", headers={"Authorization": f"Bearer {token}"})]
    contender = Contender("service", program.pid or 0, program.port, read)
    await take_turn(pool, contender, seconds=1, connections=16, requests=read)
    whole, opening = [], []
    for _ in range(ROUNDS):
        whole.append((await take_turn(pool, contender, seconds=2, connections=16, requests=read)).cpu_microseconds)
        opening.append(_microseconds_of_opening(seals, kept))
    return Row(
        what=f"GET of a request with {len(kept)} sealed documents: CPU that opens them",
        baseline="CPU of the service for the whole of it",
        ratio=median(mine / all_of_it for mine, all_of_it in zip(opening, whole, strict=True)),
        wanted="≤ 0.1",
        ours=f"{median(opening):,.0f} µs",
        theirs=f"{median(whole):,.0f} µs",
    )


def _microseconds_of_opening(seals: Seals, kept: list[tuple[str, str, bytes]], *, times: int = 2_000) -> float:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {MEASURED})
    try:
        began = time.process_time()
        for _ in range(times):
            for place, key_id, document in kept:
                seals.open(document, key_id=key_id, place=place)
        return (time.process_time() - began) / times * 1e6
    finally:
        os.sched_setaffinity(0, before)


async def _request(platform: Platform, seals: Seals) -> tuple[UUID, list[tuple[str, str, bytes]]]:
    """A request with the papers, checks and reports of a usual one; and what is sealed of it: place, key, document."""
    person = Applicant.model_validate(
        {
            "identity": {"type": "national", "value": "0499370899"},
            "given_name": "فرنگیس",
            "family_name": "کیهان‌دوست",
            "father_name": "گشتاسب",
            "birth_date": "1988-04-09",
            "sex": "female",
            "religion": "islam",
            "education": "bachelor",
            "occupation": "آموزگار",
            "mobile": "09151234567",
            "under_guardianship": False,
        }
    )
    household = Household(married_on=date(2015, 5, 22), own_children=0, address="بیرجند، خیابان مدرس", housing="owned")
    report = ReportKept(made_on=date(2026, 1, 5), text="خانواده آرام و مهربان است. " * 30)
    paper = DocumentKept(number="۱۴۰۴/۱۷", issuer="ثبت احوال", issued_on=date(2025, 1, 1), note=None)
    request_id = new_id()
    # id, key and sealed document of each, by their tables
    family = Kept(applicants=[person] * 2, household=household)
    kept = [(TABLE, request_id, *sealed.seal(TABLE, request_id, family, seals=seals))]
    for table, document, count in (
        ("document", paper, DOCUMENTS),
        ("report", report, 2),
        ("assessment", CheckKept(asked_of="پزشکی قانونی", reference="۱۲"), len(Check)),
    ):
        for _ in range(count):
            row = new_id()
            kept.append((table, row, *sealed.seal(table, row, document, seals=seals)))
    connection = await asyncpg.connect(platform.database("adoption"))
    try:
        for table, row, key_id, document in kept:
            await connection.execute(_INSERTS[table], row, request_id, key_id, document, _kind(table, row, kept))
    finally:
        await connection.close()
    return request_id, [(f"{table}.sealed.{row}", key_id, document) for table, row, key_id, document in kept]


def _kind(table: str, row: UUID, kept: list[tuple[str, UUID, str, bytes]]) -> str:
    """Each check is of a kind of its own."""
    if table != "assessment":
        return "interview" if table == "report" else "job"
    rows = [each for name, each, _, _ in kept if name == table]
    return [*Check][rows.index(row)].value


_INSERTS = {
    "request": f"""
        INSERT INTO request (id, jurisdiction, version, form, category, relatives, status, status_since, registered_at,
                             registered_by, child_sex, child_from_months, child_to_months, child_health, siblings,
                             identities, key_id, sealed)
        SELECT $1, '{CENTER}', 1, 'adoption', 'childless-couple', false, 'submitted', now(), now(), 'bench', 'any', 0,
               60, 'any', 1, '{{}}', $3, $4 WHERE $2::uuid = $1 AND $5::text IS NOT NULL
    """,
    "document": """
        INSERT INTO document (id, request_id, key_id, sealed, kind, recorded_at, recorded_by)
        VALUES ($1, $2, $3, $4, $5, now(), 'bench')
    """,
    "report": """
        INSERT INTO report (id, request_id, key_id, sealed, kind, recorded_at, recorded_by)
        VALUES ($1, $2, $3, $4, $5, now(), 'bench')
    """,
    "assessment": """
        INSERT INTO assessment (id, request_id, key_id, sealed, kind, state) VALUES ($1, $2, $3, $4, $5, 'asked')
    """,
}
