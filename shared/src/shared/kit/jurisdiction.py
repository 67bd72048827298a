"""Where something belongs, and how far a scope reaches: one prefix rule in one small type.

A center's code is its address: 2 digits province, 2 digits county, 3 digits serial (`2901003` is center 003 of
Birjand, South Khorasan). A jurisdiction is any such prefix; the empty prefix is the nation, written `IR`.
The same value answers in four places: as a scope (`covers`), as a range of rows (`range`), as the end of an event's
subject (`subject_tokens`) and as a subscription (`subject_filter`). They agree by construction and by test.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, NoReturn, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.kit.problems import InvalidValue

PATTERN: Final = r"^(IR|[0-9]{2}|[0-9]{4}|[0-9]{7})$"
_WORD = re.compile(PATTERN[1:-1])


class Level(StrEnum):
    NATION = "nation"
    PROVINCE = "province"
    COUNTY = "county"
    CENTER = "center"


_LEVELS: Final = {0: Level.NATION, 2: Level.PROVINCE, 4: Level.COUNTY, 7: Level.CENTER}


@final
class Jurisdiction:
    """A nation, province, county or center by its official code. Immutable, hashable, without an order.

    Raises ValueError when the text is none of `IR`, 2, 4 or 7 digits. The empty text is refused too: a missing
    value must never come to mean the nation (`from_code` reads columns, where the nation is the empty prefix).
    """

    __slots__ = ("code",)

    code: str
    """The prefix itself, as rows keep it: the nation is the empty string."""

    def __init__(self, value: "str | Jurisdiction") -> None:
        if isinstance(value, Jurisdiction):
            code = value.code
        elif isinstance(value, str) and _WORD.fullmatch(value):  # type: ignore[redundant-expr]  # JSON brings anything
            code = "" if value == "IR" else value
        else:
            raise InvalidValue(
                "jurisdiction",
                fa="باید IR یا کد ۲ رقمی استان، ۴ رقمی شهرستان یا ۷ رقمی مرکز باشد",
                en="must be IR, or the 2-digit code of a province, 4-digit of a county or 7-digit of a center",
            )
        object.__setattr__(self, "code", code)

    @classmethod
    def from_code(cls, code: str) -> "Jurisdiction":
        """Read what a column holds, where the nation is the empty prefix."""
        return NATION if code == "" else cls(code)

    @property
    def level(self) -> Level:
        return _LEVELS[len(self.code)]

    def covers(self, other: "Jurisdiction") -> bool:
        """Whether what belongs to `other` is inside this scope: the same place, or any place within it."""
        return other.code.startswith(self.code)

    @property
    def province(self) -> "Jurisdiction | None":
        return Jurisdiction(self.code[:2]) if len(self.code) >= 2 else None

    @property
    def county(self) -> "Jurisdiction | None":
        return Jurisdiction(self.code[:4]) if len(self.code) >= 4 else None

    @property
    def parent(self) -> "Jurisdiction | None":
        """The next wider jurisdiction; None above the nation."""
        match self.level:
            case Level.CENTER:
                return self.county
            case Level.COUNTY:
                return self.province
            case Level.PROVINCE:
                return NATION
            case Level.NATION:
                return None

    @property
    def range(self) -> tuple[str, str]:
        """The rows inside, as `from <= jurisdiction < to` in byte order (":" is the byte after "9")."""
        return self.code, self.code + ":"

    @property
    def subject_tokens(self) -> str:
        """The end of an event's subject: always three tokens, `-` where a level is absent."""
        code = self.code
        return f"{code[:2] or '-'}.{code[2:4] or '-'}.{code[4:] or '-'}"

    @property
    def subject_filter(self) -> str:
        """What to subscribe to, after the event's type, to receive what this scope covers and nothing else."""
        code = self.code
        match self.level:
            case Level.CENTER:
                return f"{code[:2]}.{code[2:4]}.{code[4:]}"
            case Level.COUNTY:
                return f"{code[:2]}.{code[2:]}.>"
            case Level.PROVINCE:
                return f"{code}.>"
            case Level.NATION:
                return ">"

    def __str__(self) -> str:
        return self.code or "IR"

    def __repr__(self) -> str:
        return f"Jurisdiction({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Jurisdiction) and self.code == other.code

    def __hash__(self) -> int:
        return hash((Jurisdiction, self.code))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Jurisdiction is immutable: {name}")

    def __reduce__(self) -> tuple[Callable[[str], "Jurisdiction"], tuple[str]]:
        return Jurisdiction, (str(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": PATTERN,
            "description": "IR for the nation, or the code of a province (2 digits), county (4) or center (7)",
            "examples": ["2901003"],
        }


NATION: Final = Jurisdiction("IR")
