"""What is wrong in a request is a documented problem in the caller's language, never an error of ours, and leaves
nothing half-written.

Uploads that break off are in `svc-casefile/tests/imports/test_cut_streams.py`, tokens of the identity provider in
`gateway/tests/test_tokens.py`, servers that die under writes in `tests/faults`.
"""

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from shared.chassis.actor import Actor, sign
from shared.chassis.openapi import PROBLEM
from shared.chassis.service import Service
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import PROBLEMS
from shared.testing.plugin import Running
from shared.testing.servers import PostgresServer
from tests.samples import (
    CENTER,
    COUNTY,
    MISSING,
    NDJSON,
    NEIGHBOUR,
    OPENING_DAY,
    OTHER_PROVINCE,
    PROVINCE,
    Json,
    family,
    home_visit,
    household,
    person,
    sent,
    things,
)

from .conftest import CallerAt

PERSIAN = re.compile("[آ-ی]")
SCOPES = {"casefile": COUNTY, "registry": "IR", "screening": COUNTY, "licensing": PROVINCE, "adoption": PROVINCE}
LISTS = {
    "casefile": "/v1/case-files",
    "registry": "/v1/postings",
    "screening": "/v1/screening-bases",
    "licensing": "/v1/institutions",
    "adoption": "/v1/adoption-requests",
}
WRONG_ID = "0499370898"
"""Its check digit should be 9."""


@pytest.fixture(params=["casefile", "registry", "screening", "licensing", "adoption"])
def served(request: pytest.FixtureRequest) -> Running:
    running: Running = request.getfixturevalue(request.param)
    return running


def refused(served: Running, method: str, template: str, answer: httpx.Response) -> str:
    """The code of a refusal, which the contract of the operation has to know."""
    said = f"{method} {template}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == PROBLEM, said
    known = served.service.app.openapi()["paths"][template][method.lower()]["responses"]
    assert 400 <= answer.status_code < 500, said
    assert str(answer.status_code) in known, said
    assert answer.json()["code"] in known[str(answer.status_code)]["content"][PROBLEM]["examples"], said
    return str(answer.json()["code"])


def _operations(served: Running) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    for path, operations in served.service.app.openapi()["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation


BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"members": [',
    "a comma too many": b'{"reason": "x",}',
    "no UTF-8": b'{"name_fa": "\xff\xfe"}',
    "UTF-16": '{"no_such_field": "x"}'.encode("utf-16"),
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"1",
    "too deep": b"[" * 100_000,
    "a number too long": b'{"decile": ' + b"9" * 5_000 + b"}",
    "an unknown field": b'{"no_such_field": "x"}',
    "half a character as a name": b'{"\\ud800": 1}',
    "nothing as a name": b'{"\\u0000": 1, "": 2}',
    "a very long name": b'{"' + b"x" * 100_000 + b'": 1}',
}


async def test_bodies_that_no_operation_takes(served: Running, caller_at: CallerAt) -> None:
    client = await caller_at(served, SCOPES[served.service.name])
    tried = 0
    for method, path, operation in _operations(served):
        if "application/json" not in operation.get("requestBody", {}).get("content", {}):
            continue
        address = re.sub(r"\{[^}]*\}", _parameter, path)
        for name, body in BODIES.items():
            headers = {"Content-Type": "application/json", "If-Match": '"1"'}
            answer = await client.request(method, address, content=body, headers=headers)
            code = refused(served, method, path, answer)
            assert code in {"malformed-body", "invalid-input"}, f"{method} {path}, {name}: {code}"
            assert len(answer.content) < 20_000, f"{method} {path} sends {name} back"
            tried += 1
        for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "x"):
            answer = await client.request(method, address, content=b"x=1", headers=headers | {"Content-Type": kind})
            refused(served, method, path, answer)
    assert tried > 100


def _parameter(match: re.Match[str]) -> str:
    return {"{code}": CENTER}.get(match.group(), MISSING)


async def test_a_body_that_is_too_large(served: Running, caller_at: CallerAt) -> None:
    client = await caller_at(served, SCOPES[served.service.name])
    limit = served.settings.max_body_bytes

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(limit // 65_536 + 2):
            yield b" " * 65_536

    for method, path, operation in _operations(served):
        if method == "GET" or "x-max-body-bytes" in operation:
            continue
        address = re.sub(r"\{[^}]*\}", _parameter, path)
        for content in (b" " * (limit + 1), endless()):
            answer = await client.request(
                method, address, content=content, headers={"Content-Type": "application/json", "If-Match": '"1"'}
            )
            takes_a_body = "requestBody" in operation
            if takes_a_body or isinstance(content, bytes):
                assert refused(served, method, path, answer) == "payload-too-large", f"{method} {path}"


PATHS = ("%00", "%ff", "%ed%a0%80", "..%2f", "x" * 5_000, "'", "٢٩٠١٠٠٣", "-1", "null", " ", MISSING + "0")


async def test_ids_that_are_none(served: Running, caller_at: CallerAt) -> None:
    client = await caller_at(served, SCOPES[served.service.name])
    for method, path, _ in _operations(served):
        if "{" not in path:
            continue
        for value in PATHS:
            answer = await client.request(method, re.sub(r"\{[^}]*\}", value, path), headers={"If-Match": '"1"'})
            if not answer.is_success:
                refused(served, method, path, answer)


HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "traceparent", "X-Request-Id", "X-Scope", "Range", "If-None-Match",
    "Content-Type", "Idempotency-Key", "Cookie", "X-Forwarded-For", "Origin",
)  # fmt: skip


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"*" * 4_000, b"a,b;q=x;;,=", "فارسی".encode(), b"00-0-0-0"])
async def test_headers_that_mean_nothing(served: Running, caller_at: CallerAt, value: bytes) -> None:
    """Answered as without them."""
    client = await caller_at(served, SCOPES[served.service.name])
    for name in HEADERS:
        answer = await client.get(LISTS[served.service.name], headers={name.encode(): value})
        assert answer.status_code == 200, name


ANY_TEXT = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(
    ["\x00", "a\x00b", "\ud800", "\u202e", "9" * 400, "0001-01-01", "9999-12-31", "24:00", "=1+1", "IR", "{0}", "²"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([2**31, -(2**63), 10**300]) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=2),
    max_leaves=4,
)
POINT = {"latitude": 32.8, "longitude": 59.2}
RING = [[59.0, 32.0], [60.0, 32.0], [60.0, 33.0], [59.0, 32.0]]
NEW_CENTER: Json = {
    "county": COUNTY,
    "name_fa": "مرکز",
    "name_en": "center",
    "area_class": "urban",
    "licence_reference": "1",
    "address": "بیرجند",
    "postal_code": "9717853577",
    "address_since": "2024-01-01",
    "service_area": {"type": "Polygon", "coordinates": [RING]},
} | POINT
DATES = {"valid_from": "2030-01-01", "valid_to": "2031-01-01"}
NEW_SERVICE: Json = {
    "code": "S50",
    "name_fa": "خدمت",
    "name_en": "service",
    "domain": "social-affairs",
    "active_from": "2024-01-01",
    "active_to": "2025-01-01",
    "source": "x",
}
REFRACTION = ("myopia", "hyperopia", "astigmatism", "anisometropia")
TEST: Json = {
    "id": MISSING,
    "stage": "first",
    "instrument": "e-chart",
    "made_at": "2026-01-01T08:00:00+03:30",
    "repeat_of": MISSING,
    "attendance": "examined",
    "result": {"shape": "eyes", "right": {"acuity": "6/10", "sphere": 0}, "left": {}, "strabismus": "seen"},
}
GOOD: Mapping[str, Mapping[str, Callable[[], Json]]] = {
    "casefile": {
        "open_case_file": lambda: household(person("head"), jurisdiction=CENTER, decile=1, address="x", **POINT),
        "search_case_files": lambda: {"name": "احمدی", "number": "00000001", "phone": "09151234567", "limit": 5},
        "change_case_file": lambda: {"address": "x", "decile": 2, "mobile": "09151234567"} | POINT,
        "suspend_case_file": lambda: {"reason": "not-found", "note": "x"},
        "close_case_file": lambda: {"reason": "duplicate", "note": "x", "closed_on": "2026-01-01"},
        "change_head_of_household": lambda: {"head": MISSING, "former_head": "parent"},
        "add_member": lambda: person(father_name="رضا", occupation="x", restricted={"prison": True}),
        "change_member": lambda: {"sex": "male", "identity": person()["identity"], "birth_date": "1990-01-01"},
        "record_visits": lambda: {"visits": [home_visit(case_file_id=MISSING, id=MISSING)]},
        "record_visit": lambda: home_visit(
            findings="x", changes={"decile": 3, "tenure": "owned"}, file_version=1, next_visit_on="2030-01-01", **POINT
        ),
        "plan_visit": lambda: {"planned_on": "2030-01-01"},
        "resolve_visit_conflict": lambda: {"file_version": 2, "take": ["decile"], "note": "x"},
        "plan_distribution": lambda: {"jurisdiction": COUNTY, "on": OPENING_DAY},
        "assign_case_files": lambda: {"worker": "x", "files": [{"id": MISSING, "version": 1}]},
        "hand_over_case_files": lambda: {"center": CENTER, "from_worker": "x", "to_worker": "y"},
        "plan_assignments": lambda: {"center": CENTER, "leaving": ["x"]},
        "request_transfer": lambda: {
            "kind": "move",
            "number": "00000001",
            "identity": person()["identity"],
            "destination": NEIGHBOUR,
            "note": "x",
        },
        "confirm_transfer": lambda: {"carry_over": True},
        "accept_transfer": lambda: {
            "center": NEIGHBOUR,
            "effective_on": "2030-01-01",
            "worker": "x",
            "payer_category": "pensioner",
        },
        "refuse_transfer": lambda: {"reason": "other", "note": "x"},
        "withdraw_transfer": lambda: {"note": "x"},
        "clear_center": lambda: {
            "center": CENTER,
            "destination": NEIGHBOUR,
            "rest": "waiting-list",
            "reason": "x",
        },
    },
    "registry": {
        "plan_center": lambda: NEW_CENTER,
        "plan_centers": lambda: {"centers": [NEW_CENTER, NEW_CENTER]},
        "open_centers": lambda: {"codes": [CENTER], "opened_on": "2024-01-01"},
        "change_center": lambda: {name: value for name, value in NEW_CENTER.items() if name != "county"},
        "open_center": lambda: {"opened_on": "2024-01-01"},
        "suspend_center": lambda: {"reason": "x"},
        "close_center": lambda: {"reason": "x"},
        "grant_posting": lambda: {"person": "x", "role": "province-officer", "jurisdiction": PROVINCE} | DATES,
        "end_posting": lambda: {"last_day": "2030-01-01"},
        "add_service": lambda: NEW_SERVICE,
        "change_service": lambda: {name: NEW_SERVICE[name] for name in ("name_fa", "domain", "active_to", "source")},
        "set_parameter": lambda: (
            {"name": "files-per-center-maximum", "jurisdiction": "IR", "value": 1, "unit": "files", "source": "x"}
            | DATES
        ),
        "correct_parameter": lambda: {"value": 1, "valid_to": "2031-01-01", "source": "x"},
        "draft_tariff": lambda: (
            {"service_code": "S01", "area_class": "urban", "jurisdiction": PROVINCE, "amount_rials": 1} | DATES
        ),
    },
    "screening": {
        "draft_screening_protocol": lambda: {
            "valid_from": "2030-01-01",
            "from_months": 36,
            "to_months": 84,
            "stages": [
                {"code": "first", "name_fa": "x", "name_en": "x", "instruments": ["chart"], "refers_to": "clinic"}
            ],
            "instruments": [{"code": "chart", "name_fa": "x", "name_en": "x", "shape": "eyes", "lines": ["5/10"]}],
            "rules": [
                {
                    "code": "below",
                    "kind": "acuity-below",
                    "stages": ["first"],
                    "from_months": 36,
                    "figures": {"numerator": 20, "denominator": 30},
                    "source": "x",
                }
            ],
            "source": "x",
        },
        "propose_screening_rule": lambda: {"figures": dict.fromkeys(REFRACTION, 100), "from_months": 36, "source": "x"},
        "plan_screening_campaign": lambda: {
            "programme": "vision",
            "jurisdiction": CENTER,
            "name_fa": "x",
            "born_from": "1398/07/01",
            "born_to": "2023-03-20",
            "opens_on": "1499/07/01",
            "closes_on": "1499/09/30",
        },
        "change_screening_campaign": lambda: {"name_fa": "x", "closes_on": "1499/09/30"},
        "open_screening_base": lambda: (
            {"center": CENTER, "name_fa": "x", "kind": "mobile", "programmes": ["vision"], "address": "x"}
            | {"opens_on": "2026-01-01", "closes_on": "2030-01-01"}
            | POINT
        ),
        "change_screening_base": lambda: {"name_fa": "x", "programmes": ["vision"], "closes_on": "2030-01-01"},
        "add_screening_device": lambda: {
            "instrument": "e-chart",
            "serial_number": "1",
            "calibrated_until": "2030-01-01",
        },
        "change_screening_device": lambda: {"withdrawn_on": "2030-01-01"},
        "permit_screener": lambda: {"person": "x", "center": CENTER, "programme": "vision", "certificate": "1"} | DATES,
        "revoke_screener_permit": lambda: {"reason": "x"},
        "register_screening_person": lambda: {
            "id": MISSING,
            "center": CENTER,
            "birth_date": "2021-01-01",
            "sex": "female",
            "identity": person()["identity"],
            "given_name": "x",
            "guardian_mobile": "09151234567",
        },
        "search_screening_people": lambda: {"identity": person()["identity"]},
        "change_screening_person": lambda: {"birth_date": "2021-01-01", "identity": person()["identity"]},
        "match_screening_person": lambda: {"same_as": MISSING},
        "record_encounter": lambda: TEST | {"person_id": MISSING, "programme": "vision", "base_id": MISSING},
        "record_encounters": lambda: {
            "encounters": [TEST | {"person_id": MISSING, "programme": "vision", "base_id": MISSING}]
        },
        "correct_encounter": lambda: TEST | {"reason": "x"},
        "add_screening_clinic": lambda: {"jurisdiction": CENTER, "kind": "optometrist", "name_fa": "x", "client": "x"},
        "change_screening_clinic": lambda: {"name_fa": "x", "client": "x", "active": True},
        "remind_of_screening_referral": lambda: {"by": "telephone"},
        "appoint_screening_referral": lambda: {"clinic_id": MISSING, "due_on": "2030-01-01"},
        "attend_screening_referral": lambda: {"attended_on": "2026-01-01"},
        "lose_screening_referral": lambda: {"reason": "unreachable"},
        "close_screening_referral": lambda: {"reason": "recovered"},
        "attend_with_slip": lambda: {"token": "7K2M-Q9XT-04BD", "clinic_id": MISSING},
        **dict.fromkeys(
            ("diagnose_screening_referral", "diagnose_clinic_referral"),
            lambda: {"diagnosis": "other", "diagnosed_on": "2026-01-01"},
        ),
        **dict.fromkeys(
            ("treat_screening_referral", "treat_clinic_referral"),
            lambda: {"treatment": "glasses", "treated_on": "2026-01-01", "next_follow_up_on": "2030-01-01"},
        ),
        **dict.fromkeys(
            ("claim_aid_for_screening_referral", "claim_aid_for_clinic_referral"),
            lambda: {"aid": "glasses", "invoice_number": "1", "invoice_rials": 1},
        ),
        **dict.fromkeys(
            ("follow_up_screening_referral", "follow_up_clinic_referral"),
            lambda: {"seen_on": "2026-01-01", "progress": "better", "next_follow_up_on": "2030-01-01"},
        ),
    },
    "licensing": {
        "register_institution": lambda: {
            "kind": "legal",
            "institution_id": "10380284790",
            "name": "x",
            "jurisdiction": CENTER,
            "people": [
                {name: value for name, value in person("x").items() if name != "relation"}
                | {"role": "ceo", "qualifications": [{"degree": "master", "field": "x"}]}
            ],
        },
        "register_licence_application": lambda: {
            "licence": "activity",
            "clause": 4,
            "founder_id": MISSING,
            "center": CENTER,
            "address": "x",
            "postal_code": "9717853577",
            "capital_rials": 1,
        },
        "add_licence_application_document": lambda: {"code": "degree", "reference": "x", "valid_until": "2030-01-01"},
        "decide_licence_application": lambda: {"decision": "refused", "reason": "x", "conditions": ["x"]},
        "call_commission_session": lambda: {
            "held_on": "1405/09/01",
            "seats": [{"person": "x", "capacity": "legal-expert"}],
        },
        "give_inquiry_evidence": lambda: {"result": "ok", "reference": "x", "note": "x", "valid_until": "2030-01-01"},
        "propose_licence_requirement": lambda: {
            "licence": "activity",
            "clause_from": 4,
            "kind": "validity",
            "code": "validity",
            "name_fa": "x",
            "name_en": "x",
            "figures": {"months": 1},
            "valid_from": "2030-01-01",
            "source": "x",
        },
    },
    "adoption": {
        "register_adoption_request": lambda: family(relatives=True),
        "change_adoption_request": lambda: {
            "category": "single-woman",
            "relatives": True,
            "applicants": [family()["applicants"][0] | {"health_declaration": "x", "occupation": "x"}],
            "household": {"placed_children": 1, "postal_code": "9717853577", "monthly_income_rials": 1, "means": "x"},
            "wishes": {"sex": "any", "from_months": 1, "to_months": 2, "health": "any", "siblings": 2},
        },
        "search_adoption_requests": lambda: {"identity": person()["identity"]},
        "record_adoption_document": lambda: {
            "kind": "job",
            "applicant": 0,
            "number": "1",
            "issuer": "x",
            "issued_on": "2026-01-01",
            "valid_until": "2030-01-01",
            "note": "x",
        },
        "record_adoption_exemption": lambda: {
            "kind": "infertility",
            "authority": "x",
            "reference": "1",
            "decided_on": "2026-01-01",
            "note": "x",
        },
        "return_adoption_request": lambda: {"missing": ["job"], "text": "x"},
        "record_adoption_interview": lambda: {"made_on": "2026-01-01", "seen": {"means": True}, "text": "x"},
        "record_adoption_order": lambda: {"made_on": "2026-01-01", "reference": "1", "text": "x"},
        "withdraw_adoption_request": lambda: {"reason": "other", "text": "x"},
        "ask_adoption_check": lambda: {"asked_of": "x"},
        "answer_adoption_check": lambda: {
            "passed": True,
            "answered_on": "2026-01-01",
            "valid_until": "2030-01-01",
            "reference": "1",
            "note": "x",
        },
        "propose_adoption_decision": lambda: {
            "outcome": "approve",
            "session_on": "2026-01-01",
            "minutes": "1",
            "reason": "x",
            "settles": {"age-gap": "x"},
        },
        "ask_for_adoption_export": lambda: {
            "purpose": "court",
            "letter": "1",
            "filters": {"status": "draft", "form": "adoption"},
        },
        "propose_adoption_requirement": lambda: {
            "form": "guardianship",
            "valid_from": "2030-01-01",
            "process": "judges-order",
            "documents": [{"kind": "job", "of": "one"}],
            "checks": ["health"],
            "source": "x",
        },
    },
}
"""For each operation that takes a body: one that is well."""


def _places(value: object, path: tuple[Any, ...] = ()) -> Iterable[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _places(each, (*path, key))


def _changed(body: Any, path: tuple[Any, ...], value: object) -> Any:
    if not path:
        return value
    changed = body.copy()
    changed[path[0]] = _changed(body[path[0]], path[1:], value)
    return changed


PLACES = [
    (service, operation, place)
    for service, bodies in GOOD.items()
    for operation, make in bodies.items()
    for place in _places(make())
]


def test_every_body_here_is_taken(services: Mapping[str, Service]) -> None:
    """Operations without a body here are tried with bodies made from their contracts (tests/contracts/test_fuzz.py)."""
    for name, service in services.items():
        takes = {
            operation["operationId"]
            for operations in service.app.openapi()["paths"].values()
            for operation in operations.values()
            if "application/json" in operation.get("requestBody", {}).get("content", {})
        }
        assert GOOD.get(name, {}).keys() <= takes


@settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)
@given(where=st.sampled_from(PLACES), value=ANYTHING)
async def test_any_value_in_any_place(
    casefile: Running,
    registry: Running,
    screening: Running,
    licensing: Running,
    adoption: Running,
    caller_at: CallerAt,
    where: tuple[str, str, tuple[Any, ...]],
    value: object,
) -> None:
    """A body that is well but for one value, which may be anything."""
    name, operation_id, place = where
    there = (casefile, registry, screening, licensing, adoption)
    (served,) = [each for each in there if each.service.name == name]
    client = await caller_at(served, SCOPES[name])
    method, path = next(
        (method, path) for method, path, operation in _operations(served) if operation["operationId"] == operation_id
    )
    about = await things(client, operation_id, path)
    answer = await client.request(
        method,
        path.format(**about.path),
        content=json.dumps(_changed(GOOD[name][operation_id](), place, value)),  # in ASCII: half a character is JSON
        headers={"Content-Type": "application/json", **about.headers},
    )
    if not answer.is_success:
        refused(served, method, path, answer)


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A request, and how it is refused."""

    method: str = "POST"
    path: str
    body: Any = None
    content: bytes | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int
    code: str
    errors: Mapping[str, str] = field(default_factory=dict)
    """JSON Pointer → code, of each field that is wrong."""
    template: str | None = None

    async def sent_by(self, client: httpx.AsyncClient, language: str, **about: str) -> httpx.Response:
        return await client.request(
            self.method,
            self.path.format(**about),
            json=self.body,
            content=self.content,
            params=self.params,
            headers={"Accept-Language": language, **self.headers},
        )


FILES, FILE = "/v1/case-files", "/v1/case-files/{case_file_id}"
TWO_WRONG = household(
    person("head", identity={"type": "national", "value": WRONG_ID}), person(sex="x"), decile=11, postal_code="1"
)
AT_CASEFILE: Mapping[str, Wrong] = {
    "malformed JSON": Wrong(
        path=FILES,
        content=b'{"members": [',
        headers={"Content-Type": "application/json"},
        status=400,
        code="malformed-body",
    ),
    "wrong types": Wrong(
        path=FILES,
        body=household(decile="many", pensioner="x", jurisdiction=2901003),
        status=422,
        code="invalid-input",
        errors={"/decile": "int-parsing", "/pensioner": "bool-parsing", "/jurisdiction": "jurisdiction"},
    ),
    "unknown fields": Wrong(
        path=FILES,
        body=household(person("head", nickname="x"), province="29"),
        status=422,
        code="invalid-input",
        errors={"/members/0/nickname": "extra-forbidden", "/province": "extra-forbidden"},
    ),
    "wrong checksums": Wrong(
        path=FILES,
        body=TWO_WRONG,
        status=422,
        code="invalid-input",
        errors={
            "/members/0/identity/value": "national-id",
            "/members/1/sex": "enum",
            "/decile": "less-than-equal",
            "/postal_code": "postal-code",
        },
    ),
    "a stale If-Match": Wrong(
        method="PATCH",
        path=FILE,
        body={"decile": 1},
        headers={"If-Match": '"7"'},
        status=412,
        code="precondition-failed",
    ),
    "any If-Match": Wrong(
        method="PATCH", path=FILE, body={"decile": 1}, headers={"If-Match": "*"}, status=412, code="precondition-failed"
    ),
    "no If-Match": Wrong(method="PATCH", path=FILE, body={"decile": 1}, status=428, code="precondition-required"),
    "a used Idempotency-Key": Wrong(
        path=FILES,
        body=household(),
        headers={"Idempotency-Key": "used"},
        status=422,
        code="idempotency-key-reused",
    ),
    "an oversized body": Wrong(path=FILES, content=b" " * (1024 * 1024 + 1), status=413, code="payload-too-large"),
    "a foreign center": Wrong(
        path=FILES, body=household(jurisdiction=OTHER_PROVINCE), status=403, code="scope-forbidden"
    ),
    "a center that does not exist": Wrong(
        path=FILES,
        body=household(jurisdiction="2901999"),
        status=422,
        code="center-not-open",
        errors={"/jurisdiction": "center-not-open"},
    ),
    "an unknown filter": Wrong(
        method="GET", path=FILES, params={"center": CENTER}, status=422, code="unknown-parameter"
    ),
    "an unknown value of a filter": Wrong(
        method="GET",
        path=FILES,
        params={"status": "open"},
        status=422,
        code="invalid-input",
        errors={"/query/status": "enum"},
    ),
    "a cursor that is none": Wrong(method="GET", path=FILES, params={"after": "x"}, status=422, code="invalid-cursor"),
    "the third person is in another file": Wrong(
        path=FILES,
        body=household(person("head"), person(), person(identity={"type": "national", "value": "0499370899"})),
        status=409,
        code="person-already-in-case-file",
        errors={"/members/2/identity": "person-already-in-case-file"},
    ),
    "a file that is not there": Wrong(
        method="GET", path=f"{FILES}/{MISSING}", template=FILE, status=404, code="not-found"
    ),
    "an upload that is no NDJSON": Wrong(
        path=f"{FILES}:import",
        params={"source": "x"},
        content=b"{}",
        headers={"Content-Type": "application/json"},
        status=415,
        code="unsupported-media-type",
    ),
    "an upload without its source": Wrong(
        path=f"{FILES}:import", content=b"{}", headers={"Content-Type": NDJSON}, status=422, code="invalid-input"
    ),
    "a distribution of a center": Wrong(
        path="/v1/distributions",
        body={"jurisdiction": CENTER, "on": OPENING_DAY},
        status=422,
        code="not-a-county-or-province",
    ),
}


@pytest.mark.parametrize("name", AT_CASEFILE)
async def test_at_casefile(casefile: Running, caller_at: CallerAt, postgres: PostgresServer, name: str) -> None:
    client = await caller_at(casefile, COUNTY)
    known = person("head", identity={"type": "national", "value": "0499370899"})
    file = await sent(client, "POST", FILES, json=household(known, jurisdiction=NEIGHBOUR))
    await sent(client, "POST", FILES, json=household(), headers={"Idempotency-Key": "used"})
    await _refused_in_both_languages(casefile, client, postgres, AT_CASEFILE[name], case_file_id=file["id"])
    assert await sent(client, "GET", f"{FILES}/{file['id']}") == file


AT_REGISTRY: Mapping[str, Wrong] = {
    "wrong types and unknown fields": Wrong(
        path="/v1/centers",
        body={"county": COUNTY, "name_fa": 1, "area_class": "town", "latitude": "north", "longitude": 5, "files": 1},
        status=422,
        code="invalid-input",
        errors={
            "/name_fa": "string-type",
            "/area_class": "enum",
            "/latitude": "float-parsing",
            "/longitude": "greater-than-equal",
            "/files": "extra-forbidden",
        },
    ),
    "a county that does not exist": Wrong(
        path="/v1/centers",
        body=NEW_CENTER | {"county": "2999"},
        status=422,
        code="county-unknown",
        errors={"/county": "county-unknown"},
    ),
    "a center that does not exist": Wrong(
        method="GET", path="/v1/centers/2901999", template="/v1/centers/{code}", status=404, code="not-found"
    ),
    "a posting at a center that does not exist": Wrong(
        path="/v1/postings",
        body={"person": "x", "role": "center-manager", "jurisdiction": "2901999"},
        status=422,
        code="place-unknown",
    ),
    "one of several centers is wrong": Wrong(
        path="/v1/centers:plan",
        body={"centers": [NEW_CENTER, NEW_CENTER | {"county": None, "code": CENTER}]},
        status=409,
        code="center-code-taken",
        errors={"/centers/1/code": "center-code-taken"},
    ),
    "one of several centers is not ready": Wrong(
        path="/v1/centers:open", body={"codes": [CENTER]}, status=409, code="centers-not-ready"
    ),
    "a stale If-Match": Wrong(
        method="PATCH",
        path="/v1/centers/{code}",
        body={"name_fa": "x"},
        headers={"If-Match": '"7"'},
        status=412,
        code="precondition-failed",
    ),
    "an unknown filter": Wrong(
        method="GET", path="/v1/centers", params={"province": "29"}, status=422, code="unknown-parameter"
    ),
    "a date that is none": Wrong(
        method="GET",
        path="/v1/parameters:in-force",
        params={"on": "1404-13-01"},
        status=422,
        code="invalid-input",
        errors={"/query/on": "date-from-datetime-parsing"},
    ),
}


@pytest.mark.parametrize("name", AT_REGISTRY)
async def test_at_registry(registry: Running, caller_at: CallerAt, postgres: PostgresServer, name: str) -> None:
    client = await caller_at(registry, "IR")
    await sent(client, "POST", "/v1/centers", json=NEW_CENTER | {"county": None, "code": CENTER})
    await _refused_in_both_languages(registry, client, postgres, AT_REGISTRY[name], code=CENTER)


async def _refused_in_both_languages(
    served: Running, client: httpx.AsyncClient, postgres: PostgresServer, wrong: Wrong, **about: str
) -> None:
    before = await _everything(served, postgres)
    for language in ("fa", "en"):
        answer = await wrong.sent_by(client, language, **about)
        assert refused(served, wrong.method, wrong.template or wrong.path, answer) == wrong.code
        problem = answer.json()
        assert (answer.status_code, problem["status"]) == (wrong.status, wrong.status)
        assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (language, "Accept-Language")
        assert problem["title"] == PROBLEMS[wrong.code].title[language]
        assert problem["type"] == f"/problems/{wrong.code}"
        wrongs = {each["pointer"]: each for each in problem.get("errors", ())}
        assert {pointer: each["code"] for pointer, each in wrongs.items()} == wrong.errors or not wrong.errors
        for told in (problem["title"], problem.get("detail"), *(each["message"] for each in wrongs.values())):
            assert told is None or bool(PERSIAN.search(told)) == (language == "fa"), told
        assert WRONG_ID not in answer.text, "what was refused is not repeated"
    assert await _everything(served, postgres) == before


WORKED_OUT = ["visit_interval"]
"""What a service works out by itself, a moment after it has started."""


async def _everything(served: Running, postgres: PostgresServer) -> Mapping[str, str]:
    """A fingerprint of each table, the outbox with what was to be announced included."""
    database = str(served.settings.database_url.path).strip("/")
    connection = await asyncpg.connect(postgres.url_for(database, user="postgres"))
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL($1) ORDER BY tablename",
            WORKED_OUT,
        )
        # what the relay notes beside an event is its own
        columns = {"outbox": "(id, type, subject, payload)"}
        return {
            table: await connection.fetchval(
                f"SELECT md5(coalesce(string_agg({columns.get(table, 'row')}::text, ',' ORDER BY row::text), ''))"
                f" FROM {table} AS row"
            )
            for (table,) in tables
        }
    finally:
        await connection.close()


async def test_tokens_that_are_none(served: Running, actor_key: OKPKey) -> None:
    name = served.service.name
    other = "registry" if name == "casefile" else "casefile"
    actor = Actor(subject="x", roles=frozenset(Role), scope=Jurisdiction("IR"))
    stranger = OKPKey.generate_key("Ed25519", parameters={"kid": "tests", "alg": "Ed25519", "use": "sig"})
    good = sign(actor, audience=name, key=actor_key)
    head, claims, signature = good.split(".")
    tokens = {
        "expired": sign(actor, audience=name, key=actor_key, now=time.time() - 3_600),
        "forged": sign(actor, audience=name, key=stranger),
        "for another service": sign(actor, audience=other, key=actor_key),
        "changed": f"{head}.{claims[:-2]}xx.{signature}",
        "without its signature": f"{head}.{claims}.",
        "twice": f"{good} {good}",
        "no text": "\xff",
    }
    path = LISTS[name]
    client = await served.client()
    assert (await client.get(path, headers={"Authorization": f"Bearer {good}"})).status_code == 200
    for language in ("fa", "en"):
        for what, token in tokens.items():
            headers = {b"Authorization": f"Bearer {token}".encode("latin-1"), b"Accept-Language": language.encode()}
            answer = await client.get(path, headers=headers)
            assert refused(served, "GET", path, answer) == "unauthorised", what
            assert answer.json()["title"] == PROBLEMS["unauthorised"].title[language]
            assert answer.headers["WWW-Authenticate"] == "Bearer", what
