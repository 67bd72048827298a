"""What the API says and takes about tariffs."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.jurisdiction import NATION, Jurisdiction
from shared.kit.problems import InvalidValue
from svc_registry.catalogue.schemas import ServiceCode
from svc_registry.centers.models import AreaClass
from svc_registry.tariffs.models import TariffStatus

Rials = Annotated[int, Field(gt=0, le=1_000_000_000_000, strict=True, description="Whole rials")]


class TariffCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service_code: ServiceCode
    area_class: AreaClass
    jurisdiction: Jurisdiction
    valid_from: Day
    valid_to: Annotated[Day | None, Field(description="The last day; open when absent")] = None
    amount_rials: Rials

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidValue(
                "dates-out-of-order",
                fa="valid_to نباید پیش از valid_from باشد",
                en="valid_to must not be before valid_from",
            )
        return self


class TariffRead(BaseModel):
    id: UUID
    version: int
    status: TariffStatus
    service_code: ServiceCode
    area_class: AreaClass
    jurisdiction: Jurisdiction
    valid_from: date
    valid_to: Annotated[date | None, Field(description="The last day, that day included")]
    amount_rials: int
    drafted_by: str
    drafted_at: AwareDatetime
    signed_off_by: str | None
    signed_off_at: AwareDatetime | None


class TariffsInForce(BaseModel):
    jurisdiction: Jurisdiction
    on: date
    items: Annotated[
        list[TariffRead],
        Field(description="For each service and area class the signed-off tariff of the narrowest jurisdiction"),
    ]


class TariffFilters(ListQuery):
    service_code: ServiceCode | None = None
    area_class: AreaClass | None = None
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only those set inside this jurisdiction")] = None
    status: TariffStatus | None = None


class TariffsInForceQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service_code: ServiceCode | None = None
    area_class: AreaClass | None = None
    jurisdiction: Jurisdiction = NATION
    on: Annotated[Day | None, Field(description="Today when absent")] = None
