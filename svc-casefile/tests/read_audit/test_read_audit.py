"""Who read which personal file, from where and why."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE, Json, code_of, opened, person
from request_samples import asked, know_services
from visit_samples import recorded

from shared.chassis.actor import Actor
from shared.contracts.gateway import PersonalFileReadV1
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_casefile.read_audit import repository
from svc_casefile.read_audit.repository import about_one

NOON = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
READS = "/v1/personal-reads"


def read(resource: str, *, scope: str = CENTER, at: datetime = NOON, **fields: Any) -> PersonalFileReadV1:
    said: dict[str, Any] = {
        "audit_id": new_id(),
        "actor": "reader",
        "roles": (Role.SOCIAL_WORKER,),
        "operation": "read_case_file",
        "request_id": "r-1",
        "status": 200,
    }
    return PersonalFileReadV1(
        **said | fields, jurisdiction=Jurisdiction(scope), scope=Jurisdiction(scope), resource=resource, at=at
    )


async def keep(running: Running, *reads: PersonalFileReadV1) -> None:
    async with running.database.command(Actor.system("casefile")) as command:
        for each in reads:
            await repository.keep(command, each)


async def listed(client: httpx.AsyncClient, **filters: Any) -> list[Json]:
    answer = await client.get(READS, params=filters)
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


@pytest.fixture
async def auditor(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("auditor", "2901")


async def test_what_the_gateway_tells_is_kept_once(
    running: Running, worker: httpx.AsyncClient, auditor: httpx.AsyncClient
) -> None:
    file = await opened(worker)
    told = read(f"/v1/case-files/{file['id']}/members", purpose="پیگیری وام", operation="list_members")
    other = read(f"/v1/case-files/{file['id']}", at=NOON - timedelta(hours=1), scope="29")
    await running.publish(told, told, other)
    for _ in range(200):
        if len(items := await listed(auditor)) == 2:
            break
    first, second = items
    assert first == {
        "id": str(told.audit_id),
        "at": "2026-05-01T08:30:00Z",
        "jurisdiction": CENTER,
        "case_file_id": file["id"],
        "reader": "reader",
        "roles": ["social-worker"],
        "reader_scope": CENTER,
        "operation": "list_members",
        "resource": f"/v1/case-files/{file['id']}/members",
        "status": 200,
        "request_id": "r-1",
        "purpose": "پیگیری وام",
        "reason": None,
        "break_glass_id": None,
    }
    assert (second["reader_scope"], second["jurisdiction"], second["purpose"]) == ("29", CENTER, None)


async def test_a_read_belongs_where_the_file_was_and_a_list_where_it_was_asked(
    running: Running, worker: httpx.AsyncClient, client_as: ClientAs
) -> None:
    file = await opened(worker)
    await keep(
        running,
        read(f"/v1/case-files/{file['id']}", scope=OTHER_PROVINCE, status=404),
        read("/v1/case-files", scope=OTHER_PROVINCE, operation="list_case_files"),
        read("/v1/case-files/01900000-0000-7000-8000-000000000000", scope=OTHER_PROVINCE, status=404),
        read("/v1/case-files/not-an-id", scope=OTHER_PROVINCE, status=422),
        read("/v1/case-files:export", scope="IR"),
    )
    here, there = await client_as("auditor", "29"), await client_as("auditor", "30")
    nation = await client_as("auditor", "IR")
    assert [each["resource"] for each in await listed(here)] == [f"/v1/case-files/{file['id']}"]
    assert len(await listed(there)) == 3
    assert {each["jurisdiction"] for each in await listed(nation)} == {CENTER, OTHER_PROVINCE, "IR"}


async def test_what_hangs_on_a_file_is_about_it(
    running: Running, worker: httpx.AsyncClient, auditor: httpx.AsyncClient
) -> None:
    await know_services(running)
    file = await opened(worker, person("head"))
    visit, request = await recorded(worker, file), await asked(worker, file)
    await keep(
        running,
        read(f"/v1/visits/{visit['id']}", operation="read_visit", scope="29"),
        read(f"/v1/service-requests/{request['id']}", operation="read_service_request", scope="29"),
        read(f"/v1/visits/{new_id()}", operation="read_visit", scope="29", status=404),
    )
    kept = {(each["operation"], each["case_file_id"], each["jurisdiction"]) for each in await listed(auditor)}
    assert kept == {("read_visit", file["id"], CENTER), ("read_service_request", file["id"], CENTER)}


async def test_it_stays_where_it_was_when_the_file_moves(
    running: Running, worker: httpx.AsyncClient, client_as: ClientAs
) -> None:
    file = await opened(worker)
    address = f"/v1/case-files/{file['id']}"
    await keep(running, read(address))
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            "UPDATE case_file SET jurisdiction = $1 WHERE id = $2", OTHER_COUNTY, UUID(file["id"])
        )
    await keep(running, read(address, at=NOON + timedelta(days=1)))
    before, after = await client_as("auditor", "2901"), await client_as("auditor", OTHER_COUNTY[:4])
    assert [each["at"] for each in await listed(before)] == ["2026-05-01T08:30:00Z"]
    assert [each["at"] for each in await listed(after)] == ["2026-05-02T08:30:00Z"]
    province = await client_as("auditor", "29")
    assert len(await listed(province, case_file_id=file["id"])) == 2


async def test_filters(running: Running, worker: httpx.AsyncClient, neighbour: httpx.AsyncClient,
                       auditor: httpx.AsyncClient) -> None:  # fmt: skip
    mine, theirs = await opened(worker), await opened(neighbour)
    await keep(
        running,
        read(f"/v1/case-files/{mine['id']}", request_id="1"),
        read(f"/v1/case-files/{theirs['id']}", request_id="2", scope=NEIGHBOUR, at=NOON + timedelta(days=1)),
        read(f"/v1/case-files/{mine['id']}", request_id="3", scope="29", actor="officer", at=NOON + timedelta(days=2)),
        # half past midnight of the fourth in Iran is still the third in UTC
        read(f"/v1/case-files/{mine['id']}", request_id="4", at=datetime(2026, 5, 3, 21, 0, tzinfo=UTC)),
    )
    for filters, found in (
        ({}, "4321"),
        ({"case_file_id": mine["id"]}, "431"),
        ({"reader": "officer"}, "3"),
        ({"reader": "officer", "case_file_id": theirs["id"]}, ""),
        ({"jurisdiction": NEIGHBOUR}, "2"),
        ({"reader_scope": "29"}, "4321"),
        ({"reader_scope": NEIGHBOUR}, "2"),
        ({"since": "2026-05-02", "until": "2026-05-03"}, "32"),
        ({"since": "2026-05-04"}, "4"),
        ({"until": "2026-05-01", "reader": "reader"}, "1"),
    ):
        assert "".join(each["request_id"] for each in await listed(auditor, **filters)) == found, filters


async def test_pages(running: Running, worker: httpx.AsyncClient, neighbour: httpx.AsyncClient,
                     auditor: httpx.AsyncClient) -> None:  # fmt: skip
    files = [await opened(worker), await opened(neighbour)]
    await keep(
        running,
        *(read(f"/v1/case-files/{files[n % 2]['id']}", request_id=str(n), at=NOON + timedelta(minutes=n // 3))
          for n in range(20)),
    )  # fmt: skip
    whole = [each["id"] for each in await listed(auditor, limit=200)]
    for filters in ({}, {"reader": "reader"}):
        found, params = [], {"limit": 3, **filters}
        while True:
            page = (await auditor.get(READS, params=params)).json()
            found += [each["id"] for each in page["items"]]
            if page["next"] is None:
                break
            params["after"] = page["next"]
        assert found == whole


async def test_bad_questions(auditor: httpx.AsyncClient) -> None:
    for params in (
        {"case_file_id": "x"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
        {"reader": ""},
        {"jurisdiction": "29 01"},
        {"after": "x"},
        {"person": "x"},
    ):
        assert (await auditor.get(READS, params=params)).status_code == 422, params
    for place in ("IR", "29", "3001"):
        assert code_of(await auditor.get(READS, params={"jurisdiction": place})) == (403, "scope-forbidden")


async def test_an_emergency_says_why(
    running: Running, worker: httpx.AsyncClient, auditor: httpx.AsyncClient, client_as: ClientAs
) -> None:
    file = await opened(worker, person("head"))
    stranger = await client_as("social-worker", OTHER_PROVINCE, subject="stranger")
    head = file["members"][0]
    glass = (
        await stranger.post(
            "/v1/case-files:break-glass",
            json={"identity": head["identity"], "number": file["number"], "reason": "کودک بی‌هوش در درمانگاه"},
        )
    ).json()
    address, opened_at = f"/v1/case-files/{file['id']}", datetime.fromisoformat(glass["opened_at"])
    await keep(
        running,
        read(address, actor="stranger", scope=OTHER_PROVINCE, at=opened_at + timedelta(hours=1), request_id="in"),
        read(address, actor="stranger", scope=OTHER_PROVINCE, at=opened_at + timedelta(hours=4), request_id="late"),
        read(address, actor="stranger", scope=NEIGHBOUR, at=opened_at + timedelta(hours=1), request_id="elsewhere"),
        read(address, actor="colleague", scope=CENTER, at=opened_at + timedelta(hours=1), request_id="own"),
    )
    reasons = {each["request_id"]: each["reason"] for each in await listed(auditor)}
    assert reasons == {"in": "کودک بی‌هوش در درمانگاه", "late": None, "elsewhere": None, "own": None}


@pytest.mark.parametrize(
    ("resource", "about"),
    [
        ("/v1/case-files/0199D1F0-0000-7000-8000-000000000001", True),
        ("/v1/case-files/0199d1f0-0000-7000-8000-000000000001/members/0199d1f0-0000-7000-8000-000000000002", True),
        ("/v1/case-files/0199d1f0-0000-7000-8000-000000000001:close", True),
        ("/v1/case-files/0199d1f0-0000-7000-8000-000000000001x", False),
        ("/v1/case-files/0199d1f0-0000-7000-8000-00000000000", False),
        ("/v1/case-files", False),
        ("/v1/case-files:search", False),
        ("/v1/case-files/\u0660199d1f0-0000-7000-8000-000000000001", False),
        ("/v2/v1/case-files/0199d1f0-0000-7000-8000-000000000001", False),
        ("/v1/case-files/0199d1f0-0000-7000-8000-000000000001\n", False),
    ],
)
def test_which_file_a_path_is_about(resource: str, about: bool) -> None:
    one = ("case-files", UUID("0199d1f0-0000-7000-8000-000000000001"))
    assert about_one(resource) == (one if about else None)


async def test_nobody_changes_what_was_recorded(running: Running, worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    await keep(running, read(f"/v1/case-files/{file['id']}"))
    async with running.database.command(Actor.system("casefile")) as command:
        for statement in ("UPDATE personal_read SET reader = 'somebody else'", "DELETE FROM personal_read"):
            assert (await command.connection.execute(statement)).endswith(" 0")


async def test_a_page_reads_no_more_than_it_shows(
    running: Running, worker: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    """However much was read in the country, the latest of each place are found by an index."""
    from svc_casefile.read_audit import queries
    from svc_casefile.read_audit.schemas import PersonalReadFilters

    files = [await opened(client) for _ in range(10) for client in (worker, neighbour)]
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute(
            """
            INSERT INTO personal_read (id, at, jurisdiction, case_file_id, reader, roles, reader_scope, operation,
                                       resource, status, request_id)
            SELECT gen_random_uuid(), now() - make_interval(mins => n), (ARRAY['2901003', '2901001'])[1 + n % 2],
                   ($1::uuid[])[1 + n % 20], 'reader-' || n % 51, '{auditor}', '2901', 'x', 'x', 200, 'x'
              FROM generate_series(1, 40000) n
            """,
            [UUID(file["id"]) for file in files],
        )
    await running.analyse()
    actor = Actor("auditor", frozenset(), Jurisdiction("2901"))
    async with running.database.query(actor, address=READS) as query:
        for filters in (
            PersonalReadFilters(limit=20),
            PersonalReadFilters(limit=20, case_file_id=UUID(files[0]["id"])),
            PersonalReadFilters(limit=20, reader="reader-7"),
        ):
            assert await _touched(query, filters, queries) <= 2 * 21 + 3, filters


async def _touched(query: Any, filters: Any, queries: Any) -> float:
    asked: list[tuple[Any, ...]] = []
    fetch = query.fetch

    async def listening(sql: str, *arguments: object) -> Any:
        asked.append((sql, *arguments))
        return await fetch(sql, *arguments)

    query.fetch = listening
    await queries.list_reads(query, filters)
    query.fetch = fetch
    ((sql, *arguments),) = asked
    (plan,) = await query.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *arguments)

    def rows(node: Json) -> float:
        own = 0.0
        if node.get("Relation Name") == "personal_read":
            own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        return own + sum(rows(child) for child in node.get("Plans", ()))

    return rows(plan["Plan"])
