"""One contract of many."""

import json
from typing import Any

import pytest

from gateway.contract import Contract, ContractError
from gateway.merge import merge, rendered
from gateway.pages import own_contract


def contract(path: str, identity: str, schemas: dict[str, Any] | None = None, **declared: Any) -> dict[str, Any]:
    operation = {
        "operationId": identity,
        "tags": [identity.title()],
        "x-permission": "case-file:read",
        "x-scope": "required",
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": _ref("Thing")}}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": identity},
        "paths": {path: {"get": operation | declared}},
        "components": {"schemas": schemas or {"Thing": {"type": "object"}}},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(document: dict[str, Any], path: str) -> str:
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return str(schema["$ref"].rpartition("/")[2])


def test_every_operation_says_which_service_answers_it() -> None:
    document = merge({"casefile": contract("/v1/a", "read_a"), "registry": contract("/v1/b", "read_b")})
    services = {path: methods["get"]["x-service"] for path, methods in document["paths"].items()}
    assert services == {"/v1/a": "casefile", "/v1/b": "registry"}


def test_schemas_that_say_the_same_are_one() -> None:
    document = merge({"casefile": contract("/v1/a", "read_a"), "registry": contract("/v1/b", "read_b")})
    assert list(document["components"]["schemas"]) == ["Thing"]
    assert _answer(document, "/v1/a") == _answer(document, "/v1/b") == "Thing"


def test_schemas_that_differ_take_the_name_of_their_service() -> None:
    document = merge(
        {
            "casefile": contract("/v1/a", "read_a", {"Thing": {"type": "object"}}),
            "registry": contract("/v1/b", "read_b", {"Thing": {"type": "string"}}),
        }
    )
    assert document["components"]["schemas"] == {
        "CasefileThing": {"type": "object"},
        "RegistryThing": {"type": "string"},
    }
    assert _answer(document, "/v1/a") == "CasefileThing"
    assert _answer(document, "/v1/b") == "RegistryThing"


def test_schemas_that_refer_to_different_ones_differ() -> None:
    thing = {"type": "array", "items": _ref("Part")}
    document = merge(
        {
            "casefile": contract("/v1/a", "read_a", {"Thing": thing, "Part": {"type": "integer"}}),
            "registry": contract("/v1/b", "read_b", {"Thing": thing, "Part": {"type": "string"}}),
        }
    )
    schemas = document["components"]["schemas"]
    assert set(schemas) == {"CasefileThing", "CasefilePart", "RegistryThing", "RegistryPart"}
    assert schemas["RegistryThing"]["items"] == _ref("RegistryPart")


def test_the_callers_side_is_told_what_the_gateway_adds() -> None:
    operation = merge({"casefile": contract("/v1/a", "read_a")})["paths"]["/v1/a"]["get"]
    assert {"400", "403", "429", "502", "503", "504"} <= set(operation["responses"])
    assert operation["security"] == [{"oidc": []}]
    assert {"$ref": "#/components/parameters/Scope"} in operation["parameters"]


def test_what_is_documented_stays() -> None:
    responses = {
        "200": {"description": "", "content": {"application/json": {"schema": _ref("Thing")}}},
        "403": {
            "description": "Not on Fridays",
            "content": {
                "application/problem+json": {
                    "examples": {"friday": {"summary": "Not on Fridays", "value": {"status": 403}}}
                }
            },
        },
    }
    document = merge({"casefile": contract("/v1/a", "read_a", responses=responses)})
    shown = document["paths"]["/v1/a"]["get"]["responses"]["403"]
    examples = shown["content"]["application/problem+json"]["examples"]
    assert {"friday", "no-posting", "scope-forbidden"} <= set(examples)
    assert shown["description"].startswith("Not on Fridays; ")
    assert document["components"]["examples"]["friday"]["summary"] == "Not on Fridays"


def test_the_same_input_gives_the_same_text() -> None:
    contracts = {"gateway": own_contract(), "casefile": contract("/v1/a", "read_a")}
    once = rendered(merge(contracts))
    again = rendered(merge(json.loads(json.dumps(contracts))))
    assert once == again
    assert "مثبت زندگی" in once, "Persian stays readable"


def test_the_input_is_left_alone() -> None:
    given = contract("/v1/a", "read_a")
    before = json.dumps(given)
    merge({"casefile": given})
    assert json.dumps(given) == before


def test_two_services_may_not_want_the_same_address() -> None:
    with pytest.raises(ContractError, match="GET /v1/a"):
        merge({"casefile": contract("/v1/a", "read_a"), "registry": contract("/v1/a", "read_b")})


def test_an_operation_without_a_permission_cannot_be_reached() -> None:
    given = contract("/v1/a", "read_a")
    del given["paths"]["/v1/a"]["get"]["x-permission"]
    with pytest.raises(ContractError, match="x-permission"):
        merge({"casefile": given})


def test_the_gateways_own_operations_are_among_them() -> None:
    operations = Contract(merge({"gateway": own_contract()})).operations
    assert {"read_me", "read_center_overview", "follow_events"} <= set(operations)
    assert operations["read_me"].permission is None
    assert operations["follow_events"].streams_down
