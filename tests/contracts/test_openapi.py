"""What is committed is what the code says: each service's contract, and the one that the gateway makes of them."""

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.contract import MERGED, METHODS, Contract
from gateway.merge import committed, merge, rendered

ROOT = Path(__file__).parents[2]
SERVICES = sorted(folder.name.removeprefix("svc-") for folder in ROOT.glob("svc-*"))


def committed_by(service: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / f"svc-{service}" / "openapi.json").read_text(encoding="utf-8"))
    return document


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": item[method]
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


@pytest.mark.parametrize("service", SERVICES)
def test_the_committed_contract_is_what_the_service_is(service: str) -> None:
    app = importlib.import_module(f"svc_{service}.main").service.app
    assert committed_by(service) == json.loads(json.dumps(app.openapi())), "run `make openapi`"


def test_the_merged_contract_is_made_of_the_committed_ones() -> None:
    assert MERGED.read_text(encoding="utf-8") == rendered(merge(committed())), "run `make openapi`"


def test_schemas_are_called_by_words() -> None:
    """Clients are generated from them: a class in TypeScript is not to be called by a module of ours."""
    schemas = json.loads(MERGED.read_text(encoding="utf-8"))["components"]["schemas"]
    assert [name for name in schemas if not re.fullmatch("[A-Z][A-Za-z0-9]*(_[A-Z][A-Za-z0-9]*_)?", name)] == []


def test_every_operation_of_every_service_is_reachable_and_no_other() -> None:
    """Scoping failure 1: an operation without a permission, or unknown to the gateway, cannot be reached."""
    known = {
        f"{each.method} {each.path}": each for each in Contract.load().operations.values() if each.service != "gateway"
    }
    offered = {
        name: (service, declared)
        for service in SERVICES
        for name, declared in operations(committed_by(service)).items()
    }
    assert known.keys() == offered.keys()
    for name, (service, declared) in offered.items():
        assert known[name].service == service
        assert known[name].public == declared.get("x-public", False)
        assert (known[name].permission or "none") == declared["x-permission"]
        assert (known[name].permission is None) == known[name].public
        assert known[name].scoped == (declared["x-scope"] == "required")
        assert known[name].personal == bool(declared.get("x-personal"))


def test_every_reference_leads_somewhere() -> None:
    document = json.loads(MERGED.read_text(encoding="utf-8"))

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                target: Any = document
                for step in node["$ref"].removeprefix("#/").split("/"):
                    target = target[step]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document)


def test_every_operation_documents_what_the_gateway_may_answer() -> None:
    for name, declared in operations(json.loads(MERGED.read_text(encoding="utf-8"))).items():
        assert {"429", "503", "504"} <= declared["responses"].keys(), name
        assert ({"401", "403"} <= declared["responses"].keys()) != bool(declared.get("x-public")), name
