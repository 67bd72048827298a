import json

from shared.chassis.service import Service


def test_the_committed_contract_is_the_one_that_is_served(service: Service) -> None:
    committed = json.loads((service.folder / "openapi.json").read_text("utf-8"))
    assert committed == service.app.openapi(), "run: make openapi"


def test_what_needs_no_scope_is_reading_only(service: Service) -> None:
    open_to_all = {
        (method, path)
        for path, operations in service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if operation["x-scope"] == "none"
    }
    assert open_to_all == {
        ("get", f"/v1/{path}")
        for path in (
            "provinces",
            "provinces/{code}",
            "counties",
            "counties/{code}",
            "centers",
            "centers:locate",
            "centers/{code}",
            "centers/{code}/addresses",
            "services",
            "services/{code}",
            "parameters",
            "parameters:in-force",
            "parameters/{parameter_id}",
        )
    }
