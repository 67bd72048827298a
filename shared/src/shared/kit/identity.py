"""Who a person or an institution is, by the numbers of the state."""

import re
from enum import StrEnum
from operator import mul
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from shared.kit.problems import InvalidValue
from shared.kit.text import Code

_NATIONAL_ID: Final = re.compile(r"[0-9]{8,10}")
_NATIONAL_ID_WEIGHTS: Final = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_OF_ZEROS: Final = ord("0") * sum(_NATIONAL_ID_WEIGHTS)
"""What the bytes of digits weigh more than the digits."""


class NationalId(Code):
    """An Iranian's national id (کد ملی): 10 digits with a check digit.

    Leading zeros count; 8 or 9 digits are what spreadsheets leave of them and are padded. Ten equal digits are refused.
    """

    pattern = "^[0-9۰-۹٠-٩]{8,10}$"
    examples = ("0499370899",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not _NATIONAL_ID.fullmatch(text):
            raise InvalidValue("national-id", fa="کد ملی باید ۱۰ رقم باشد", en="a national id has 10 digits")
        text = text.zfill(10)
        digits = text.encode()
        remainder = (sum(map(mul, _NATIONAL_ID_WEIGHTS, digits)) - _OF_ZEROS) % 11
        expected = remainder if remainder < 2 else 11 - remainder
        if digits[9] != ord("0") + expected or text == text[0] * 10:
            raise InvalidValue("national-id", fa="کد ملی درست نیست", en="the check digit of the national id is wrong")
        return text


class ForeignerId(Code):
    """The Interior Ministry's unique code of a foreigner (کد فراگیر): 12 digits, without a published check rule."""

    pattern = "^[0-9۰-۹٠-٩]{12}$"
    examples = ("140012345678",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{12}", text) or len(set(text)) == 1:
            raise InvalidValue("foreigner-id", fa="کد فراگیر باید ۱۲ رقم باشد", en="a foreigner's code has 12 digits")
        return text


class PassportNumber(Code):
    """A passport or residence permit number: 5 to 15 Latin letters and digits, kept in capitals."""

    pattern = "^[A-Za-z0-9۰-۹٠-٩]{5,15}$"
    examples = ("P01234567",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9]{5,15}", text):
            raise InvalidValue(
                "passport-number",
                fa="شمارهٔ گذرنامه باید ۵ تا ۱۵ حرف لاتین و رقم باشد",
                en="a passport number has 5 to 15 Latin letters and digits",
            )
        return text.upper()


class TemporaryId(Code):
    """A number that a center agreed on for a person without papers, until a better one is known."""

    pattern = "^[A-Za-z0-9۰-۹٠-٩-]{4,32}$"
    examples = ("2901003-0017",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9-]{4,32}", text):
            raise InvalidValue(
                "temporary-id",
                fa="شناسهٔ موقت باید ۴ تا ۳۲ حرف لاتین، رقم یا خط تیره باشد",
                en="a temporary id has 4 to 32 Latin letters, digits and hyphens",
            )
        return text.upper()


class InstitutionId(Code):
    """The national id of a legal person (شناسه ملی): 11 digits with a check digit."""

    pattern = "^[0-9۰-۹٠-٩]{11}$"
    examples = ("10380284790",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{11}", text):
            raise InvalidValue("institution-id", fa="شناسهٔ ملی باید ۱۱ رقم باشد", en="an institution id has 11 digits")
        shift = int(text[9]) + 2
        weighted = sum((int(digit) + shift) * (29, 27, 23, 19, 17)[place % 5] for place, digit in enumerate(text[:10]))
        if weighted % 11 % 10 != int(text[10]) or len(set(text)) == 1:
            raise InvalidValue(
                "institution-id", fa="شناسهٔ ملی درست نیست", en="the check digit of the institution's id is wrong"
            )
        return text


class IdType(StrEnum):
    NATIONAL = "national"
    FOREIGNER_UNIQUE = "foreigner_unique"
    PASSPORT = "passport"
    TEMPORARY = "temporary"


_VALUE_TYPES: Final[dict[IdType, type[Code]]] = {
    IdType.NATIONAL: NationalId,
    IdType.FOREIGNER_UNIQUE: ForeignerId,
    IdType.PASSPORT: PassportNumber,
    IdType.TEMPORARY: TemporaryId,
}


class PersonIdentity(BaseModel):
    """By what a person is known; the value obeys the rule of its type and is kept in its canonical form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: IdType
    value: str

    @field_validator("value")
    @classmethod
    def _obeys_its_type(cls, value: str, info: ValidationInfo) -> str:
        known = info.data.get("type")
        return value if known is None else str(_VALUE_TYPES[known](value))
