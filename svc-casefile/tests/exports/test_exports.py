"""Exports: the same files as the list, as a stream, safe to open in a spreadsheet."""

import csv
import io
import json

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, code_of, opened, person

from shared.testing.plugin import ClientAs
from svc_casefile.exports.service import AT_ONCE, _slots, cell, form_of

EXPORT = "/v1/case-files:export"


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


async def test_a_line_is_a_file_as_it_is_read(manager: httpx.AsyncClient, neighbour: httpx.AsyncClient) -> None:
    files = [await opened(manager, person("head"), person()), await opened(manager)]
    await opened(neighbour)
    answer = await manager.get(EXPORT)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.text.splitlines()] == files


async def test_filters_are_those_of_the_list(manager: httpx.AsyncClient) -> None:
    kept = await opened(manager, pensioner=True, opened_on="2024-01-01")
    await opened(manager, pensioner=True, opened_on="2025-01-01")
    await opened(manager)
    query = "?pensioner=true&opened_to=2024-12-31&status=active"
    lines = (await manager.get(EXPORT + query)).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [kept["id"]]
    for refused in ("?limit=5", "?status=all", "?sort=number"):
        assert (await manager.get(EXPORT + refused)).status_code == 422
    assert code_of(await manager.get(f"{EXPORT}?jurisdiction={NEIGHBOUR}")) == (403, "scope-forbidden")
    assert (await manager.get(f"{EXPORT}?status=suspended")).content == b""


async def test_a_spreadsheet_runs_nothing(manager: httpx.AsyncClient) -> None:
    file = await opened(
        manager,
        person("head", given_name="=HYPERLINK(1)", family_name="احمدی, «ثانی»"),
        person(),
        address="@SUM(A1)",
        mobile="09151234567",
        income_sources=["pension", "rent"],
    )
    answer = await manager.get(EXPORT, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert line["head_given_name"] == "'=HYPERLINK(1)"
    assert line["address"] == "'@SUM(A1)"
    assert (line["head_family_name"], line["number"]) == ("احمدی, «ثانی»", file["number"])
    assert (line["mobile"], line["member_count"]) == ("+989151234567", "2")
    assert line["income_sources"] == "pension rent"
    assert not any(value.startswith(("=", "@", "-", "\t", "\r")) for value in line.values())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1;cmd", "'+1;cmd"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("+989151234567", "+989151234567"),
        (-12.5, "-12.5"),
        (None, ""),
        (False, "false"),
        ([], ""),
        ("کوچه ۵", "کوچه ۵"),
    ],
)
def test_cells(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/x-ndjson"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/x-ndjson;q=0.1, text/*;q=0.9", "text/csv"),
        ("image/png, */*;q=0.1", "application/x-ndjson"),
    ],
)
def test_the_form_is_the_callers_choice(accept: str, form: str) -> None:
    assert form_of(accept) == form


async def test_another_form_is_not_to_be_had(manager: httpx.AsyncClient) -> None:
    for accept in ("application/pdf", "text/csv;q=0", "text/csv;q=x", ""):
        answer = await manager.get(EXPORT, headers={"Accept": accept})
        assert code_of(answer) == (406, "not-acceptable"), accept


async def test_who_only_looks_is_not_told_what_is_restricted(
    manager: httpx.AsyncClient, province: httpx.AsyncClient
) -> None:
    await opened(manager, person("head", restricted={"prison": True}))
    (mine,) = (json.loads(line) for line in (await manager.get(EXPORT)).text.splitlines())
    (theirs,) = (json.loads(line) for line in (await province.get(EXPORT)).text.splitlines())
    assert mine["members"][0]["restricted"]["prison"] is True
    assert theirs["members"][0]["restricted"] is None


async def test_no_more_exports_at_once_than_the_database_can_spare(manager: httpx.AsyncClient) -> None:
    await opened(manager)
    for _ in range(AT_ONCE):
        await _slots.acquire()
    try:
        answer = await manager.get(EXPORT)
    finally:
        for _ in range(AT_ONCE):
            _slots.release()
    assert code_of(answer) == (503, "exports-busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert (await manager.get(EXPORT)).status_code == 200
