"""What the API says and takes about dated parameters."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.changes import KEPT
from shared.kit.jurisdiction import NATION, Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import PersianText

ParameterName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]+(-[a-z0-9]+)*$", max_length=60),
    Field(examples=["files-per-center-maximum", "service-request-days-s05"]),
]
Unit = Annotated[str, StringConstraints(pattern=r"^[a-z]+$", max_length=30), Field(examples=["files"])]
Value = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
Source = Annotated[PersianText, Field(max_length=500, description="The decision or document that it follows")]


class ParameterCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: ParameterName
    jurisdiction: Jurisdiction
    value: Value
    unit: Annotated[Unit | None, Field(description="Needed for a new name only")] = None
    valid_from: Day
    valid_to: Annotated[
        Day | None,
        Field(
            description="The last day, after which what held before holds again; when absent,"
            " it holds until the next value that is already set, or until another is"
        ),
    ] = None
    source: Source

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidValue(
                "dates-out-of-order",
                fa="valid_to نباید پیش از valid_from باشد",
                en="valid_to must not be before valid_from",
            )
        return self


class ParameterUpdate(BaseModel):
    """A correction: what is sent is changed; null empties `valid_to`, and nothing else."""

    model_config = ConfigDict(extra="forbid")

    value: Value = KEPT
    valid_to: Day | None = None
    source: Source = KEPT


class ParameterRead(BaseModel):
    id: UUID
    version: int
    name: ParameterName
    jurisdiction: Jurisdiction
    value: int
    unit: Unit
    valid_from: date
    valid_to: Annotated[date | None, Field(description="The last day, that day included")]
    source: str
    set_at: AwareDatetime


class ParametersInForce(BaseModel):
    jurisdiction: Jurisdiction
    on: date
    items: Annotated[list[ParameterRead], Field(description="For each name the value of the narrowest jurisdiction")]


class ParameterFilters(ListQuery):
    name: ParameterName | None = None
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only those set inside this jurisdiction")] = None


class InForceQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: ParameterName | None = None
    jurisdiction: Jurisdiction = NATION
    on: Annotated[Day | None, Field(description="Today when absent")] = None
