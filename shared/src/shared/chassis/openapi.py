"""The contract of a service, in a form that every OpenAPI 3.1 tool reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.kit.problems import Problem, type_prefix

PROBLEM = "application/problem+json"
REFERENCE = "#/components/schemas/"

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. `code` never changes; `title` and `detail` are in the caller's language.",
    "required": ["type", "code", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer into the body"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


def contract(app: FastAPI) -> dict[str, Any]:
    """Generate once; the same application always gives the same document."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, servers=[{"url": "/"}]
        )
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for generated in ("HTTPValidationError", "ValidationError"):
            schemas.pop(generated, None)
        _without_generated_answers(document["paths"])
        schemas["Problem"] = PROBLEM_SCHEMA
        components["schemas"] = {_readable(name): schemas[name] for name in sorted(schemas, key=_readable)}
        if len(components["schemas"]) < len(schemas):
            raise ValueError(f"two schemas would be called the same: {sorted(map(_readable, schemas))}")
        components["securitySchemes"] = {
            "oidc": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid-configuration"}
        }
        _plain(document)
        app.openapi_schema = renamed(document, {name: _readable(name) for name in schemas})
    return app.openapi_schema


def _readable(name: str) -> str:
    """What features call the same, FastAPI tells apart by modules (`svc_x__help_plans__schemas__Urgency`); whoever
    generates a client wants a word: `HelpPlanUrgency`."""
    if "__" not in name:
        return name
    _, feature, *_, last = name.split("__")
    return "".join(word.capitalize() for word in feature.removesuffix("s").split("_")) + last


def renamed(node: Any, schemas: Mapping[str, str]) -> Any:
    """A document whose schemas have other names, or a part of one."""
    if isinstance(node, list):
        return [renamed(value, schemas) for value in node]
    if not isinstance(node, dict):
        return node
    copy = {key: renamed(value, schemas) for key, value in node.items()}
    if isinstance(reference := node.get("$ref"), str) and reference.startswith(REFERENCE):
        name = reference.removeprefix(REFERENCE)
        copy["$ref"] = REFERENCE + schemas.get(name, name)
    return copy


def documented(problems: Sequence[type[Problem]]) -> dict[int | str, dict[str, Any]]:
    """The problems of an operation as OpenAPI responses, one example for each code."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in sorted(set(problems), key=lambda each: (each.status, each.code)):
        response = responses.setdefault(
            problem.status,
            {
                "description": "",
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        title = problem.title["en"]
        response["description"] = f"{response['description']}; {title}".removeprefix("; ")
        response["content"][PROBLEM]["examples"][problem.code] = {
            "summary": title,
            "description": problem.title["fa"],
            "value": {
                "type": f"{type_prefix}{problem.code}",
                "code": problem.code,
                "title": title,
                "status": problem.status,
            },
        }
    return responses


def _without_generated_answers(paths: dict[str, Any]) -> None:
    """FastAPI documents its own 422 wherever there is a parameter and no other one; `faults` never answers with it."""
    for operations in paths.values():
        for operation in operations.values():
            if operation["responses"].get("422", {}).get("description") == "Validation Error":
                del operation["responses"]["422"]


def _plain(node: Any) -> None:
    """Streams of items are `itemSchema` in OpenAPI 3.2; 3.1 tools know only `schema`."""
    if isinstance(node, dict):
        if "itemSchema" in node:
            node["schema"] = node.pop("itemSchema")
        for value in node.values():
            _plain(value)
    elif isinstance(node, list):
        for value in node:
            _plain(value)
