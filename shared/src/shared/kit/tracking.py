"""Following one's own matter without an account: a code that it was given, and a PIN that the person knows."""

import re
from itertools import pairwise

from shared.kit.problems import InvalidValue
from shared.kit.text import Code


class TrackingCode(Code):
    """16 digits, written in fours like those of a bank card."""

    pattern = "^[0-9۰-۹٠-٩ -]{16,30}$"
    examples = ("4821-0937-5512-6604",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        digits = re.sub("[ -]", "", text)
        if not re.fullmatch(r"[0-9]{16}", digits):
            raise InvalidValue("tracking-code", fa="کد رهگیری ۱۶ رقم است", en="a tracking code has 16 digits")
        return digits


class Pin(Code):
    """Six digits that whoever asked knows."""

    pattern = "^[0-9۰-۹٠-٩]{6}$"
    examples = ("402718",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{6}", text):
            raise InvalidValue("pin", fa="رمز ۶ رقم است", en="a PIN has 6 digits")
        return text


class NewPin(Pin):
    """Six digits that somebody chooses, and not the first that anybody would try."""

    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        pin = super().check(text)
        if len({(int(after) - int(before)) % 10 for before, after in pairwise(pin)}) == 1:
            raise InvalidValue(
                "pin-too-easy",
                fa="رمز نباید تکرار یک رقم یا رقم‌های پشت سر هم باشد",
                en="must not be one digit repeated or digits in a row",
            )
        return pin
