"""Whatever is sent is taken in or refused with a problem that says where; never an error of ours, never half a file."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
from casefile_samples import CENTER, code_of, household, opened, person, version_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.testing.plugin import ClientAs, Running

ANY_TEXT = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    [
        "\x00",
        "a\x00b",
        "\ud800",
        "\u202e",
        "۱۴۰۴-۰۹-۰۱",
        "9" * 400,
        "0001-01-01",
        "9999-12-31",
        "NaN",
        " ",
        "=1+1",
        "IR",
        "29",
    ]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**31, 2**63, -(2**63), 10**300, -0.0])
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
WHOLE = household(
    person("head", father_name="حسن", disability_type="vision", disability_severity="mild", restricted={}),
    person("child"),
    address="خیابان مدرس",
    postal_code="9717853577",
    latitude=32.86,
    longitude=59.21,
    accuracy_m=15,
    residence_since="2015-03-21",
    mobile="09151234567",
    income_sources=["pension"],
    decile=2,
    opened_on="2020-01-01",
    assigned_worker="social-worker@2901003",
    jurisdiction=CENTER,
    status="draft",
)


def _places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def _changed(body: Any, path: tuple[Any, ...], value: object) -> Any:
    changed = json.loads(json.dumps(body))
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


async def _sent(client: httpx.AsyncClient, method: str, address: str, body: object, **headers: str) -> httpx.Response:
    # ASCII escapes: a lone surrogate is JSON, though no UTF-8
    answer = await client.request(
        method, address, content=json.dumps(body), headers={"Content-Type": "application/json", **headers}
    )
    if answer.status_code >= 400:
        status, _ = code_of(answer)
        assert 400 <= status < 500, (body, answer.text)
    return answer


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(sorted(_places(WHOLE), key=str)), value=ANYTHING)
async def test_any_value_in_any_place(worker: httpx.AsyncClient, path: tuple[Any, ...], value: object) -> None:
    before = (await worker.get("/v1/case-files:summary")).json()["files"]
    answer = await _sent(worker, "POST", "/v1/case-files", _changed(WHOLE, path, value))
    after = (await worker.get("/v1/case-files:summary")).json()["files"]
    assert after - before == (1 if answer.status_code == 201 else 0)
    if answer.status_code == 201:
        file = answer.json()
        assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file
        # make room for the next: the same persons
        await worker.post(f"/v1/case-files/{file['id']}:close", json={"reason": "duplicate"}, headers=version_of(file))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(["name", "national_id", "identity", "number", "phone", "limit"]), value=ANYTHING)
async def test_any_search(worker: httpx.AsyncClient, name: str, value: object) -> None:
    answer = await _sent(worker, "POST", "/v1/case-files:search", {"name": "احمدی"} | {name: value})
    assert answer.status_code in {200, 422}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(["status", "jurisdiction", "assigned_worker", "opened_from", "limit", "after", "sort", "x"]),
    value=ANY_TEXT.filter(lambda text: text.isprintable() or "\x00" in text),
)
async def test_any_filter(worker: httpx.AsyncClient, name: str, value: str) -> None:
    encoded = value.encode("utf-8", "surrogatepass").decode("latin-1")
    answer = await worker.get("/v1/case-files", params={name: encoded})
    assert answer.status_code in {200, 403, 422}, answer.text


async def test_bodies_that_are_no_json(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    for content, kind, status in (
        (b"", "application/json", 422),
        (b"{", "application/json", 400),
        (b'{"members": [', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b"members=1", "application/x-www-form-urlencoded", 422),
        (b"{}", "text/plain", 422),
        (b"[" * 100_000, "application/json", 400),
        (b'{"decile": 1' + b"0" * 5000 + b"}", "application/json", 400),
    ):
        for method, address in (("POST", "/v1/case-files"), ("PATCH", f"/v1/case-files/{file['id']}")):
            answer = await worker.request(
                method, address, content=content, headers={"Content-Type": kind, **version_of(file)}
            )
            assert 400 <= code_of(answer)[0] < 500, (content[:20], answer.text)
            assert method == "PATCH" or answer.status_code == status, (content[:20], kind, answer.text)
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file


async def test_addresses_that_are_none(worker: httpx.AsyncClient) -> None:
    file = await opened(worker)
    for address, status in (
        ("/v1/case-files/1", 422),
        (f"/v1/case-files/{UUID(int=0)}", 404),
        (f"/v1/case-files/{file['id']}%00", 422),
        (f"/v1/case-files/{file['id']}/members/x", 422),
        (f"/v1/case-files/{file['id']}/nothing", 404),
        ("/v1/case-files:nothing", 404),
    ):
        assert (await worker.get(address)).status_code == status, address
    for version in ('"01"', "1", 'W/"1"', "*", '"9999999999"', '""', '"x"'):
        answer = await worker.patch(f"/v1/case-files/{file['id']}", json={"decile": 1}, headers={"If-Match": version})
        expected = {'"01"': 200}.get(version, 412)
        assert answer.status_code == expected, version


async def test_a_body_that_is_too_large(worker: httpx.AsyncClient) -> None:
    answer = await worker.post("/v1/case-files", json=household(address="x" * 2_000_000))
    assert code_of(answer) == (413, "payload-too-large")


async def test_no_answer_repeats_what_was_sent(
    worker: httpx.AsyncClient, running: Running, client_as: ClientAs
) -> None:
    secret = "1532441094"
    for body in (
        household(person("head", identity={"type": "national", "value": secret})),
        household(mobile=secret),
        household(postal_code=secret + "0"),
        {"members": secret},
        {secret: 1},
    ):
        answer = await worker.post("/v1/case-files", json=body)
        assert answer.status_code == 422
        assert secret not in answer.text.replace(f"/{secret}", "")
