"""Every operation says who may call it and where, is in the contract, and is known to the gateway."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from gateway.contract import MERGED, METHODS, OWN, Contract
from shared.chassis.http import Operation
from shared.chassis.openapi import PROBLEM
from shared.chassis.service import Service
from shared.contracts.permissions import EVERYONE, Permission

ROOT = Path(__file__).parents[2]

WITHOUT_A_SCOPE = {
    "list_provinces",
    "read_province",
    "list_counties",
    "read_county",
    "list_centers",
    "locate_centers",
    "read_center",
    "list_center_addresses",
    "list_services",
    "read_service",
    "list_parameters",
    "read_parameter",
    "read_parameters_in_force",
    "list_screening_programmes",
    "read_screening_programme",
    "list_screening_protocols",
    "read_screening_protocol",
    "list_screening_campaigns",
    "read_screening_campaign",
    "list_screening_clinics",
    "read_screening_clinic",
    "list_adoption_requirements",
    "read_adoption_requirement",
    "list_licence_requirements",
    "read_licence_requirement",
    "list_official_holidays",
    "count_working_days",
}
"""What anybody who is signed in may read, posted or not: where centers are, what they offer and by which rules."""
ABOUT_THE_CALLER = {"read_me"}
"""What the gateway tells everybody about themselves alone."""
WITHOUT_AN_ACCOUNT: Mapping[str, str] = {
    "submit_complaint": "whoever fears a center goes past it, and has no account with us",
    "track_complaint": "the tracking code is all that whoever complained was given",
    "rate_complaint": "whether the answer satisfies is for whoever complained to say",
    "track_service_request": "who asked follows the request by its code and a PIN, and sees its state and dates alone",
    "track_adoption_request": "applicants wait for years, and see their own state and about how many are before them",
    "verify_licence": "whoever stands before a center sees by the number on its wall whether it may be one",
}
"""What people may do who have no account, and why; each is limited by address and shows nothing that names anybody, but
whose licence hangs on the wall."""
PRINTED = {"verify_licence"}
"""Of these, what a code on a wall leads to: the number in the address is no secret and proves nothing."""
FOR_THE_CLUSTER = {"/livez", "/readyz", "/metrics"}
"""Addresses of a service outside its contract; no path of the gateway leads to them."""

Found = tuple[str, str, Mapping[str, Any]]


def _operations(document: Mapping[str, Any]) -> Iterator[Found]:
    for path, methods in document["paths"].items():
        assert methods.keys() <= set(METHODS), path
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _committed(service: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / f"svc-{service}" / "openapi.json").read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def merged() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(MERGED.read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def declared(services: Mapping[str, Service], merged: dict[str, Any]) -> list[Found]:
    """The operations of every contract, the merged one included."""
    contracts = [*map(_committed, services), merged]
    return [found for contract in contracts for found in _operations(contract)]


def test_a_service_of_the_repository_is_a_service_of_these_tests(services: Mapping[str, Service]) -> None:
    assert {path.parent.name.removeprefix("svc-") for path in ROOT.glob("svc-*/openapi.json")} == services.keys()


def test_every_operation_says_what_its_caller_must_be_allowed_to_do(declared: list[Found]) -> None:
    for method, path, operation in declared:
        if operation["operationId"] in ABOUT_THE_CALLER:
            assert (operation["x-permission"], operation["x-service"]) == ("none", OWN)
        elif operation["operationId"] in WITHOUT_AN_ACCOUNT:
            assert (operation["x-permission"], operation["x-public"]) == ("none", True)
        else:
            assert operation["x-permission"] in Permission.__members__.values(), f"{method} {path}"
        public = operation["operationId"] in WITHOUT_AN_ACCOUNT
        assert operation["security"] == ([] if public else [{"oidc": []}]), f"{method} {path}"


def test_what_needs_no_account_is_listed_here_with_its_reason(declared: list[Found]) -> None:
    public = {operation["operationId"] for _, _, operation in declared if operation.get("x-public")}
    assert public == WITHOUT_AN_ACCOUNT.keys()
    assert all(len(reason) > 20 for reason in WITHOUT_AN_ACCOUNT.values())
    for method, path, operation in declared:
        if operation["operationId"] in public:
            by_address = operation["operationId"] in PRINTED
            assert by_address or "{" not in path, f"{method} {path}: what proves something comes in a body"
            assert not operation.get("x-personal"), "nobody's file is shown without an account"


def test_every_operation_needs_a_scope_but_those_listed_here(declared: list[Found]) -> None:
    unscoped = {operation["operationId"] for _, _, operation in declared if operation["x-scope"] == "none"}
    assert unscoped == WITHOUT_A_SCOPE | ABOUT_THE_CALLER | WITHOUT_AN_ACCOUNT.keys()
    for method, path, operation in declared:
        assert operation["x-scope"] in {"required", "none"}, f"{method} {path}"
        if operation["operationId"] in WITHOUT_A_SCOPE:
            assert (method, operation["x-permission"] in EVERYONE) == ("GET", True), path


def test_every_operation_lists_its_refusals(services: Mapping[str, Service], merged: dict[str, Any]) -> None:
    for document, always in [
        *((_committed(service), {"401", "403", "422", "500", "503"}) for service in services),
        (merged, {"401", "403", "429", "500", "502", "503", "504"}),
    ]:
        for method, path, operation in _operations(document):
            answers = operation["responses"]
            asked_who = set() if operation.get("x-public") else {"401", "403"}
            assert (always - {"401", "403"}) | asked_who <= answers.keys(), f"{method} {path}"
            assert any(status.startswith("2") for status in answers), f"{method} {path}"
            for status, answer in answers.items():
                if status >= "400":
                    assert answer["content"].keys() == {PROBLEM}, f"{method} {path} {status}"
                    assert answer["content"][PROBLEM]["examples"], f"{method} {path} {status}"
            if operation["x-scope"] == "required":
                assert "400" in answers, f"{method} {path} does not say what comes without a scope"
            if "{" in path:
                assert "404" in answers, f"{method} {path}"
            if operation["operationId"] in WITHOUT_A_SCOPE or method == "GET":
                continue
            assert {"400", "413"} <= answers.keys(), f"{method} {path} takes a body of any kind and size"


def test_every_reference_leads_somewhere(services: Mapping[str, Service], merged: dict[str, Any]) -> None:
    for document in (*map(_committed, services), merged):
        for reference in _references(document):
            found: Any = document
            for step in reference.removeprefix("#/").split("/"):
                found = found.get(step, {})
            assert found, reference


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _references(each)


def test_reading_a_personal_file_is_audited(merged: dict[str, Any]) -> None:
    unaudited = {
        operation["operationId"]
        for method, _, operation in _operations(merged)
        if operation["x-permission"].startswith("case-file:")
        and (method == "GET" or operation["operationId"].startswith("search"))
        and not operation.get("x-personal")
    }
    told_numbers = {"count_case_files", "read_center_overview", "list_assignment_plans", "read_assignment_plan"}
    assert unaudited == told_numbers, "only what tells numbers goes without"


def test_what_is_served_is_what_is_declared(each_service: Service) -> None:
    """An operation that is mounted beside the contract, or beside the checks, would be open to whoever finds it."""
    served: dict[tuple[str, str], Operation] = {}
    for route in each_service.app.routes:
        assert isinstance(route, APIRoute), f"{each_service.name}: {route} is no operation"
        if route.path in FOR_THE_CLUSTER:
            continue
        assert isinstance(route, Operation), f"{each_service.name}: {route.path} is served without checks"
        served |= {(method, route.path): route for method in route.methods or ()}
    contract = {(method, path): operation for method, path, operation in _operations(_committed(each_service.name))}
    assert served.keys() == contract.keys()
    for address, operation in contract.items():
        policy = served[address].endpoint.policy  # type: ignore[attr-defined]
        assert (policy.permission or "none") == operation["x-permission"], address
        assert policy.public == operation.get("x-public", False), address
        assert ("required" if policy.scoped else "none") == operation["x-scope"], address
        assert policy.personal == operation.get("x-personal", False), address
        assert policy.purposeful == (operation.get("x-purpose") == "required"), address


def test_the_gateway_offers_what_the_services_declare_and_nothing_else(
    services: Mapping[str, Service], merged: dict[str, Any]
) -> None:
    offered = {(method, path): operation for method, path, operation in _operations(merged)}
    known = {}
    for service in services:
        for method, path, operation in _operations(_committed(service)):
            through = offered[method, path]
            known[method, path] = service
            assert through["x-service"] == service
            for said in (
                "operationId",
                "x-permission",
                "x-public",
                "x-scope",
                "x-personal",
                "x-purpose",
                "x-max-body-bytes",
            ):
                assert through.get(said) == operation.get(said), f"{method} {path}"
    own = {address for address, operation in offered.items() if operation["x-service"] == OWN}
    assert offered.keys() == known.keys() | own
    assert not own & known.keys()


def test_the_gateway_finds_every_operation_and_no_other(merged: dict[str, Any]) -> None:
    contract = Contract(merged)
    for method, path, operation in _operations(merged):
        address = contract.find(path.replace("{", "").replace("}", ""))
        assert address is not None, path
        assert address.operations[method].id == operation["operationId"]
    for path in (*FOR_THE_CLUSTER, "/", "/v1", "/v1/case-files/", "/v1/case-files/../me", "/v1//case-files", "/v2/me"):
        assert contract.find(path) is None, path
