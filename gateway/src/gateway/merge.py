"""`python -m gateway.merge [--check]`: the platform's one contract, of the services' committed ones and our own.

Schemas of the same name that say the same are one; where they differ, each takes its service's name in front
(`CasefileAddress`). The same input always gives the same document, which is committed beside this module.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from gateway.contract import MERGED, METHODS, OWN, Contract, ContractError
from gateway.errors import InvalidPurpose, InvalidScope, NoPosting, PurposeRequired
from shared.chassis.openapi import PROBLEM, REFERENCE, documented, renamed
from shared.kit.problems import (
    BadGateway,
    ScopeForbidden,
    ScopeRequired,
    TooManyRequests,
    Unavailable,
    UpstreamTimeout,
)

ROOT: Final = Path(__file__).parents[3]
_ALWAYS: Final = (TooManyRequests, BadGateway, Unavailable, UpstreamTimeout)
_SCOPED: Final = (InvalidScope, ScopeRequired, NoPosting, ScopeForbidden)

_DESCRIPTION: Final = """\
The back end of the neighbourhood welfare centers (مثبت زندگی): one address for all services.

- **Who**: a request carries an access token of the identity provider, `Authorization: Bearer …`. Operations marked
  `x-public` are for people without an account: a token is not looked at, and the limit is per address of the client.
- **Where**: what you may do depends on your postings (`GET /v1/me`). With postings in several places, say with
  `X-Scope` in which one you act: `IR`, a province (2 digits), a county (4) or a center (7). It can narrow, never widen.
- **Why**: reading a personal file (`x-personal`) is on record; `X-Purpose` adds why you read it, and has
  to where the operation says `x-purpose: required`.
- **Language**: `Accept-Language: fa` or `en` chooses the language of problems.
- **Problems** are `application/problem+json` (RFC 9457). Program against `code`; `/problems/{code}` explains each.
- **Lists** give `{items, next}`; pass `next` as `after`. **Writes** take an `Idempotency-Key`, changes an `If-Match`.
- **Limits** are told in `RateLimit` and `RateLimit-Policy`; after a 429 or 503 wait as long as `Retry-After` says.
"""

_SCOPE_PARAMETER: Final = {
    "name": "X-Scope",
    "in": "header",
    "description": "Where you act, when your postings leave a choice or to see less: IR, province, county or center.",
    "schema": {"type": "string", "pattern": "^(IR|[0-9]{2}|[0-9]{4}|[0-9]{7})$", "examples": ["2901003"]},
}

_PURPOSE_PARAMETER: Final = {
    "name": "X-Purpose",
    "in": "header",
    "description": "Why the file is read: a short sentence for those who audit, percent-encoded UTF-8 where it is not"
    " ASCII. No names and no numbers of persons; what looks like such a number is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 1800, "examples": ["call back about the wheelchair"]},
}


def merge(contracts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One document from those of the services, by name. Raises ContractError when one lacks what the gateway needs to
    enforce it, or when two services want the same path or operationId."""
    conflicting = _conflicting(contracts)
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    tags: dict[str, None] = {}
    examples: dict[str, Any] = {}
    for service, contract in contracts.items():
        names = {name: f"{service.capitalize()}{name}" for name in conflicting}
        document = renamed(deepcopy(dict(contract)), names)
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            schemas[names.get(name, name)] = schema
        for path, item in document.get("paths", {}).items():
            for method in METHODS:
                if method not in item:
                    continue
                if method in paths.setdefault(path, {}):
                    raise ContractError(f"{method.upper()} {path} is offered by {service} and by another service")
                paths[path][method] = _operation(item[method], service, examples)
                tags |= dict.fromkeys(item[method].get("tags", ()))
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Positive Life", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "examples": dict(sorted(examples.items())),
            "parameters": {
                "Scope": _SCOPE_PARAMETER,
                "Purpose": _PURPOSE_PARAMETER,
                "RequiredPurpose": _PURPOSE_PARAMETER | {"required": True},
            },
            "securitySchemes": {
                "oidc": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of the identity provider.",
                }
            },
        },
    }
    Contract(document)  # what cannot be routed is refused here, not at the next start
    return document


def committed(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """The contracts that the services have committed, and the gateway's own, which is made of its code."""
    from gateway.pages import own_contract

    found = {OWN: own_contract()}
    for file in sorted(root.glob("svc-*/openapi.json")):
        found[file.parent.name.removeprefix("svc-")] = json.loads(file.read_text(encoding="utf-8"))
    return found


def rendered(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _operation(operation: dict[str, Any], service: str, examples: dict[str, Any]) -> dict[str, Any]:
    operation["x-service"] = service
    responses = operation.setdefault("responses", {})
    problems = list(_ALWAYS)
    if operation.get("x-public"):
        operation["security"] = []
    else:
        operation["security"] = [{"oidc": []}]
        operation["parameters"] = [*operation.get("parameters", ()), {"$ref": "#/components/parameters/Scope"}]
        problems += _SCOPED if operation.get("x-scope") == "required" else [InvalidScope]
    if operation.get("x-personal"):
        required = operation.get("x-purpose") == "required"
        name = "RequiredPurpose" if required else "Purpose"
        operation["parameters"].append({"$ref": f"#/components/parameters/{name}"})
        problems += [InvalidPurpose, PurposeRequired] if required else [InvalidPurpose]
    for status, added in documented(problems).items():
        known = responses.setdefault(str(status), added)
        if known is added:
            continue
        shown = known.setdefault("content", {}).setdefault(PROBLEM, added["content"][PROBLEM])["examples"]
        for code, example in added["content"][PROBLEM]["examples"].items():
            if code not in shown:
                shown[code] = example
                known["description"] = f"{known.get('description', '')}; {example['summary']}".removeprefix("; ")
    for response in responses.values():
        shown = response.get("content", {}).get(PROBLEM, {}).get("examples", {})
        for code, example in shown.items():
            if examples.setdefault(code, example) == example:
                shown[code] = {"$ref": f"#/components/examples/{code}"}
    operation["responses"] = dict(sorted(responses.items()))
    return operation


def _conflicting(contracts: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Names that stand for different schemas, and names whose schemas refer to such."""
    versions: dict[str, list[Any]] = {}
    for contract in contracts.values():
        for name, schema in contract.get("components", {}).get("schemas", {}).items():
            versions.setdefault(name, []).append(schema)
    conflicting = {name for name, schemas in versions.items() if any(each != schemas[0] for each in schemas)}
    while True:
        drawn_in = {
            name
            for name, schemas in versions.items()
            if name not in conflicting and len(schemas) > 1 and not conflicting.isdisjoint(_references(schemas))
        }
        if not drawn_in:
            return conflicting
        conflicting |= drawn_in


def _references(node: Any) -> Iterable[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(REFERENCE)
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(prog="gateway.merge", description="Make the merged contract anew.")
    parser.add_argument("--check", action="store_true", help="only say whether the committed one is in step")
    chosen = parser.parse_args(arguments)
    document = merge(committed())
    text, name = rendered(document), MERGED.relative_to(ROOT)
    if not chosen.check:
        MERGED.write_text(text, encoding="utf-8")
        sys.stderr.write(f"{name}: {len(Contract(document).operations)} operations\n")
    elif not MERGED.exists() or MERGED.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{name} is not what the services' contracts make: run `make openapi`\n")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
