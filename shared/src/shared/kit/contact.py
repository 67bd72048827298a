"""How a household is reached."""

import re

import phonenumbers

from shared.kit.problems import InvalidValue
from shared.kit.text import Code

# nearly all numbers are written so; for them the library's rule is asked without its parser, which costs 100 µs
_USUAL_MOBILE = re.compile(r"(?:\+98|0098|0)?(9[0-9]{9})")
_IRAN = phonenumbers.PhoneMetadata.metadata_for_region("IR")
assert _IRAN is not None
assert _IRAN.mobile is not None
_IRANIAN_MOBILE = re.compile(str(_IRAN.mobile.national_number_pattern))


class PostalCode(Code):
    """The 10-digit code of one place (کد پستی). Only its form is checked; whether it exists, the post knows."""

    pattern = "^[0-9۰-۹٠-٩]{10}$"
    examples = ("9717853577",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{10}", text) or len(set(text)) == 1:
            raise InvalidValue("postal-code", fa="کد پستی باید ۱۰ رقم باشد", en="a postal code has 10 digits")
        return text


class MobileNumber(Code):
    """An Iranian mobile number, written in any usual way and kept as E.164 (`+989151234567`)."""

    pattern = r"^[+0-9۰-۹٠-٩() -]{10,20}$"
    examples = ("+989151234567", "09151234567")
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        usual = _USUAL_MOBILE.fullmatch(text)
        if usual and _IRANIAN_MOBILE.fullmatch(usual[1]):
            return f"+98{usual[1]}"
        try:
            number = phonenumbers.parse(text, "IR") if re.fullmatch(cls.pattern, text) else None
        except phonenumbers.NumberParseException:
            number = None
        if (
            number is None
            or number.country_code != 98
            or phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE
        ):
            raise InvalidValue("mobile-number", fa="شمارهٔ تلفن همراه ایران نیست", en="is not an Iranian mobile number")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
