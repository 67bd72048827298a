"""What the API says about provinces and counties."""

import re
from typing import Annotated

from pydantic import BaseModel, Field

from shared.chassis.pages import ListQuery
from shared.kit.problems import InvalidValue
from shared.kit.text import Code


class ProvinceCode(Code):
    """The official code of a province: 2 digits."""

    pattern = "^[0-9۰-۹٠-٩]{2}$"
    examples = ("29",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{2}", text):
            raise InvalidValue("province-code", fa="کد استان ۲ رقم است", en="the code of a province has 2 digits")
        return text


class CountyCode(Code):
    """The official code of a county: 4 digits, the first two its province."""

    pattern = "^[0-9۰-۹٠-٩]{4}$"
    examples = ("2901",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{4}", text):
            raise InvalidValue("county-code", fa="کد شهرستان ۴ رقم است", en="the code of a county has 4 digits")
        return text


class ProvinceRead(BaseModel):
    code: ProvinceCode
    iso_3166_2: Annotated[str, Field(examples=["IR-29"])]
    name_fa: str
    name_en: str


class CountyRead(BaseModel):
    code: CountyCode
    province: ProvinceCode
    name_fa: str
    name_en: str
    latitude: Annotated[float, Field(description="Of the middle of the county, for maps")]
    longitude: float


class ProvinceFilters(ListQuery):
    pass


class CountyFilters(ListQuery):
    province: ProvinceCode | None = None
