"""What was promised to the readers of events holds: within a version only optional fields are added."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from shared.contracts.events import EVENTS
from shared.testing.goldens import breaks, committed, current


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_has_a_golden_schema_and_keeps_its_promise(name: str) -> None:
    promised = committed()

    assert name in promised, "run: python -m shared.testing.goldens"
    assert breaks(promised[name], current()[name]) == []
    assert promised[name] == current()[name], "run: python -m shared.testing.goldens"


def test_no_event_is_gone_that_was_promised() -> None:
    assert committed().keys() - current().keys() == set()


class Part(BaseModel):
    id: UUID
    weight: int | None = None


class Promised(BaseModel):
    id: UUID
    name: str
    size: int = Field(ge=0)
    parts: list[Part]
    note: str | None = None


def _changed(**fields: Any) -> dict[str, Any]:
    namespace = {**Promised.__annotations__, **{name: kind for name, (kind, _) in fields.items()}}
    defaults = {"size": Field(ge=0), "note": None, **{name: value for name, (_, value) in fields.items()}}
    kept = {name: value for name, value in defaults.items() if value is not ...}
    return type("Promised", (BaseModel,), {"__annotations__": namespace, **kept}).model_json_schema()  # type: ignore[attr-defined,no-any-return]


class Reworded(BaseModel):
    id: UUID
    weight: int | None = Field(default=None, description="In grams")


class Heavier(BaseModel):
    id: UUID
    weight: int | None = None
    colour: str


class Lighter(BaseModel):
    id: UUID


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": (str | None, None)},
        {"colour": (str, "white")},
        {"name": (str, Field(description="As people say it", examples=["x"]))},
        {"parts": (list[Reworded], ...)},
    ],
    ids=["optional", "with a default", "described", "a part under another class name"],
)
def test_readers_notice_nothing_of(fields: dict[str, Any]) -> None:
    assert breaks(Promised.model_json_schema(), _changed(**fields)) == []


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"colour": (str, ...)}, "/colour: newly required"),
        ({"note": (str | None, ...)}, "/note: newly required"),
        ({"name": (str, "")}, "/name: no longer required"),
        ({"size": (str, ...)}, '/size#type: was "integer", is "string"'),
        ({"size": (int, Field(ge=1))}, "/size#minimum: was 0, is 1"),
        ({"id": (str, ...)}, '/id#format: was "uuid", is null'),
        ({"parts": (list[Heavier], ...)}, "/parts#items/colour: newly required"),
        ({"parts": (list[Lighter], ...)}, "/parts#items/weight: removed"),
        ({"note": (int | None, None)}, '/note#anyOf/0#type: was "string", is "integer"'),
        ({"note": (str, "")}, '/note#type: was null, is "string"'),
    ],
)
def test_a_reader_would_trip_over(fields: dict[str, Any], line: str) -> None:
    assert line in breaks(Promised.model_json_schema(), _changed(**fields))


def test_a_removed_and_a_renamed_field_are_noticed() -> None:
    class Renamed(BaseModel):
        id: UUID
        title: str
        size: int = Field(ge=0)
        parts: list[Part]

    assert breaks(Promised.model_json_schema(), Renamed.model_json_schema()) == [
        "/name: removed",
        "/note: removed",
        "/title: newly required",
    ]
