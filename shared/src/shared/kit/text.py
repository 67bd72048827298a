"""Persian text as it is kept: one form for each letter, so that search and uniqueness work.

Keyboards and old systems write the same name with Arabic or Persian letters, with or without marks; what comes in is
normalised at the border and never again.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_ZWNJ = "\u200c"
_ARABIC_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
# tatweel, harakat, superscript alef; joiners, direction marks, byte order mark, soft hyphen
_DROPPED = re.compile("[\u0640\u064b-\u0652\u0670\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
# control characters that are no space, and halves of surrogate pairs, which JSON may carry and UTF-8 cannot
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
# nearly all text comes in its one form: plain Persian letters and digits, printable ASCII, single spaces between words
# and single joiners within them
_LETTERS = "[!-~ء-ؤئابة-غف-قل-وپچژکگی۰-۹،؛؟]+"
_ONE_FORM = re.compile(f"{_LETTERS}(?:[ {_ZWNJ}]{_LETTERS})*")
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_SEARCH_LETTERS = _DIGITS | str.maketrans("آأإٱةۀؤئ" + _ZWNJ, "ااااههوی ", "\u0653\u0654\u0655")


def ascii_digits(text: str) -> str:
    """Persian and Arabic digits as ASCII ones; everything else as it is."""
    return text if text.isascii() else text.translate(_DIGITS)


def normalise(text: str) -> str:
    """Text as it is kept: NFKC, Persian ی and ک, no marks, no control characters, single spaces.

    The zero-width non-joiner stays where it belongs, between two letters of a word.
    """
    if _ONE_FORM.fullmatch(text):
        return text
    text = unicodedata.normalize("NFKC", text).translate(_ARABIC_LETTERS)
    text = _UNSTORABLE.sub("", _DROPPED.sub("", text))
    if _ZWNJ not in text:
        return " ".join(text.split())
    words = (re.sub(f"{_ZWNJ}+", _ZWNJ, word.strip(_ZWNJ)) for word in text.split())
    return " ".join(word for word in words if word)


def search_key(text: str) -> str:
    """What two spellings of the same name have in common; to be indexed and compared, not shown."""
    return normalise(text).translate(_SEARCH_LETTERS).casefold()


def _normalise_any(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return normalise(value) if len(value) > _SHORT else _normalise_short(value)


_SHORT = 40


@lru_cache(maxsize=20_000)  # names are few, and a file of 15,000 households has them over and over
def _normalise_short(text: str) -> str:
    return normalise(text)


Name = Annotated[str, StringConstraints(min_length=1, max_length=100), BeforeValidator(_normalise_any)]
"""A name of a person, place or thing."""
PersianText = Annotated[str, StringConstraints(min_length=1, max_length=2000), BeforeValidator(_normalise_any)]
"""A note of a few lines."""


class Code(str):
    """Base of texts with a rule: `Subclass(text)` normalises and checks, and raises InvalidValue.

    Subclasses are pydantic types. `pattern` describes what is accepted, `examples` are for the documentation.
    """

    pattern: ClassVar[str]
    examples: ClassVar[tuple[str, ...]] = ()
    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not value.isascii():
            value = _DROPPED.sub("", ascii_digits(value))
        return str.__new__(cls, cls.check(value.strip()))

    @classmethod
    def check(cls, text: str) -> str:
        """The canonical form of `text`, whose digits are ASCII and which has no blank ends or invisible marks."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": cls.pattern, "examples": list(cls.examples)}
