"""What a PATCH body says by leaving a field out, which is not what it says by null."""

from typing import Any, Final

from pydantic import Field


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


KEPT: Final[Any] = Field(default=None, json_schema_extra=_without_default)
"""The default of a field that a change may leave out but not empty (`name: Name = KEPT`): null is refused.

Look in `model_fields_set` for what was sent.
"""
