"""Lists, search and counts: one scope, the same files, whatever way they are asked for."""

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened, person, pointers, version_of

from shared.testing.plugin import ClientAs

FILES = "/v1/case-files"


async def _all(client: httpx.AsyncClient, query: str = "") -> list[Json]:
    """Every page of a list."""
    address, found = f"{FILES}?limit=2&{query}", []
    while address:
        answer = await client.get(address)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        address = answer.links["next"]["url"] if "next" in answer.links else ""
        assert (answer.json()["next"] is None) == (not address)
    return found


@pytest.fixture
async def files(worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, county: httpx.AsyncClient) -> list[Json]:
    """Four files of CENTER, one of NEIGHBOUR, one of the county."""
    made = [
        await opened(worker, opened_on="2024-05-03", pensioner=True, payer_category="pensioner"),
        await opened(worker, opened_on="2024-05-01", assigned_worker="social-worker@2901003"),
        await opened(worker, opened_on="2024-05-01", status="draft"),
        await opened(worker, person("head"), person(), opened_on="2024-05-02", payer_category="child-support"),
        await opened(neighbour, person("head"), person(), person(), opened_on="2024-05-02", pensioner=True),
        await opened(county, opened_on="2024-05-04"),
    ]
    closing = await worker.post(
        f"{FILES}/{made[3]['id']}:close", json={"reason": "duplicate"}, headers=version_of(made[3])
    )
    made[3] = closing.json()
    return made


async def test_lists_narrow_and_agree_with_the_counts(
    files: list[Json], worker: httpx.AsyncClient, county: httpx.AsyncClient, client_as: ClientAs
) -> None:
    clients = {CENTER: worker, "2901": county, NEIGHBOUR: await client_as("center-manager", NEIGHBOUR)}
    for scope, client in clients.items():
        inside = [file for file in files if file["jurisdiction"].startswith(scope)]
        for query, kept in {
            "": inside,
            "status=active": [file for file in inside if file["status"] == "active"],
            "status=closed": [file for file in inside if file["status"] == "closed"],
            "pensioner=true": [file for file in inside if file["pensioner"]],
            "payer_category=child-support": [file for file in inside if file["payer_category"] == "child-support"],
            "assigned_worker=social-worker@2901003": [file for file in inside if file["assigned_worker"] is not None],
            "opened_from=2024-05-02&opened_to=2024-05-03": [
                file for file in inside if "2024-05-02" <= file["opened_on"] <= "2024-05-03"
            ],
            f"jurisdiction={scope}": inside,
        }.items():
            listed = await _all(client, query)
            assert [each["id"] for each in listed] == [file["id"] for file in kept], (scope, query)
        counts = (await client.get(f"{FILES}:summary")).json()
        for status in ("draft", "waiting", "active", "suspended", "closed"):
            of_status = [file for file in inside if file["status"] == status]
            assert counts["by_status"].get(status, {"files": 0, "persons": 0}) == {
                "files": len(of_status),
                "persons": sum(file["member_count"] for file in of_status),
            }
        assert counts["files"] == sum(file["status"] != "closed" for file in inside)


@pytest.mark.parametrize(
    ("sort", "key", "descending"),
    [
        ("number", ("number",), False),
        ("-number", ("number",), True),
        ("opened_on", ("opened_on", "id"), False),
        ("-opened_on", ("opened_on", "id"), True),
    ],
)
async def test_every_order_pages_without_gap_or_repetition(
    files: list[Json], county: httpx.AsyncClient, sort: str, key: tuple[str, ...], descending: bool
) -> None:
    wanted = sorted(files, key=lambda file: [file[name] for name in key], reverse=descending)
    assert [each["id"] for each in await _all(county, f"sort={sort}")] == [file["id"] for file in wanted]


async def test_a_line_of_a_list_names_the_head(files: list[Json], worker: httpx.AsyncClient) -> None:
    line = (await _all(worker))[0]
    head = files[0]["members"][0]
    assert line["head"] == {name: head[name] for name in ("id", "given_name", "family_name")}
    assert line["member_count"] == 1


async def test_a_place_outside_the_scope_is_refused_not_emptied(
    files: list[Json], worker: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    for query in (f"jurisdiction={NEIGHBOUR}", "jurisdiction=2901", "jurisdiction=IR"):
        assert code_of(await worker.get(f"{FILES}?{query}")) == (403, "scope-forbidden")
    assert code_of(await worker.get(f"{FILES}:summary?center_code={NEIGHBOUR}")) == (403, "scope-forbidden")
    narrowed = (await county.get(f"{FILES}:summary?center_code={NEIGHBOUR}")).json()
    assert (narrowed["files"], narrowed["persons"]) == (1, 3)


async def test_unknown_filters_and_values_are_refused_never_wider(files: list[Json], worker: httpx.AsyncClient) -> None:
    for query in (
        "status=open",
        "status=",
        "colour=red",
        "jurisdiction=29010",
        "pensioner=maybe",
        "opened_from=yesterday",
        "opened_from=0000-01-01",
        "limit=0",
        "limit=201",
        f"limit={10**30}",
        "sort=name",
        "after=",
        "after=bm90LWEtY3Vyc29y",
        "assigned_worker=%00",
    ):
        answer = await worker.get(f"{FILES}?{query}")
        assert answer.status_code == 422, (query, answer.text)


async def test_a_cursor_belongs_to_its_list(
    files: list[Json], worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    cursor = (await worker.get(f"{FILES}?limit=1")).json()["next"]
    assert (await worker.get(f"{FILES}?limit=3&after={cursor}")).status_code == 200
    for client, query in ((county, ""), (neighbour, ""), (worker, "&status=active"), (worker, "&sort=-number")):
        assert code_of(await client.get(f"{FILES}?limit=1{query}&after={cursor}")) == (422, "invalid-cursor")


async def _found(client: httpx.AsyncClient, **wanted: object) -> list[Json]:
    answer = await client.post(f"{FILES}:search", json=wanted)
    assert answer.status_code == 200, answer.text
    hits: list[Json] = answer.json()["items"]
    return hits


async def test_search_by_name_forgives_spelling(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head", given_name="فاطمه", family_name="کریمی‌پور", father_name="عبدالله"))
    await opened(worker, person("head", given_name="حسین", family_name="رضوانی"))
    for spelled in ("کریمی پور", "كريمي پور", "فاطمه كريمی‌پور", "کریمی", "عبدالله", "فاطمة"):
        assert [hit["id"] for hit in await _found(worker, name=spelled)] == [file["id"]], spelled
    assert await _found(worker, name="زهرا") == []


async def test_the_likeliest_comes_first_and_a_file_once(worker: httpx.AsyncClient) -> None:
    family = await opened(
        worker,
        person("head", given_name="رضا", family_name="احمدی"),
        person(given_name="سارا", family_name="احمدی"),
    )
    like = await opened(worker, person("head", given_name="رضا", family_name="احمدپور"))
    hits = await _found(worker, name="سارا احمدی")
    assert hits[0]["id"] == family["id"]
    assert hits[0]["matched"]["given_name"] == "سارا"
    assert [hit["id"] for hit in await _found(worker, name="احمدی")].count(family["id"]) == 1
    assert (await _found(worker, name="احمدپور"))[0]["id"] == like["id"]


async def test_search_by_identity_number_and_phone(worker: httpx.AsyncClient) -> None:
    file = await opened(
        worker,
        person("head"),
        person("child", identity={"type": "foreigner_unique", "value": "140012345678"}),
        mobile="09151234567",
        landline="05632224455",
    )
    await opened(worker)
    for wanted in (
        {"national_id": file["members"][0]["identity"]["value"]},
        {"identity": file["members"][0]["identity"]},
        {"identity": {"type": "foreigner_unique", "value": "۱۴۰۰۱۲۳۴۵۶۷۸"}},
        {"number": file["number"]},
        {"phone": "+98 915 123 4567"},
        {"phone": "056 3222 4455"},
        {"phone": "09151234567", "number": file["number"], "name": "احمدی"},
    ):
        assert [hit["id"] for hit in await _found(worker, **wanted)] == [file["id"]], wanted
    assert await _found(worker, identity=file["members"][0]["identity"], number="00000000") == []


async def test_what_is_said_of_a_person_holds_of_one_person(worker: httpx.AsyncClient) -> None:
    file = await opened(
        worker,
        person("head", given_name="داریوش", family_name="فرهمند"),
        person("child", given_name="نگار", family_name="فرهمند"),
    )
    head, child = (member["identity"] for member in file["members"])
    assert len(await _found(worker, name="داریوش", identity=head)) == 1
    assert await _found(worker, name="داریوش", identity=child) == []


async def test_who_has_left_is_not_found_any_more(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("child", given_name="بنفشه"))
    child = file["members"][1]
    await worker.delete(f"{FILES}/{file['id']}/members/{child['id']}?reason=married", headers=version_of(child))
    assert await _found(worker, name="بنفشه") == []
    assert await _found(worker, identity=child["identity"]) == []


async def test_search_has_a_limit_and_says_so(worker: httpx.AsyncClient) -> None:
    for _ in range(3):
        await opened(worker)
    answer = (await worker.post(f"{FILES}:search", json={"name": "احمدی", "limit": 2})).json()
    assert (len(answer["items"]), answer["more"]) == (2, True)
    answer = (await worker.post(f"{FILES}:search", json={"name": "احمدی", "limit": 3})).json()
    assert (len(answer["items"]), answer["more"]) == (3, False)


async def test_search_stays_inside_the_scope(worker: httpx.AsyncClient, neighbour: httpx.AsyncClient) -> None:
    file = await opened(neighbour, person("head", given_name="بنفشه"), mobile="09151234567")
    for wanted in (
        {"name": "بنفشه"},
        {"identity": file["members"][0]["identity"]},
        {"number": file["number"]},
        {"phone": "09151234567"},
    ):
        assert await _found(worker, **wanted) == []
        assert len(await _found(neighbour, **wanted)) == 1


async def test_a_search_for_nothing_or_nonsense_is_refused(worker: httpx.AsyncClient) -> None:
    for body, pointer in (
        ({}, ""),
        ({"limit": 5}, ""),
        ({"name": " \u200c "}, "/name"),
        ({"identity": {"type": "national", "value": "1"}}, "/identity/value"),
        ({"phone": "12345678"}, "/phone"),
        ({"national_id": "0012345678"}, "/national_id"),
        ({"number": "7"}, "/number"),
        ({"name": "احمدی", "center": "2901001"}, "/center"),
    ):
        answer = await worker.post(f"{FILES}:search", json=body)
        assert (code_of(answer), pointers(answer)) == ((422, "invalid-input"), [pointer]), body
