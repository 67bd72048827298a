"""What the API says to applicants about their own request."""

import re
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.kit.problems import InvalidValue
from shared.kit.text import Code
from svc_adoption.queue.schemas import Factors


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
    """Six digits that the applicants know."""

    pattern = "^[0-9۰-۹٠-٩]{6}$"
    examples = ("402718",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{6}", text):
            raise InvalidValue("pin", fa="رمز ۶ رقم است", en="a PIN has 6 digits")
        return text


class NewPin(Pin):
    """Six digits that the applicants choose, and not the first that anybody would try."""

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


class TrackingCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pin: Annotated[NewPin, Field(description="Chosen by the applicants; not shown again")]


class TrackingIssued(BaseModel):
    tracking_code: Annotated[TrackingCode, Field(description="For the applicants; not shown again")]


class TrackingAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracking_code: TrackingCode
    pin: Pin


class Band(BaseModel):
    """Between which places the request is, both included. Nobody's own place is told, so that nobody's is worked out
    from another's."""

    first: int
    last: Annotated[int | None, Field(description="None: beyond the last band")]


class TrackedPlace(Factors):
    """What the place follows from, and about where it is."""

    band: Band


class TrackedAdoption(BaseModel):
    """An applicant's own request: its state, and its place among those who wait. Nothing of any other family."""

    form: str
    status: str
    status_since: AwareDatetime
    opinion_due_on: Annotated[
        date | None, Field(description="Article 11: by when the court has the office's opinion, while it has not")
    ]
    place: Annotated[TrackedPlace | None, Field(description="While it waits")]
