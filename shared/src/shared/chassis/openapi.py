"""The contract of a service, in a form that every OpenAPI 3.1 tool reads."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.kit.problems import Problem, type_prefix

PROBLEM = "application/problem+json"

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
        components["schemas"] = dict(sorted(schemas.items()))
        components["securitySchemes"] = {
            "oidc": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid-configuration"}
        }
        _plain(document)
        app.openapi_schema = document
    return app.openapi_schema


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
