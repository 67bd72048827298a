"""Routes as the contract has them."""

from typing import Any

import pytest

from gateway.contract import Contract, ContractError


def document(*paths: str, method: str = "get", **declared: Any) -> dict[str, Any]:
    return {
        "paths": {
            path: {
                method: {
                    "operationId": f"{method} {path}",
                    "x-service": "casefile",
                    "x-permission": "case-file:read",
                    "x-scope": "required",
                }
                | declared
            }
            for path in paths
        }
    }


PATHS = (
    "/v1/case-files",
    "/v1/case-files:search",
    "/v1/case-files/{id}",
    "/v1/case-files/{id}:close",
    "/v1/case-files/{id}:re:open",
    "/v1/case-files/mine",
    "/v1/case-files/{id}/members",
    "/v1/case-files/{id}/members/{member}",
    "/v1/case-files/mine/drafts",
)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/case-files", "/v1/case-files"),
        ("/v1/case-files:search", "/v1/case-files:search"),
        ("/v1/case-files/7", "/v1/case-files/{id}"),
        ("/v1/case-files/a b", "/v1/case-files/{id}"),
        ("/v1/case-files/mine", "/v1/case-files/mine"),
        ("/v1/case-files/mine/drafts", "/v1/case-files/mine/drafts"),
        ("/v1/case-files/mine/members", "/v1/case-files/{id}/members"),
        ("/v1/case-files/7:close", "/v1/case-files/{id}:close"),
        ("/v1/case-files/7:re:open", "/v1/case-files/{id}:re:open"),
        ("/v1/case-files/:close", "/v1/case-files/{id}"),
        ("/v1/case-files/7:else", "/v1/case-files/{id}"),
        ("/v1/case-files/7/members/8", "/v1/case-files/{id}/members/{member}"),
    ],
)
def test_a_path_leads_to_its_operation(path: str, template: str) -> None:
    address = Contract(document(*PATHS)).find(path)
    assert address is not None
    assert address.operations["GET"].path == template


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/v1",
        "/v1/",
        "/v1/case-files/",
        "/v1/case-files//members",
        "/v1/case-files/./members",
        "/v1/case-files/..",
        "/v1/case-files/7/members/8/9",
        "/v1/case-file",
        "v1/case-files",
        "/v1/case-files:",
        "/v1/CASE-FILES",
    ],
)
def test_other_paths_lead_nowhere(path: str) -> None:
    assert Contract(document(*PATHS)).find(path) is None


@pytest.mark.parametrize("lacking", ["operationId", "x-service", "x-permission", "x-scope"])
def test_an_operation_that_does_not_say_all_is_refused(lacking: str) -> None:
    given = document("/v1/case-files")
    del given["paths"]["/v1/case-files"]["get"][lacking]
    with pytest.raises(ContractError, match=lacking):
        Contract(given)


@pytest.mark.parametrize(
    "declared",
    [
        {"x-permission": "everything"},
        {"x-permission": "none"},
        {"x-permission": "none", "x-scope": "none"},
        {"x-scope": "maybe"},
        {"x-service": "gateway", "x-permission": "none"},
    ],
    ids=str,
)
def test_a_policy_that_is_none(declared: dict[str, str]) -> None:
    with pytest.raises(ContractError):
        Contract(document("/v1/case-files", **declared))


def test_an_operation_id_stands_for_one_operation() -> None:
    with pytest.raises(ContractError, match="twice"):
        Contract(document("/v1/a", "/v1/b", operationId="same"))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/centers/{code}", 3),
        ("/v1/centers/{code}:open", 3),
        ("/v1/reports/{center_code}", 3),
        ("/v1/reports/{year}/{jurisdiction}/summary", 4),
        ("/v1/services/{code}", None),
        ("/v1/case-files/{id}", None),
    ],
)
def test_which_segment_names_a_place(path: str, place: int | None) -> None:
    assert next(iter(Contract(document(path)).operations.values())).place == place


def test_streams_are_known_by_their_media_types() -> None:
    lines = {"content": {"application/x-ndjson": {}}}
    up = Contract(document("/v1/a", method="post", requestBody=lines)).operations["post /v1/a"]
    down = Contract(document("/v1/a", responses={"200": lines, "404": {}})).operations["get /v1/a"]
    plain = Contract(document("/v1/a", responses={"422": lines})).operations["get /v1/a"]
    assert (up.streams_up, up.streams_down) == (True, False)
    assert (down.streams_up, down.streams_down) == (False, True)
    assert (plain.streams_up, plain.streams_down) == (False, False)


def test_declared_headers_are_known() -> None:
    given = document("/v1/a", parameters=[{"name": "X-Reason", "in": "header"}, {"$ref": "#/components/parameters/P"}])
    given["components"] = {"parameters": {"P": {"name": "Prefer", "in": "header"}}}
    assert Contract(given).headers == {"x-reason", "prefer"}
