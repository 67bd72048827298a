"""What the contracts allow, and what they forbid, sent to the services as they really answer.

Each operation is asked with valid and with invalid data that is made from its contract, half of the time about things
that are there. It answers as its contract says: never with a 5xx, never with a status or a shape that it does not
declare, and it takes nothing that the contract forbids. The requests are the same every time; `FUZZ_EXAMPLES=500`
looks further.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeAlias

import httpx
import pytest
import requests  # what schemathesis sends with
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OKPKey
from schemathesis import APIOperation, Case, GenerationMode, SerializationContext
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from shared.chassis.service import Service
from shared.testing.plugin import Cluster, Running
from tests.samples import (
    CENTER,
    COUNTY,
    OPENING_DAY,
    Everything,
    Json,
    finished_import,
    household,
    know_centers,
    running,
    version_of,
)

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
"""For each operation: so many that are valid, and a third as many that are not, which take longer to make."""
Operation: TypeAlias = "APIOperation[Any, Any, Any, Any]"
AnyCase: TypeAlias = "Case[Any]"
NDJSON = "application/x-ndjson"
SCOPES = {"registry": "IR", "casefile": COUNTY}
"""Where the caller is; what has no entry here is asked from the nation."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]

Paths = dict[str, str]


@schemathesis.serializer(NDJSON)
def as_lines(context: SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


class Fuzzed:
    """A service that answers, its contract as schemathesis reads it, and somebody who may do everything."""

    def __init__(self, served: Running, caller: Everything) -> None:
        self.served = served
        self.caller = caller
        self.contract = schemathesis.openapi.from_dict(served.service.app.openapi())
        rejection = self.contract.config.checks.negative_data_rejection
        rejection.expected_statuses = [*rejection.expected_statuses, "412", "413"]


@pytest.fixture
async def fuzzed(each_service: Service, cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Fuzzed]:
    name = each_service.name
    async with running(each_service, cluster=cluster, key=actor_key) as served:
        if name == "casefile":
            await know_centers(served, CENTER)
        yield Fuzzed(served, Everything(SCOPES.get(name, "IR"), audience=name, key=actor_key))


@pytest.mark.timeout(600)
async def test_operations_answer_as_their_contract_says(fuzzed: Fuzzed, subtests: pytest.Subtests) -> None:
    client = await fuzzed.served.client()
    client.auth = fuzzed.caller
    with requests.Session() as session:
        session.trust_env = False
        for found in fuzzed.contract.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            with subtests.test(operation.label):
                things = await _things(client, operation.definition.raw["operationId"], operation.path)
                await asyncio.to_thread(_explore, fuzzed, operation, things, session=session)


def _explore(fuzzed: Fuzzed, operation: "Operation", things: "Things", *, session: requests.Session) -> None:
    @st.composite
    def cases(draw: st.DrawFn, mode: GenerationMode) -> AnyCase:
        here = things if draw(st.booleans()) else Things({})
        case: AnyCase = draw(
            operation.as_strategy(mode, path_parameters=here.path or None, headers=here.headers or None)
        )
        return case

    for mode, examples in ((GenerationMode.POSITIVE, EXAMPLES), (GenerationMode.NEGATIVE, max(1, EXAMPLES // 3))):
        if mode == GenerationMode.NEGATIVE and _takes_anything(operation):
            continue

        @given(case=cases(mode))
        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )
        def answers(case: AnyCase) -> None:
            case.headers["Authorization"] = fuzzed.caller.header
            case.validate_response(case.call(base_url=fuzzed.served.url, session=session), checks=CHECKS)

        answers()


def _takes_anything(operation: Operation) -> bool:
    """Whether there is nothing to get wrong: neither parameter nor body, or lines that are refused one by one."""
    if any(body.media_type == NDJSON for body in operation.body):
        return True
    return not operation.definition.raw.get("parameters") and not operation.body


class Things:
    """What an operation can be about: its path parameters, and its headers with the version to be changed."""

    def __init__(self, path: Paths, version: Json | None = None) -> None:
        self.path = path
        # what the client would say of itself is no input to be varied
        self.headers = {"accept": "*/*"} | ({} if version is None else {"if-match": version_of(version)["If-Match"]})


async def _things(client: httpx.AsyncClient, operation_id: str, path: str) -> Things:
    """Make what the operation is about, in a state in which it is possible."""
    resource = path.split("/")[2].partition(":")[0]
    make: Callable[..., Any] | None = _MAKERS.get(resource)
    if make is None or "{" not in path:
        return Things({})
    things: Things = await make(client, operation_id)
    return things


async def _sent(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> Json:
    answer = await client.request(method, path, **request)
    assert answer.is_success, f"{method} {path}: {answer.text}"
    body: Json = answer.json()
    return body


async def _case_file(client: httpx.AsyncClient, operation_id: str) -> Things:
    status = {"submit_case_file": "draft", "activate_case_file": "waiting"}.get(operation_id, "active")
    file = await _sent(client, "POST", "/v1/case-files", json=household(jurisdiction=CENTER, status=status))
    if operation_id == "resume_case_file":
        path = f"/v1/case-files/{file['id']}:suspend"
        file = await _sent(client, "POST", path, json={"reason": "not-found"}, headers=version_of(file))
    member = file["members"][1]
    changed = member if operation_id in {"change_member", "remove_member"} else file
    return Things({"case_file_id": file["id"], "member_id": member["id"]}, changed)


async def _import(client: httpx.AsyncClient, operation_id: str) -> Things:
    answer = await client.post(
        "/v1/case-files:import",
        params={"source": "older"},
        content=json.dumps(household()) + "\n{",
        headers={"Content-Type": NDJSON},
    )
    job = await finished_import(client, answer)
    return Things({"import_id": job["id"]})


async def _distribution(client: httpx.AsyncClient, operation_id: str) -> Things:
    await _sent(client, "POST", "/v1/case-files", json=household(latitude=32.8, longitude=59.2))
    body = {"jurisdiction": COUNTY, "on": OPENING_DAY}
    plan = await _sent(client, "POST", "/v1/distributions", json=body)
    return Things({"distribution_id": plan["id"]}, plan)


async def _center(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {
        "county": COUNTY,
        "name_fa": "مرکز",
        "area_class": "urban",
        "licence_reference": "1399/29/1",
        "address": "بیرجند، خیابان مدرس",
        "postal_code": "9717853577",
        "latitude": 32.86,
        "longitude": 59.22,
    }
    center = await _sent(client, "POST", "/v1/centers", json=body)
    before = {
        "open_center": ["ready"],
        "suspend_center": ["ready", "open"],
        "resume_center": ["ready", "open", "suspend"],
    }
    for step in before.get(operation_id, []):
        said = {"suspend": {"reason": "تعمیر"}, "open": {}}.get(step)
        center = await _sent(client, "POST", f"/v1/centers/{center['code']}:{step}", json=said)
    return Things({"code": center["code"]}, center)


async def _posting(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {"person": operation_id, "role": "province-officer", "jurisdiction": "29"}
    posting = await _sent(client, "POST", "/v1/postings", json=body)
    return Things({"posting_id": posting["id"]}, posting)


async def _service(client: httpx.AsyncClient, operation_id: str) -> Things:
    return Things({"code": "S01"}, await _sent(client, "GET", "/v1/services/S01"))


async def _parameter(client: httpx.AsyncClient, operation_id: str) -> Things:
    parameter = (await _sent(client, "GET", "/v1/parameters"))["items"][0]
    return Things({"parameter_id": parameter["id"]}, parameter)


async def _tariff(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {
        "service_code": "S01",
        "area_class": "urban",
        "jurisdiction": "IR",
        "valid_from": OPENING_DAY,
        "amount_rials": 1_000_000,
    }
    tariff = await _sent(client, "POST", "/v1/tariffs", json=body)
    return Things({"tariff_id": tariff["id"]}, tariff)


async def _division(client: httpx.AsyncClient, operation_id: str) -> Things:
    return Things({"code": COUNTY if operation_id == "read_county" else "29"})


_MAKERS: Mapping[str, Callable[..., Any]] = {
    "case-files": _case_file,
    "imports": _import,
    "distributions": _distribution,
    "centers": _center,
    "postings": _posting,
    "services": _service,
    "parameters": _parameter,
    "tariffs": _tariff,
    "provinces": _division,
    "counties": _division,
}
