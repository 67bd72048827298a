from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.kit.changes import KEPT


class Change(BaseModel):
    name: str = KEPT
    note: str | None = None


def test_left_out_is_not_null() -> None:
    assert Change.model_validate({}).model_fields_set == set()
    assert Change.model_validate({"note": None}).model_fields_set == {"note"}
    assert Change.model_validate({"name": "a"}).name == "a"
    with pytest.raises(ValidationError):
        Change.model_validate({"name": None})


def test_the_schema_promises_neither_null_nor_a_default() -> None:
    schema: dict[str, Any] = Change.model_json_schema()
    assert "required" not in schema
    assert schema["properties"]["name"] == {"title": "Name", "type": "string"}
