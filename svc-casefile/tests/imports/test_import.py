"""Files of other systems become case files: each line once, and each bad line with its reason."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from casefile_samples import CENTER, SUSPENDED_CENTER, Json, code_of, household, opened, person
from import_samples import IMPORT, counts, errors_of, files_of, finished, ndjson, sent, taken_in

from shared.testing.plugin import ClientAs, Running


async def test_lines_become_waiting_files_of_their_county(province: httpx.AsyncClient) -> None:
    line = household(
        person("head", given_name="علي", family_name="كريمي"),
        person(),
        jurisdiction="2901",
        legacy_number="A-17",
        opened_on="2019-03-21",
        address="خیابان معلم",
        latitude=32.87,
        longitude=59.22,
        pensioner=True,
        income_sources=["pension"],
    )

    job = await taken_in(province, line, household(jurisdiction="2902"))

    assert counts(job) == (2, 2, 0, 0)
    assert (job["status"], job["progress"], job["source"]) == ("done", 1.0, "armaghan")
    first, second = await files_of(province)
    assert [first["jurisdiction"], second["jurisdiction"]] == ["2901", "2902"]
    assert first["status"] == "waiting"
    file = (await province.get(f"/v1/case-files/{first['id']}")).json()
    assert (file["legacy_source"], file["legacy_number"]) == ("armaghan", "A-17")
    assert (file["opened_on"], file["pensioner"], file["latitude"]) == ("2019-03-21", True, 32.87)
    assert [member["family_name"] for member in file["members"]] == ["کریمی", "احمدی"]
    assert file["created_by"] == "province-officer@29"


async def test_an_imported_file_is_the_file_that_posting_it_opens(
    province: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    """One schema and one set of rules: what a line leaves behind differs in nothing but ids, times and who sent it."""
    everything = {
        "address": "خیابان معلم", "postal_code": "9717853577", "latitude": 32.87, "longitude": 59.22, "accuracy_m": 12,
        "area_class": "urban", "tenure": "rented", "residence_since": "2015-01-01", "mobile": "09151234567",
        "landline": "05632224455", "decile": 2, "insurance": "health", "coverage_reason": "elderly",
        "payer_category": "pensioner", "pensioner": True, "income_sources": ["pension"], "legacy_source": "armaghan",
        "support_bodies": ["charity"], "opened_on": "2019-03-21", "jurisdiction": "2901",
    }  # fmt: skip

    def without_what_differs(file: Json) -> Json:
        names = {"id", "number", "created_at", "updated_at", "status_since", "created_by", "updated_by"}
        members = [{**member, "id": None, "identity": None} for member in file["members"]]
        return {name: value for name, value in file.items() if name not in names} | {
            "members": members,
            "legacy_number": None,
        }

    posted = await opened(county, person("head"), person(), **everything, legacy_number="1")
    await taken_in(province, household(person("head"), person(), **everything, legacy_number="2"))

    (imported,) = [file for file in await files_of(county) if file["id"] != posted["id"]]
    imported = (await county.get(f"/v1/case-files/{imported['id']}")).json()
    assert without_what_differs(imported) == without_what_differs(posted)
    history = (await county.get(f"/v1/case-files/{imported['id']}/history")).json()["items"]
    assert [(entry["action"], entry["actor"]) for entry in history] == [("opened", "province-officer@29")]


async def test_every_file_is_announced_where_it_is(running: Running, province: httpx.AsyncClient) -> None:
    await taken_in(province, household(person("head"), person(), jurisdiction="2901"), household(jurisdiction="2902"))

    first, second = await running.events(type="pl.casefile.case-file.opened.v1", count=2)

    assert (first.address[-7:], second.address[-7:]) == ("29.01.-", "29.02.-")
    assert first.data["member_count"] == 2
    assert first.actor == "province-officer@29"
    assert {"given_name", "family_name", "identity"} & first.data["members"][0].keys() == set()


async def test_a_file_can_go_straight_to_an_open_center(province: httpx.AsyncClient) -> None:
    job = await taken_in(
        province,
        household(jurisdiction=CENTER),
        household(jurisdiction=SUSPENDED_CENTER),
        household(jurisdiction="2901999"),
    )

    assert counts(job) == (3, 1, 0, 2)
    assert [file["status"] for file in await files_of(province)] == ["active"]
    assert await errors_of(province, job) == [
        (2, "/jurisdiction", "center-not-open"),
        (3, "/jurisdiction", "center-not-open"),
    ]


async def test_the_same_file_sent_again_creates_nothing(running: Running, province: httpx.AsyncClient) -> None:
    lines = [
        household(jurisdiction="2901", legacy_number="1"),
        household(person("head"), person(), jurisdiction="2902"),
    ]
    await taken_in(province, *lines)

    again = await taken_in(province, *lines)
    reordered = await taken_in(province, *[dict(reversed(line.items())) for line in reversed(lines)])

    assert counts(again) == counts(reordered) == (2, 0, 2, 0)
    assert len(await files_of(province)) == 2
    with pytest.raises(AssertionError, match="2 came"):
        await running.events(type="pl.casefile.case-file.opened.v1", count=3, seconds=0.3)


async def test_one_line_twice_in_a_file_counts_once(province: httpx.AsyncClient) -> None:
    line = household(jurisdiction="2901")

    job = await taken_in(province, line, line, line)

    assert counts(job) == (3, 1, 2, 0)


async def test_a_line_that_says_something_else_of_a_known_file_is_refused(province: httpx.AsyncClient) -> None:
    known = household(jurisdiction="2901", legacy_number="7")
    await taken_in(province, known)

    job = await taken_in(province, known | {"tenure": "owned"}, household(jurisdiction="2901", legacy_number="7"))

    assert counts(job) == (2, 0, 0, 2)
    assert await errors_of(province, job) == [
        (1, "/members/0/identity", "person-already-in-case-file"),
        (2, "/legacy_number", "legacy-reference-taken"),
    ]


async def test_numbers_are_unique_per_source_and_province(province: httpx.AsyncClient, client_as: ClientAs) -> None:
    def line(place: str) -> Json:
        return household(jurisdiction=place, legacy_number="1")

    elsewhere = await client_as("province-officer", "30")

    assert counts(await taken_in(province, line("2901"))) == (1, 1, 0, 0)
    assert counts(await taken_in(province, line("2901"), source="paper")) == (1, 1, 0, 0)
    assert counts(await taken_in(elsewhere, line("3001"))) == (1, 1, 0, 0)


GOOD = {"jurisdiction": "2901"}


@pytest.mark.parametrize(
    ("line", "pointer", "code"),
    [
        pytest.param(b'{"jurisdiction": "2901", "members": [', "", "malformed-line", id="broken JSON"),
        pytest.param(b"[1, 2]", "", "model-type", id="not an object"),
        pytest.param(b'{"address": "\xff\xfe"}', "", "line-not-utf-8", id="not UTF-8"),
        pytest.param(b'{"address": "a\0b"}', "", "malformed-line", id="NUL"),
        pytest.param(b'{"address": "\\ud800"}', "", "malformed-line", id="half a surrogate"),
        pytest.param(b'{"address": "' + b"x" * 70_000 + b'"}', "", "line-too-long", id="too long"),
        pytest.param(b"1e999999999", "", "model-type", id="a number"),
        pytest.param(b"[" * 5000, "", "malformed-line", id="deep"),
        pytest.param(household(**GOOD, colour="blue"), "/colour", "extra-forbidden", id="unknown field"),
        pytest.param(
            household(person("head", identity={"type": "national", "value": "0499370898"}), **GOOD),
            "/members/0/identity/value", "national-id", id="checksum",
        ),
        pytest.param(household(person("child"), **GOOD), "/members", "exactly-one-head", id="no head"),
        pytest.param(household(person("head"), person("boss"), **GOOD), "/members/1/relation", "enum", id="relation"),
        pytest.param(household(jurisdiction="3001"), "/jurisdiction", "scope-forbidden", id="another province"),
        pytest.param(household(jurisdiction="29"), "/jurisdiction", "not-a-place-for-files", id="a province"),
        pytest.param(household(), "/jurisdiction", "not-a-place-for-files", id="no place"),
        pytest.param(household(jurisdiction="2901", status="active"), "/status", "active-only-at-center", id="active"),
        pytest.param(household(**GOOD, legacy_source="x"), "", "half-a-legacy-reference", id="half a reference"),
        pytest.param(household(**GOOD, latitude=32.8), "", "half-a-map-point", id="half a point"),
        pytest.param(household(**GOOD, opened_on="2999-01-01"), "/opened_on", "date-in-the-future", id="future"),
    ],
)  # fmt: skip
async def test_a_bad_line_is_reported_and_good_ones_land(
    province: httpx.AsyncClient, line: Json | bytes, pointer: str, code: str
) -> None:
    job = await taken_in(province, household(**GOOD), line, household(**GOOD))

    assert counts(job) == (3, 2, 0, 1)
    assert (2, pointer, code) in await errors_of(province, job)
    page = (await province.get(f"/v1/imports/{job['id']}/errors")).json()
    assert all(error["message"]["fa"] and error["message"]["en"] for error in page["items"])


async def test_errors_do_not_repeat_what_was_sent(province: httpx.AsyncClient) -> None:
    secret = household(**GOOD, address="x" * 3000) | {"tenure": "palace", "a family secret": 1}

    job = await taken_in(province, secret)

    report = (await province.get(f"/v1/imports/{job['id']}/errors")).text
    assert job["refused"] == 1
    assert "palace" not in report
    assert "xxx" not in report
    assert "secret" not in report


async def test_a_person_is_in_one_file_of_an_import(province: httpx.AsyncClient) -> None:
    shared = person()
    lines = [
        household(person("head"), shared, **GOOD),
        household(person("head"), person(), shared, **GOOD),
        household(**GOOD),
    ]

    job = await taken_in(province, *lines)

    assert counts(job) == (3, 2, 0, 1)
    assert await errors_of(province, job) == [(2, "/members/2/identity", "person-in-earlier-line")]


async def test_a_line_after_a_refused_one_may_have_its_person(province: httpx.AsyncClient) -> None:
    taken, shared = person("head"), person()
    await taken_in(province, household(taken, **GOOD))

    job = await taken_in(province, household(taken, shared, **GOOD), household(person("head"), shared, **GOOD))

    assert await errors_of(province, job) == [(1, "/members/0/identity", "person-already-in-case-file")]
    assert counts(job) == (2, 1, 0, 1)


async def test_a_person_in_a_file_out_of_sight_is_refused_without_a_word_about_it(
    province: httpx.AsyncClient, client_as: ClientAs
) -> None:
    elsewhere = await client_as("province-officer", "30")
    abroad, here = person("head"), person("head")
    await taken_in(elsewhere, household(abroad, jurisdiction="3001"))
    await taken_in(province, household(here, jurisdiction="2902"))
    (visible,) = await files_of(province)

    job = await taken_in(province, household(abroad, **GOOD), household(here, **GOOD))

    first, second = (await province.get(f"/v1/imports/{job['id']}/errors")).json()["items"]
    assert first["code"] == second["code"] == "person-already-in-case-file"
    assert first["message"] == second["message"]
    assert first["case_file_id"] is None
    assert second["case_file_id"] == visible["id"]


async def test_temporary_ids_of_two_centers_may_be_alike(province: httpx.AsyncClient) -> None:
    def line() -> Json:
        return household(
            person("head", identity={"type": "temporary", "value": "2901-1"}), **GOOD, decile=next(deciles)
        )

    deciles = iter(range(1, 11))

    assert counts(await taken_in(province, line(), line())) == (2, 2, 0, 0)


async def test_blank_lines_crlf_a_bom_and_a_missing_last_line_feed_are_all_right(province: httpx.AsyncClient) -> None:
    first, second, bad = (json.dumps(household(**GOOD)).encode() for _ in range(3))
    body = b"\xef\xbb\xbf" + first + b"\r\n\r\n\n" + second + b"\n   \n" + bad[:-1]

    job = await finished(province, await sent(province, body))

    assert counts(job) == (3, 2, 0, 1)
    assert await errors_of(province, job) == [(6, "", "malformed-line")]


async def test_an_empty_file_is_done_at_once(province: httpx.AsyncClient) -> None:
    job = await finished(province, await sent(province, b""))

    assert (job["status"], counts(job), job["progress"]) == ("done", (0, 0, 0, 0), 1.0)


async def test_lines_of_any_length_keep_their_numbers(province: httpx.AsyncClient) -> None:
    """A line longer than a chunk, in the middle of a stream that arrives in odd pieces."""
    lines = [household(**GOOD) for _ in range(3)]
    body = ndjson(lines[0], b"x" * 2_000_000, lines[1], b"{}", lines[2])

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 77_777):
            yield body[start : start + 77_777]

    job = await finished(province, await sent(province, pieces()))

    assert counts(job) == (5, 3, 0, 2)
    assert {(line, code) for line, _, code in await errors_of(province, job)} == {(2, "line-too-long"), (4, "missing")}


async def test_errors_come_in_pages(province: httpx.AsyncClient) -> None:
    job = await taken_in(province, *[b"{"] * 7)
    seen, address = [], f"/v1/imports/{job['id']}/errors?limit=3"
    while address:
        page = await province.get(address)
        seen += [error["line"] for error in page.json()["items"]]
        address = page.links.get("next", {}).get("url")

    assert seen == [1, 2, 3, 4, 5, 6, 7]


async def test_the_same_key_is_the_same_import(province: httpx.AsyncClient, client_as: ClientAs) -> None:
    body = ndjson(household(**GOOD))
    first = await sent(province, body, **{"Idempotency-Key": "k1"})
    await finished(province, first)

    again = await sent(province, ndjson(household(**GOOD)), **{"Idempotency-Key": "k1"})
    somebody_else = await client_as("province-officer", "29", subject="somebody-else")
    theirs = await sent(somebody_else, body, **{"Idempotency-Key": "k1"})

    assert again.json()["id"] == first.json()["id"]
    assert theirs.json()["id"] != first.json()["id"]
    assert len(await files_of(province)) == 1
    assert code_of(await sent(province, body, source="other", **{"Idempotency-Key": "k1"})) == (
        422,
        "idempotency-key-reused",
    )


@pytest.mark.parametrize("content_type", ["application/json", "text/csv", "", "multipart/form-data; boundary=x"])
async def test_only_ndjson_is_taken(province: httpx.AsyncClient, content_type: str) -> None:
    answer = await sent(province, ndjson(household(**GOOD)), **{"Content-Type": content_type})

    assert code_of(answer) == (415, "unsupported-media-type")
    assert (await province.get("/v1/imports")).json()["items"] == []


@pytest.mark.parametrize("query", ["", "?source=", "?source=a%20b", "?source=a&sauce=b", f"?source={'a' * 65}"])
async def test_a_source_is_named_properly(province: httpx.AsyncClient, query: str) -> None:
    answer = await province.post(IMPORT + query, content=b"", headers={"Content-Type": "application/x-ndjson"})

    assert answer.status_code == 422
