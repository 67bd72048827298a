"""What the API says about bases and devices."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.changes import KEPT
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from svc_screening.bases.models import BaseKind
from svc_screening.decisions import Word
from svc_screening.programmes.schemas import ProgrammeCode

Programmes = Annotated[list[ProgrammeCode], Field(min_length=1, max_length=10, description="What is screened for here")]
Latitude = Annotated[float, Field(ge=24, le=40)]
Longitude = Annotated[float, Field(ge=44, le=64)]


class BaseCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    center: Annotated[Jurisdiction | None, Field(description="Absent: the caller's own")] = None
    name_fa: Name
    kind: BaseKind
    programmes: Programmes
    campaign_id: Annotated[UUID | None, Field(description="For one campaign alone; absent: all year round")] = None
    address: PersianText | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    opens_on: Day
    closes_on: Annotated[Day | None, Field(description="The last day; open when absent")] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise InvalidValue(
                "half-a-map-point", fa="عرض و طول جغرافیایی با هم می‌آیند", en="latitude and longitude come together"
            )
        if self.closes_on is not None and self.closes_on < self.opens_on:
            raise InvalidValue("dates-out-of-order", fa="تاریخ‌ها به ترتیب نیست", en="the dates are out of order")
        return self


class BaseUpdate(BaseModel):
    """Only what is sent changes."""

    model_config = ConfigDict(extra="forbid")

    name_fa: Name = KEPT
    programmes: Programmes = KEPT
    address: PersianText | None = None
    closes_on: Day | None = None


class DeviceCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    instrument: Word
    model: Name | None = None
    serial_number: Annotated[str, Field(min_length=1, max_length=60, pattern="^[!-~]+$")]
    calibrated_until: Day | None = None


class DeviceUpdate(BaseModel):
    """Only what is sent changes."""

    model_config = ConfigDict(extra="forbid")

    calibrated_until: Day | None = None
    withdrawn_on: Annotated[Day | None, Field(description="From this day on it is not used any more")] = None


class DeviceRead(BaseModel):
    id: UUID
    version: int
    instrument: str
    model: str | None
    serial_number: str
    calibrated_until: date | None
    withdrawn_on: date | None


class BaseRead(BaseModel):
    id: UUID
    version: int
    center: Jurisdiction
    name_fa: str
    kind: BaseKind
    programmes: list[ProgrammeCode]
    campaign_id: UUID | None
    address: str | None
    latitude: float | None
    longitude: float | None
    opens_on: date
    closes_on: date | None
    created_at: AwareDatetime
    created_by: str
    devices: list[DeviceRead]


class BaseFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only those at this place")] = None
    programme: ProgrammeCode | None = None
    campaign_id: UUID | None = None
    kind: BaseKind | None = None
    on: Annotated[Day | None, Field(description="Only those that are open on this day")] = None
