"""What the contracts allow, and what they forbid, sent to the services as they really answer.

Each operation is asked with valid and with invalid data that is made from its contract, half of the time about things
that are there. It answers as its contract says: never with a 5xx, never with a status or a shape that it does not
declare, and it takes nothing that the contract forbids. The requests are the same every time; `FUZZ_EXAMPLES=500`
looks further.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any, TypeAlias

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
    NDJSON,
    NEIGHBOUR,
    PROVINCE,
    Everything,
    Things,
    know_centers,
    know_law,
    know_places,
    running,
    things,
)

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
"""For each operation: so many that are valid, and a third as many that are not, which take longer to make."""
Operation: TypeAlias = "APIOperation[Any, Any, Any, Any]"
AnyCase: TypeAlias = "Case[Any]"
SCOPES = {"registry": "IR", "licensing": PROVINCE, "casefile": COUNTY, "adoption": PROVINCE}
"""Where the caller is; what has no entry here is asked from the nation."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@schemathesis.serializer(NDJSON)
def as_lines(context: SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


class Fuzzed:
    """A service that answers, its contract as schemathesis reads it, and somebody who may do everything."""

    def __init__(self, served: Running, caller: Everything) -> None:
        self.served = served
        self.caller = caller
        self.contract = schemathesis.openapi.from_dict(deepcopy(served.service.app.openapi()))
        rejection = self.contract.config.checks.negative_data_rejection
        rejection.expected_statuses = [*rejection.expected_statuses, "412", "413"]


@pytest.fixture
async def fuzzed(each_service: Service, cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Fuzzed]:
    name = each_service.name
    async with running(each_service, cluster=cluster, key=actor_key) as served:
        if name == "casefile":
            await know_centers(served, CENTER, NEIGHBOUR)
        caller = Everything(SCOPES.get(name, "IR"), audience=name, key=actor_key)
        if name in {"screening", "adoption"}:
            await know_places(served, CENTER, screeners=[caller.subject] if name == "screening" else [])
        if name == "adoption":
            await know_law(served)
        yield Fuzzed(served, caller)


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
                there = await things(client, operation.definition.raw["operationId"], operation.path)
                await asyncio.to_thread(_explore, fuzzed, operation, there, session=session)


def _explore(fuzzed: Fuzzed, operation: Operation, there: Things, *, session: requests.Session) -> None:
    @st.composite
    def cases(draw: st.DrawFn, mode: GenerationMode) -> AnyCase:
        here = there if draw(st.booleans()) else Things({})
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
