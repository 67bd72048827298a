"""What the API says and takes about the catalogue."""

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.changes import KEPT
from shared.kit.problems import InvalidValue
from shared.kit.text import Code, Name, PersianText


class ServiceCode(Code):
    """The code of a service in the catalogue: S and two or three digits."""

    pattern = "^[Ss][0-9۰-۹٠-٩]{2,3}$"
    examples = ("S03",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        text = text.upper()
        if not re.fullmatch(r"S[0-9]{2,3}", text):
            raise InvalidValue("service-code", fa="کد خدمت مانند S03 است", en="the code of a service looks like S03")
        return text


Domain = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=60), Field(examples=["social-affairs"])
]
ServiceName = Annotated[Name, Field(max_length=200)]
Source = Annotated[PersianText, Field(max_length=500, description="The document that it follows")]


class CatalogueServiceCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: ServiceCode
    name_fa: ServiceName
    name_en: ServiceName
    domain: Domain
    active_from: Day
    active_to: Annotated[Day | None, Field(description="The last day; open when absent")] = None
    source: Source


class CatalogueServiceUpdate(BaseModel):
    """What is sent is changed; null empties `active_to`, and nothing else."""

    model_config = ConfigDict(extra="forbid")

    name_fa: ServiceName = KEPT
    name_en: ServiceName = KEPT
    domain: Domain = KEPT
    active_to: Day | None = None
    source: Source = KEPT


class CatalogueServiceRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: ServiceCode
    version: int
    name_fa: str
    name_en: str
    domain: str
    active_from: date
    active_to: Annotated[date | None, Field(description="The last day, that day included")]
    source: str


class CatalogueFilters(ListQuery):
    on: Annotated[Day | None, Field(description="Those active on this day; all, past and future, when absent")] = None
    domain: Domain | None = None
